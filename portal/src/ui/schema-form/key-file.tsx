import type { WidgetProps } from "@rjsf/utils";
import { useState } from "react";
import { ChooseFile, DropArea } from "../file-input.tsx";
import { Textarea } from "../input.tsx";
import type { FormValue } from "./form-value.ts";

/** A key file of a service account is some 2 kB; whatever is larger is another file. */
const largestBytes = 65_536;

/** The contents of a key file: dropped, chosen or pasted. */
export function KeyFile({ id, value, onChange, onBlur, disabled, readonly, autofocus }: WidgetProps<FormValue>) {
  const [said, setSaid] = useState<string>();
  const take = async (file: File | undefined) => {
    if (!file || disabled) return;
    if (file.size > largestBytes) {
      setSaid(`${file.name} is too large for a key file.`);
      return;
    }
    onChange(await file.text());
    setSaid(`${file.name} is taken over.`);
  };
  return (
    <DropArea onFile={(file) => void take(file)} className="gap-1.5">
      <Textarea
        id={id}
        mono
        rows={5}
        value={typeof value === "string" ? value : ""}
        onChange={(text) => {
          setSaid(undefined);
          onChange(text === "" ? undefined : text);
        }}
        onBlur={() => onBlur(id, value)}
        disabled={disabled}
        readOnly={readonly}
        autoFocus={autofocus}
        placeholder="Drop the file here, or paste its contents"
        autoComplete="off"
        spellCheck={false}
        className="max-h-60"
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <ChooseFile
          accept=".json,.pem,.key,application/json"
          disabled={disabled || readonly}
          onFile={(file) => void take(file)}
        >
          Choose a file
        </ChooseFile>
        <span role="status" className="text-xs text-muted">
          {said}
        </span>
      </div>
    </DropArea>
  );
}
