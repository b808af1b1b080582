import { createContext, type ReactNode, useContext } from "react";
import type { FieldError } from "../../lib/api.ts";
import { Field } from "../../ui/field.tsx";
import { Select, Textarea, TextInput } from "../../ui/input.tsx";
import { WordsInput } from "../../ui/words-input.tsx";
import { type Draft, put, textAt, wordsAt } from "./draft.ts";

/** What the server refused, for the fields below. */
export const RefusalsContext = createContext<readonly FieldError[]>([]);

export const useRefusal = (pointer: string): string | undefined =>
  useContext(RefusalsContext).find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))
    ?.detail;

interface SettingProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** The member that is set, and where the draft stands in the request: `/definition/auth/0`. */
  name: string;
  at: string;
  label: string;
  hint?: ReactNode;
  optional?: boolean;
}

interface TextSettingProps extends SettingProps {
  mono?: boolean;
  placeholder?: string;
  lines?: number;
  disabled?: boolean | undefined;
}

export function TextSetting({
  draft,
  onChange,
  name,
  at,
  mono,
  placeholder,
  lines,
  disabled,
  ...field
}: TextSettingProps) {
  const error = useRefusal(`${at}/${name}`);
  const change = (value: string) => onChange(put(draft, name, value));
  return (
    <Field {...field} error={error}>
      {lines ? (
        <Textarea mono={mono} rows={lines} value={textAt(draft, name)} onChange={change} readOnly={disabled} />
      ) : (
        <TextInput
          mono={mono}
          value={textAt(draft, name)}
          onChange={change}
          placeholder={placeholder}
          readOnly={disabled}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </Field>
  );
}

export function NumberSetting({ draft, onChange, name, at, ...field }: SettingProps) {
  return (
    <Field {...field} error={useRefusal(`${at}/${name}`)}>
      <TextInput
        inputMode="numeric"
        className="max-w-40"
        value={textAt(draft, name)}
        // What is no number stays as it was typed, and the server says so.
        onChange={(text) => onChange(put(draft, name, text === "" || Number.isNaN(Number(text)) ? text : Number(text)))}
      />
    </Field>
  );
}

interface ChoiceSettingProps<Value extends string> extends SettingProps {
  options: readonly { value: Value; label: string }[];
}

/** The first option is what holds where nothing is set. */
export function ChoiceSetting<Value extends string>({
  draft,
  onChange,
  name,
  at,
  options,
  ...field
}: ChoiceSettingProps<Value>) {
  const chosen = options.find(({ value }) => value === textAt(draft, name)) ?? options[0];
  return (
    <Field {...field} error={useRefusal(`${at}/${name}`)}>
      <Select value={chosen?.value ?? ""} onChange={(value) => onChange(put(draft, name, value))} options={options} />
    </Field>
  );
}

interface WordsSettingProps extends SettingProps {
  placeholder?: string;
}

export function WordsSetting({ draft, onChange, name, at, placeholder, ...field }: WordsSettingProps) {
  return (
    <Field {...field} error={useRefusal(`${at}/${name}`)}>
      <WordsInput
        mono
        values={wordsAt(draft, name)}
        onChange={(words) => onChange(put(draft, name, words))}
        placeholder={placeholder}
      />
    </Field>
  );
}
