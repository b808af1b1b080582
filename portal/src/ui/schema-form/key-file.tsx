import type { WidgetProps } from "@rjsf/utils";
import { FileUp } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { cn } from "../../lib/cn.ts";
import { Icon } from "../icon.tsx";
import { Textarea } from "../input.tsx";
import type { FormValue } from "./form-value.ts";

/** A key file of a service account is some 2 kB; whatever is larger is another file. */
const largestBytes = 65_536;

/** The contents of a key file: dropped, chosen or pasted. */
export function KeyFile({ id, value, onChange, onBlur, disabled, readonly, autofocus }: WidgetProps<FormValue>) {
  const [over, setOver] = useState(false);
  const [said, setSaid] = useState<string>();
  const chooser = useId();
  const take = async (file: File | undefined) => {
    if (!file || disabled) return;
    if (file.size > largestBytes) {
      setSaid(`${file.name} is too large for a key file.`);
      return;
    }
    onChange(await file.text());
    setSaid(`${file.name} is taken over.`);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the file can be chosen or pasted as well
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={cn("grid gap-1.5 rounded-md", over && "outline-2 outline-offset-4 outline-primary outline-dashed")}
    >
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
        <label
          htmlFor={chooser}
          className="inline-flex min-h-6 items-center gap-1.5 rounded-sm font-medium text-primary has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-primary pointer-coarse:min-h-11"
        >
          <Icon icon={FileUp} />
          Choose a file
          <input
            id={chooser}
            type="file"
            accept=".json,.pem,.key,application/json"
            disabled={disabled || readonly}
            onChange={(event) => void take(event.target.files?.[0])}
            className="sr-only"
          />
        </label>
        <span role="status" className="text-xs text-muted">
          {said}
        </span>
      </div>
    </div>
  );
}
