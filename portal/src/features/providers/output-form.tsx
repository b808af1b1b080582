import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/input.tsx";
import { PairsEditor } from "../../ui/pairs-editor.tsx";
import { type Draft, pairsAt } from "./draft.ts";
import { TextSetting, useRefusal } from "./fields.tsx";
import { asKind, outputKind } from "./output.ts";

const kinds = [
  { value: "whole", label: "The whole answer" },
  { value: "one", label: "One value of it" },
  { value: "named", label: "Several values, each with a name" },
] as const;

interface OutputFormProps {
  action: Draft;
  onChange: (action: Draft) => void;
  at: string;
}

/** What later steps get of an answer. */
export function OutputForm({ action, onChange, at }: OutputFormProps) {
  const kind = outputKind(action);
  const refusal = useRefusal(`${at}/output`);
  const isPaged = "pagination" in action;
  return (
    <fieldset className="grid gap-3">
      <Field
        label="Output"
        hint={`JSONPaths into ${isPaged ? "each item" : "the answer"}. Send a call in Try it, and click a value to take its path.`}
      >
        <Select value={kind} onChange={(next) => onChange(asKind(action, next))} options={kinds} />
      </Field>
      {kind === "one" && (
        <TextSetting
          draft={action}
          onChange={onChange}
          at={at}
          name="output"
          label="Path of the value"
          mono
          placeholder="$.data[*]"
        />
      )}
      {kind === "named" && (
        <>
          <PairsEditor
            label="Value"
            hint="A name with the path of its value"
            keyLabel="Name"
            valueLabel="Path"
            value={pairsAt(action, "output")}
            onChange={(output) => onChange({ ...action, output })}
          />
          {refusal && <p className="text-xs text-bad">{refusal}</p>}
        </>
      )}
    </fieldset>
  );
}
