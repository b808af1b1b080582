import { FileText, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { formatBytes } from "../lib/format.ts";
import { IconButton } from "./button.tsx";
import { Field } from "./field.tsx";
import { ChooseFile, DropArea } from "./file-input.tsx";
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
  const change = (text: string) => {
    setRefused(undefined);
    setFile(undefined);
    onChange(text);
  };
  return (
    <DropArea onFile={(next) => void take(next)} className="gap-2">
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
      <ChooseFile accept={accept} onFile={(next) => void take(next)}>
        {file && value !== "" ? "Choose another file" : "Choose a file"}
      </ChooseFile>
    </DropArea>
  );
}
