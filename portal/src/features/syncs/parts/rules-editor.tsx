import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import { cn } from "../../../lib/cn.ts";
import type { MetadataRule } from "../../../lib/contract.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { TextInput } from "../../../ui/input.tsx";
import { Menu, MenuCheck } from "../../../ui/menu.tsx";
import { PairsEditor } from "../../../ui/pairs-editor.tsx";
import { partLabel, partsOf } from "../words.ts";
import { hueOfPart } from "./path-preview.tsx";
import type { Preview } from "./use-preview.ts";

export interface RulesEditorProps {
  value: MetadataRule[];
  onChange: (rules: MetadataRule[]) => void;
  preview: Preview;
  /** What the server says about a rule, by its pointer below the rules: "/0/pattern". */
  errorAt?: ((pointer: string) => string | undefined) | undefined;
  disabled?: boolean | undefined;
}

/** Rules that read metadata out of folder paths. Earlier ones win, later ones fill what is still empty. */
export function RulesEditor({ value, onChange, preview, errorAt, disabled }: RulesEditorProps) {
  const parts = partsOf(value);
  const replace = (place: number, rule: MetadataRule) => onChange(value.map((one, at) => (at === place ? rule : one)));
  const move = (place: number, by: number) => {
    const next = [...value];
    const [rule] = next.splice(place, 1);
    if (rule) next.splice(place + by, 0, rule);
    onChange(next);
  };
  const add = () =>
    onChange([...value, { pattern: value.length === 0 ? "/{system}/{equipment}/**" : "", parts: {}, set: {} }]);
  return (
    <div className="grid min-w-0 grid-cols-1 content-start gap-3">
      {value.map((rule, place) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: rules have no other identity than their place
          key={place}
          className="grid grid-cols-1 gap-3 rounded-md border border-border bg-card p-3"
        >
          <div className="flex items-end gap-1">
            <Field label={`Rule ${place + 1}`} className="min-w-0 flex-1" error={errorAt?.(`/${place}/pattern`)}>
              <TextInput
                mono
                value={rule.pattern}
                onChange={(pattern) => replace(place, { ...rule, pattern, parts: keepNamed(rule, pattern) })}
                placeholder="/{system}/{equipment}/**"
                autoComplete="off"
                spellCheck={false}
                readOnly={disabled}
              />
            </Field>
            {!disabled && (
              <>
                {place > 0 && (
                  <IconButton icon={ArrowUp} label={`Move rule ${place + 1} up`} onClick={() => move(place, -1)} />
                )}
                {place < value.length - 1 && (
                  <IconButton icon={ArrowDown} label={`Move rule ${place + 1} down`} onClick={() => move(place, 1)} />
                )}
                <IconButton
                  icon={Trash2}
                  label={`Remove rule ${place + 1}`}
                  onClick={() => onChange(value.filter((_, at) => at !== place))}
                />
              </>
            )}
          </div>
          {namedIn(rule.pattern).map((part) => (
            <PartEditor
              key={part}
              part={part}
              hue={hueOfPart(part, parts)}
              value={rule.parts[part] ?? asFound}
              seen={preview.data?.values[part]?.map((one) => one.value) ?? []}
              onChange={(next) => replace(place, { ...rule, parts: { ...rule.parts, [part]: next } })}
              disabled={disabled}
            />
          ))}
          <PairsEditor
            label="Fixed values"
            hint="Added to every file that this rule matches."
            keyLabel="Name"
            valueLabel="Value"
            value={rule.set}
            onChange={(set) => replace(place, { ...rule, set })}
            disabled={disabled}
          />
        </div>
      ))}
      {!disabled && (
        <Button icon={Plus} className="justify-self-start" onClick={add}>
          Add a rule
        </Button>
      )}
      <p className="text-xs text-muted">
        <code>{"{name}"}</code> takes one folder name, <code>*</code> any one, <code>**</code> any number of them.
        Earlier rules win; later ones fill what is still empty.
      </p>
    </div>
  );
}

type Part = MetadataRule["parts"][string];
const asFound: Part = { normalize: ["trim"], dictionary: {} };

const namedIn = (pattern: string) => [...new Set([...pattern.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ""))];

/** Parts that the pattern no longer names go with it. */
const keepNamed = (rule: MetadataRule, pattern: string) => {
  const named = namedIn(pattern);
  return Object.fromEntries(Object.entries(rule.parts).filter(([part]) => named.includes(part)));
};

const normalizations: Record<Part["normalize"][number], string> = {
  trim: "Spaces at the ends off",
  collapse_spaces: "Several spaces to one",
  strip_numbering: "Leading numbers off (“01 - ”)",
  lower: "all lower case",
  upper: "ALL UPPER CASE",
  title: "Title Case",
};
const steps = Object.keys(normalizations) as Part["normalize"];

interface PartEditorProps {
  part: string;
  hue: string;
  value: Part;
  /** Values that the preview found. */
  seen: readonly string[];
  onChange: (part: Part) => void;
  disabled: boolean | undefined;
}

function PartEditor({ part, hue, value, seen, onChange, disabled }: PartEditorProps) {
  const id = useId();
  return (
    <fieldset aria-labelledby={id} className="grid min-w-0 grid-cols-1 gap-2 border-l-2 border-border pl-3">
      <div className="flex flex-wrap items-center gap-2">
        <span id={id} className={cn("glyph rounded-sm px-1.5 py-px text-xs font-medium", hue)}>
          {partLabel(part)}
        </span>
        <span className="min-w-0 flex-1 truncate text-xs text-muted" title={seen.join(", ")}>
          {seen.length > 0 ? seen.slice(0, 6).join(", ") : "nothing found yet"}
        </span>
        <Menu
          trigger={
            <Button size="small" disabled={disabled}>
              {value.normalize.length === 0
                ? "As found"
                : `${value.normalize.length} clean-up ${value.normalize.length === 1 ? "step" : "steps"}`}
            </Button>
          }
        >
          {steps.map((step) => (
            <MenuCheck
              key={step}
              checked={value.normalize.includes(step)}
              onChange={(on) =>
                onChange({
                  ...value,
                  normalize: steps.filter((one) => (one === step ? on : value.normalize.includes(one))),
                })
              }
            >
              {normalizations[step]}
            </MenuCheck>
          ))}
        </Menu>
      </div>
      <PairsEditor
        label="Dictionary"
        hint="Says a found value differently."
        keyLabel="Found"
        valueLabel="Becomes"
        suggestions={seen}
        value={value.dictionary}
        onChange={(dictionary) => onChange({ ...value, dictionary })}
        disabled={disabled}
      />
    </fieldset>
  );
}
