import { Plus, Trash2, X } from "lucide-react";
import { Button, IconButton } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Select, TextInput } from "../../ui/input.tsx";
import { Checkbox } from "../../ui/toggle.tsx";
import {
  type ActionInput,
  type Draft,
  draftAt,
  inputsOf,
  put,
  textAt,
  withInputs,
  withPath,
  withTitle,
} from "./draft.ts";
import { ChoiceSetting, NumberSetting, TextSetting, useRefusal } from "./fields.tsx";
import { JsonSetting } from "./json-setting.tsx";
import { OutputForm } from "./output-form.tsx";

interface ActionFormProps {
  action: Draft;
  onChange: (action: Draft) => void;
  onRemove: () => void;
  /** Where it stands in the request: `/definition/actions/3`. */
  at: string;
  /** Not saved yet: nothing refers to its key. */
  isNew: boolean;
  /** How often the output was changed from outside of the form. */
  picks: number;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"].map((value) => ({ value, label: value }));

/** One operation: how it is called, what it asks for, how its pages hang together, what it gives. */
export function ActionForm({ action, onChange, onRemove, at, isNew, picks }: ActionFormProps) {
  const shared = { draft: action, onChange, at };
  const titleError = useRefusal(`${at}/name`);
  const pathError = useRefusal(`${at}/path`);
  return (
    <div className="grid gap-5">
      <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
        <Field label="Title" error={titleError}>
          <TextInput
            value={textAt(action, "name")}
            onChange={(title) => onChange(isNew ? withTitle(action, title) : { ...action, name: title })}
            placeholder="List invoices"
            maxLength={255}
          />
        </Field>
        <TextSetting {...shared} name="key" label="Key" mono placeholder="list_invoices" />
      </div>
      <div className="grid grid-cols-[112px_minmax(0,1fr)] gap-2">
        <ChoiceSetting {...shared} name="method" label="Method" options={methods} />
        <Field label="Path" error={pathError}>
          <TextInput
            mono
            value={textAt(action, "path")}
            onChange={(path) => onChange(withPath(action, path))}
            placeholder="/invoices/{invoice}"
          />
        </Field>
      </div>
      <TextSetting {...shared} name="description" label="Description" optional lines={2} />
      <Inputs action={action} onChange={onChange} at={at} />
      <Pagination action={action} onChange={onChange} at={at} />
      <OutputForm key={picks} action={action} onChange={onChange} at={at} />
      <NumberSetting
        {...shared}
        name="cache_ttl_s"
        label="Answers may be kept for, in seconds"
        optional
        hint="For reading actions only."
      />
      <Button kind="danger" icon={Trash2} className="justify-self-start" onClick={onRemove}>
        Remove this action
      </Button>
    </div>
  );
}

const places = [
  { value: "path", label: "path" },
  { value: "query", label: "query" },
  { value: "header", label: "header" },
  { value: "body", label: "body" },
] as const;
const types = ["string", "integer", "number", "boolean", "array", "object"].map((value) => ({ value, label: value }));

function Inputs({ action, onChange, at }: Pick<ActionFormProps, "action" | "onChange" | "at">) {
  const inputs = inputsOf(action);
  const ofInput = useRefusal(`${at}/input`);
  const ofParameters = useRefusal(`${at}/parameters`);
  const refusal = ofInput ?? ofParameters;
  const set = (next: readonly ActionInput[]) => onChange(withInputs(action, next));
  const change = (place: number, part: Partial<ActionInput>) =>
    set(inputs.map((input, index) => (index === place ? { ...input, ...part } : input)));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="font-medium">Inputs</legend>
      {inputs.length === 0 && <p className="text-xs text-muted">This action asks for nothing.</p>}
      {inputs.map((input, place) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
          key={place}
          className="grid grid-cols-[minmax(0,1fr)_96px_104px_auto_auto] items-center gap-1.5 max-md:grid-cols-2 max-md:border-b max-md:border-border max-md:pb-2"
        >
          <TextInput
            mono
            aria-label={`Name of input ${place + 1}`}
            value={input.name}
            readOnly={input.in === "path"}
            onChange={(name) => change(place, { name })}
            className="max-md:col-span-2"
          />
          <Select
            aria-label={`Where ${input.name} goes`}
            value={input.in}
            onChange={(where) => change(place, { in: where })}
            options={input.in === "path" ? places.slice(0, 1) : places.slice(1)}
          />
          <Select
            aria-label={`Type of ${input.name}`}
            value={input.type}
            onChange={(type) => change(place, { type })}
            options={types}
          />
          <Checkbox
            checked={input.required}
            disabled={input.in === "path"}
            onChange={(required) => change(place, { required })}
          >
            needed
          </Checkbox>
          <IconButton
            icon={X}
            label={`Remove input ${input.name}`}
            className="max-md:justify-self-end"
            disabled={input.in === "path" ? "It stands in the path." : undefined}
            onClick={() => set(inputs.filter((_, index) => index !== place))}
          />
        </div>
      ))}
      {refusal && <p className="text-xs text-bad">{refusal}</p>}
      <Button
        kind="quiet"
        size="small"
        icon={Plus}
        className="justify-self-start"
        onClick={() => set([...inputs, newInput(action, inputs)])}
      >
        Input
      </Button>
      <details className="rounded-md border border-border">
        <summary className="px-3 py-1.5 text-muted">
          Inputs as JSON Schema: lengths, choices, lists, descriptions
        </summary>
        <div className="border-t border-border p-3">
          <JsonSetting
            key={inputs.map(({ name, type, required }) => `${name}:${type}:${required}`).join()}
            draft={action}
            onChange={onChange}
            name="input"
            at={at}
            label="Schema"
            optional
          />
        </div>
      </details>
    </fieldset>
  );
}

