import type { Filters } from "../../../lib/contract.ts";
import { Field } from "../../../ui/field.tsx";
import { TextInput } from "../../../ui/input.tsx";
import { WordsInput } from "../../../ui/words-input.tsx";

export interface FiltersFormProps {
  value: Filters;
  onChange: (filters: Filters) => void;
  disabled?: boolean | undefined;
}

const megabyte = 1_000_000;

/** Which of the files below the chosen folders are kept. Everything, as long as nothing is said. */
export function FiltersForm({ value, onChange, disabled }: FiltersFormProps) {
  const types = value.types.filter((type) => type !== "*");
  return (
    <div className="grid gap-4">
      <Field label="File types" optional hint="Extensions such as pdf or dwg. None: all types.">
        <WordsInput
          values={types}
          onChange={(next) => onChange({ ...value, types: next.length > 0 ? next : ["*"] })}
          clean={(word) => word.replace(/^\*?\.+/, "").toLowerCase()}
          placeholder="pdf, dwg, docx"
          disabled={disabled}
        />
      </Field>
      <Field label="Only paths like" optional hint="Globs over the path, such as **/Manuals/**. None: all paths.">
        <WordsInput
          mono
          keepCommas
          values={value.include}
          onChange={(include) => onChange({ ...value, include })}
          placeholder="**/Manuals/**"
          disabled={disabled}
        />
      </Field>
      <Field label="Without paths like" optional hint="Left out even where they match above.">
        <WordsInput
          mono
          keepCommas
          values={value.exclude}
          onChange={(exclude) => onChange({ ...value, exclude })}
          placeholder="**/~$*"
          disabled={disabled}
        />
      </Field>
      <div className="grid gap-4 md:grid-cols-2">
        <Megabytes
          label="At least"
          value={value.min_bytes}
          onChange={(min_bytes) => onChange({ ...value, min_bytes })}
          disabled={disabled}
        />
        <Megabytes
          label="At most"
          value={value.max_bytes}
          onChange={(max_bytes) => onChange({ ...value, max_bytes })}
          disabled={disabled}
        />
      </div>
    </div>
  );
}

interface MegabytesProps {
  label: string;
  value: number | null;
  onChange: (bytes: number | null) => void;
  disabled: boolean | undefined;
}

function Megabytes({ label, value, onChange, disabled }: MegabytesProps) {
  return (
    <Field label={`${label}, in MB`} optional>
      <TextInput
        type="number"
        min={0}
        step="any"
        value={value === null ? "" : String(value / megabyte)}
        onChange={(text) => onChange(text === "" || Number(text) < 0 ? null : Math.round(Number(text) * megabyte))}
        disabled={disabled}
      />
    </Field>
  );
}
