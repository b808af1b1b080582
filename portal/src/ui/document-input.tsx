import { FileText, FileUp, X } from "lucide-react";
import { type DragEvent, type ReactNode, useId, useState } from "react";
import { cn } from "../lib/cn.ts";
import { formatBytes } from "../lib/format.ts";
import { IconButton } from "./button.tsx";
import { Field } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { Textarea } from "./input.tsx";

export interface DocumentInputProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** The contents. */
  value: string;
  onChange: (text: string) => void;
  /** Endings and media types of files that can be chosen: ".yaml,.yml". */
  accept: string;
  /** In bytes; a larger file is not taken. */
  largest: number;
  lines?: number;
}

/** A document that is dropped, chosen or pasted. What came as a file is named and not shown: it may be megabytes. */
export function DocumentInput({
  label,
  hint,
  error,
  value,
  onChange,
  accept,
  largest,
  lines = 10,
}: DocumentInputProps) {
  const chooser = useId();
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<{ name: string; bytes: number }>();
  const [refused, setRefused] = useState<string>();
  const take = async (next: File | undefined) => {
    if (!next) return;
    if (next.size > largest) {
      setRefused(`${next.name} has ${formatBytes(next.size)}; at most ${formatBytes(largest)} are taken.`);
      return;
    }
    setRefused(undefined);
    setFile({ name: next.name, bytes: next.size });
    onChange(await next.text());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const change = (text: string) => {
    setRefused(undefined);
    setFile(undefined);
    onChange(text);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the file can be chosen or pasted as well
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cn("grid gap-2 rounded-md", over && "outline-2 outline-offset-4 outline-primary outline-dashed")}
    >
      <Field label={label} error={refused ?? error} hint={hint}>
        {file && value !== "" ? (
          <p className="flex min-h-11 items-center gap-2 rounded-md border border-border bg-sunken px-3">
            <Icon icon={FileText} className="text-muted" />
            <span className="min-w-0 flex-1 truncate" title={file.name}>
              {file.name} <span className="text-muted">{formatBytes(file.bytes)}</span>
            </span>
            <IconButton icon={X} label={`Take ${file.name} out`} onClick={() => change("")} />
          </p>
        ) : (
          <Textarea
            mono
            rows={lines}
            value={value}
            onChange={change}
            placeholder="Drop the file here, or paste its contents"
            spellCheck={false}
            className="max-h-120"
          />
        )}
      </Field>
      <label
        htmlFor={chooser}
        className="inline-flex min-h-6 items-center gap-1.5 justify-self-start rounded-sm font-medium text-primary has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-primary pointer-coarse:min-h-11"
      >
        <Icon icon={FileUp} />
        {file && value !== "" ? "Choose another file" : "Choose a file"}
        <input
          id={chooser}
          type="file"
          accept={accept}
          className="sr-only"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            // The same file can be chosen again once it was changed.
            event.target.value = "";
          }}
        />
      </label>
    </div>
  );
}