function newInput(action: Draft, inputs: readonly ActionInput[]): ActionInput {
  const taken = new Set(inputs.map(({ name }) => name));
  let number = inputs.length + 1;
  while (taken.has(`input_${number}`)) number++;
  const where = textAt(action, "method") === "GET" || textAt(action, "method") === "DELETE" ? "query" : "body";
  return { name: `input_${number}`, in: where, type: "string", required: false, description: "" };
}

const kinds = [
  { value: "none", label: "One answer" },
  { value: "cursor", label: "Pages by a cursor" },
  { value: "link", label: "Pages by a link to the next" },
  { value: "offset", label: "Pages by an offset" },
  { value: "page", label: "Pages by a number" },
] as const;

const beginnings: Record<(typeof kinds)[number]["value"], Draft | undefined> = {
  none: undefined,
  cursor: { kind: "cursor", items: "$.items", cursor: "$.next_cursor", param: "cursor" },
  link: { kind: "link", items: "$" },
  offset: { kind: "offset", items: "$.items", param: "offset" },
  page: { kind: "page", items: "$.items", param: "page" },
};

function Pagination({ action, onChange, at }: Pick<ActionFormProps, "action" | "onChange" | "at">) {
  const pagination = draftAt(action, "pagination");
  const kind = kinds.find(({ value }) => value === textAt(pagination, "kind"))?.value ?? "none";
  const shared = {
    draft: pagination,
    onChange: (next: Draft) => onChange(put(action, "pagination", next)),
    at: `${at}/pagination`,
  };
  return (
    <fieldset className="grid gap-3">
      <Field label="Answers come as">
        <Select
          value={kind}
          onChange={(next) => onChange(put(action, "pagination", beginnings[next]))}
          options={kinds}
        />
      </Field>
      {kind !== "none" && (
        <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
          <TextSetting {...shared} name="items" label="Items of a page" mono />
          {kind === "cursor" && <TextSetting {...shared} name="cursor" label="The next cursor" mono />}
          {kind === "link" && (
            <TextSetting
              {...shared}
              name="next"
              label="The next address"
              mono
              optional
              hint="The Link header if empty."
            />
          )}
          {kind !== "link" && <TextSetting {...shared} name="param" label="Parameter" mono />}
          <NumberSetting {...shared} name="max_items" label="At most, in items" optional />
        </div>
      )}
    </fieldset>
  );
}
