import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { TextInput } from "./input.tsx";

export interface PairsEditorProps {
  label: string;
  hint: string;
  keyLabel: string;
  valueLabel: string;
  value: Record<string, string>;
  onChange: (pairs: Record<string, string>) => void;
  suggestions?: readonly string[] | undefined;
  disabled?: boolean | undefined;
}

/** Names with values, a row each. A row counts once both of its fields are filled. */
export function PairsEditor({
  label,
  hint,
  keyLabel,
  valueLabel,
  value,
  onChange,
  suggestions,
  disabled,
}: PairsEditorProps) {
  const id = useId();
  // Rows being written are no pairs yet, and two rows may have the same name for a moment.
  const [rows, setRows] = useState<[string, string][]>(() => Object.entries(value));
  const set = (next: [string, string][]) => {
    setRows(next);
    onChange(Object.fromEntries(next.filter(([key, text]) => key.trim() !== "" && text.trim() !== "")));
  };
  const change = (place: number, pair: [string, string]) => set(rows.map((row, at) => (at === place ? pair : row)));
  return (
    <fieldset className="grid min-w-0 grid-cols-1 gap-1.5">
      <legend className="sr-only">{label}</legend>
      {rows.map(([key, text], place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
        <div key={place} className="flex items-center gap-1.5">
          <TextInput
            aria-label={`${label}, ${keyLabel.toLowerCase()} ${place + 1}`}
            placeholder={keyLabel}
            list={suggestions ? `${id}-seen` : undefined}
            value={key}
            onChange={(next) => change(place, [next, text])}
            readOnly={disabled}
          />
          <TextInput
            aria-label={`${label}, ${valueLabel.toLowerCase()} ${place + 1}`}
            placeholder={valueLabel}
            value={text}
            onChange={(next) => change(place, [key, next])}
            readOnly={disabled}
          />
          {!disabled && (
            <IconButton
              icon={X}
              label={`Remove row ${place + 1}`}
              onClick={() => set(rows.filter((_, at) => at !== place))}
            />
          )}
        </div>
      ))}
      {suggestions && (
        <datalist id={`${id}-seen`}>
          {suggestions.slice(0, 50).map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {!disabled && (
        <Button
          kind="quiet"
          size="small"
          icon={Plus}
          className="justify-self-start"
          title={hint}
          onClick={() => setRows([...rows, ["", ""]])}
        >
          {label}
        </Button>
      )}
    </fieldset>
  );
}
