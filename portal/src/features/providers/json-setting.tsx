import { useState } from "react";
import { cn } from "../../lib/cn.ts";
import { Field } from "../../ui/field.tsx";
import { Textarea } from "../../ui/input.tsx";
import { type Draft, put } from "./draft.ts";
import { useRefusal } from "./fields.tsx";

/** A text of this length is not measured at each key to find out how high it would be. */
const LARGE = 50_000;

interface JsonSettingProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  name: string;
  at: string;
  label: string;
  hint?: string;
  optional?: boolean;
  lines?: number;
}

/** One setting as JSON. While what is typed is no JSON it changes nothing, and says so. */
export function JsonSetting({ draft, onChange, name, at, label, hint, optional, lines = 4 }: JsonSettingProps) {
  const [text, setText] = useState(() => (draft[name] === undefined ? "" : JSON.stringify(draft[name], null, 2)));
  const refusal = useRefusal(`${at}/${name}`);
  const broken = text.trim() !== "" && parse(text) === undefined;
  return (
    <Field
      label={label}
      hint={hint}
      optional={optional}
      error={broken ? "This is not JSON yet; it counts once it is." : refusal}
    >
      <Textarea
        mono
        rows={lines}
        spellCheck={false}
        wrap={text.length > LARGE ? "off" : undefined}
        value={text}
        onChange={(next) => {
          setText(next);
          if (next.trim() === "") onChange(put(draft, name, undefined));
          const value = parse(next);
          if (value !== undefined) onChange(put(draft, name, value));
        }}
        className={cn("max-h-120", text.length > LARGE && "field-sizing-fixed h-120")}
      />
    </Field>
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
