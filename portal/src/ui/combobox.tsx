import { Combobox as Base } from "@base-ui/react/combobox";
import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";
import { useFieldLink } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { controlLook, type Option } from "./input.tsx";

export interface ComboboxOption<Value extends string = string> extends Option<Value> {
  /** Options of one group stand together below its name. */
  group?: string | undefined;
  /** Left of the label, such as a glyph. */
  glyph?: ReactNode;
  /** Second line: whose it is, how it is. */
  note?: ReactNode;
}

export interface ComboboxProps<Value extends string> {
  value: Value | "";
  onChange: (value: Value) => void;
  options: readonly ComboboxOption<Value>[];
  placeholder?: string | undefined;
  /** Shown when the typed words match nothing. */
  empty?: string | undefined;
  disabled?: boolean | undefined;
  label?: string | undefined;
}

/** Of thousands the first; typing finds the others. */
const MOST_SHOWN = 200;

/** A choice out of a long list, found by typing: time zones, folders, providers. */
export function Combobox<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  empty = "Nothing matches.",
  disabled,
  label,
}: ComboboxProps<Value>) {
  const link = useFieldLink();
  const chosen = options.find((option) => option.value === value) ?? null;
  const groups = groupsOf(options);
  return (
    <Base.Root
      items={groups ?? options}
      limit={MOST_SHOWN}
      value={chosen}
      disabled={disabled ?? false}
      isItemEqualToValue={(a, b) => a.value === b.value}
      onValueChange={(option) => {
        if (option) onChange(option.value);
      }}
    >
      <div className="relative">
        <Base.Input {...link} placeholder={placeholder} aria-label={label} className={cn(controlLook, "pr-8")} />
        <Base.Trigger
          aria-label="Show the list"
          className="absolute inset-y-0 right-0 grid w-8 place-items-center text-muted"
        >
          <Icon icon={ChevronDown} />
        </Base.Trigger>
      </div>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup className="layer-in max-h-72 w-(--anchor-width) min-w-48 overflow-y-auto rounded-md border border-border bg-card py-1 shadow-layer">
            <Base.Empty className="px-3 py-1.5 text-muted empty:hidden">{empty}</Base.Empty>
            <Base.List>
              {(one: ComboboxOption<Value> | OptionGroup<Value>) =>
                "items" in one ? (
                  <Base.Group key={one.value} items={one.items}>
                    {one.value !== "" && (
                      <Base.GroupLabel className="px-3 pt-2 pb-1 text-xs font-medium text-muted">
                        {one.value}
                      </Base.GroupLabel>
                    )}
                    <Base.Collection>{(option: ComboboxOption<Value>) => item(option)}</Base.Collection>
                  </Base.Group>
                ) : (
                  item(one)
                )
              }
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface OptionGroup<Value extends string> {
  value: string;
  items: ComboboxOption<Value>[];
}

/** In the order in which they first appear; undefined where nothing is grouped. */
function groupsOf<Value extends string>(options: readonly ComboboxOption<Value>[]): OptionGroup<Value>[] | undefined {
  if (options.every(({ group }) => group === undefined)) return undefined;
  return [...Map.groupBy(options, ({ group }) => group ?? "")].map(([value, items]) => ({ value, items }));
}

const item = (option: ComboboxOption) => (
  <Base.Item
    key={option.value}
    value={option}
    className="flex min-h-8 cursor-pointer items-center gap-2 px-3 py-1 data-highlighted:bg-hover pointer-coarse:min-h-11"
  >
    {option.glyph}
    <span className="min-w-0 flex-1">
      <span className="block truncate">{option.label}</span>
      {option.note && <span className="flex items-center gap-1.5 text-xs text-muted">{option.note}</span>}
    </span>
    <Base.ItemIndicator>
      <Icon icon={Check} className="text-primary" />
    </Base.ItemIndicator>
  </Base.Item>
);
