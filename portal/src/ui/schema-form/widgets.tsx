import type { RegistryWidgetsType, WidgetProps } from "@rjsf/utils";
import { useEffect } from "react";
import { PasswordInput, Select, Textarea, TextInput } from "../input.tsx";
import { Checkbox } from "../toggle.tsx";
import type { FormValue } from "./form-value.ts";
import { KeyFile } from "./key-file.tsx";

type Props = WidgetProps<FormValue>;

const asText = (value: unknown) => (value === undefined || value === null ? "" : String(value));
/** An emptied field is absent, not the empty string: servers and schemas tell them apart. */
const orAbsent = (text: string) => (text === "" ? undefined : text);

const inputTypes: Record<string, string> = {
  email: "email",
  uri: "url",
  date: "date",
  "date-time": "datetime-local",
  time: "time",
};

function Text({ id, value, onChange, onBlur, disabled, readonly, placeholder, schema, autofocus }: Props) {
  return (
    <TextInput
      id={id}
      type={inputTypes[schema.format ?? ""] ?? "text"}
      value={asText(value)}
      onChange={(text) => onChange(orAbsent(text))}
      onBlur={() => onBlur(id, value)}
      disabled={disabled}
      readOnly={readonly}
      placeholder={placeholder ?? asText(Array.isArray(schema.examples) ? schema.examples[0] : "")}
      autoFocus={autofocus}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function NumberInput({ id, value, onChange, onBlur, disabled, readonly, schema }: Props) {
  return (
    <TextInput
      id={id}
      inputMode={schema.type === "integer" ? "numeric" : "decimal"}
      className="max-w-40"
      value={asText(value)}
      // What is no number stays as it was typed, so that the check can say so.
      onChange={(text) => onChange(text.trim() === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text))}
      onBlur={() => onBlur(id, value)}
      disabled={disabled}
      readOnly={readonly}
      autoComplete="off"
    />
  );
}

function Password({ id, value, onChange, onBlur, disabled, readonly, placeholder, autofocus }: Props) {
  return (
    <PasswordInput
      id={id}
      value={asText(value)}
      onChange={(text) => onChange(orAbsent(text))}
      onBlur={() => onBlur(id, undefined)}
      disabled={disabled}
      readOnly={readonly}
      placeholder={placeholder}
      autoFocus={autofocus}
      autoComplete="off"
    />
  );
}

function Long({ id, value, onChange, onBlur, disabled, readonly, placeholder }: Props) {
  return (
    <Textarea
      id={id}
      value={asText(value)}
      onChange={(text) => onChange(orAbsent(text))}
      onBlur={() => onBlur(id, value)}
      disabled={disabled}
      readOnly={readonly}
      placeholder={placeholder}
    />
  );
}

function Choice(props: Props) {
  return props.multiple ? <Choices {...props} /> : <OneChoice {...props} />;
}

function OneChoice({ id, value, onChange, onBlur, disabled, options, required }: Props) {
  const choices = options.enumOptions ?? [];
  const index = choices.findIndex((choice) => choice.value === value);
  const only = required && choices.length === 1 && index < 0 ? choices[0] : undefined;
  // A question with one possible answer is no question.
  useEffect(() => {
    if (only) onChange(only.value);
  }, [only, onChange]);
  return (
    <Select
      id={id}
      value={index < 0 ? "" : String(index)}
      placeholder="Choose…"
      options={[
        ...(required ? [] : [{ value: "none", label: "—" }]),
        ...choices.map((choice, place) => ({ value: String(place), label: choice.label })),
      ]}
      onChange={(chosen) => onChange(chosen === "none" ? undefined : choices[Number(chosen)]?.value)}
      onBlur={() => onBlur(id, value)}
      disabled={disabled}
    />
  );
}

function Choices({ value, onChange, disabled, options }: Props) {
  const chosen: unknown[] = Array.isArray(value) ? value : [];
  return (
    <div className="grid gap-1.5">
      {(options.enumOptions ?? []).map((choice) => (
        <Checkbox
          key={choice.label}
          checked={chosen.includes(choice.value)}
          disabled={disabled}
          onChange={(on) => onChange(on ? [...chosen, choice.value] : chosen.filter((one) => one !== choice.value))}
        >
          {choice.label}
        </Checkbox>
      ))}
    </div>
  );
}

function YesNo({ value, onChange, disabled, label, schema }: Props) {
  return (
    <Checkbox checked={value === true} onChange={(on) => onChange(on)} disabled={disabled} hint={schema.description}>
      {label}
    </Checkbox>
  );
}

export const widgets: RegistryWidgetsType<FormValue> = {
  TextWidget: Text,
  URLWidget: Text,
  EmailWidget: Text,
  DateWidget: Text,
  DateTimeWidget: Text,
  TimeWidget: Text,
  UpDownWidget: NumberInput,
  PasswordWidget: Password,
  TextareaWidget: Long,
  SelectWidget: Choice,
  RadioWidget: Choice,
  CheckboxesWidget: Choices,
  CheckboxWidget: YesNo,
  number: NumberInput,
  keyFile: KeyFile,
};
