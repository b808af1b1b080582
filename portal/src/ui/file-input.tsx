import { FileUp } from "lucide-react";
import { type DragEvent, type ReactNode, useId, useState } from "react";
import { cn } from "../lib/cn.ts";
import { Icon } from "./icon.tsx";

interface TakesFile {
  onFile: (file: File | undefined) => void;
  children: ReactNode;
}

/** Where a file can be dropped. A shortcut only: what is in it offers to choose or to paste one as well. */
export function DropArea({ onFile, className, children }: TakesFile & { className?: string }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
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
      className={cn("grid rounded-md", over && "outline-2 outline-offset-4 outline-primary outline-dashed", className)}
    >
      {children}
    </div>
  );
}

interface ChooseFileProps extends TakesFile {
  /** Endings and media types: ".yaml,.yml". */
  accept: string;
  disabled?: boolean | undefined;
}

/** The button that opens the browser's dialog for a file. */
export function ChooseFile({ accept, disabled, onFile, children }: ChooseFileProps) {
  const chooser = useId();
  return (
    <label
      htmlFor={chooser}
      className="inline-flex min-h-6 items-center gap-1.5 justify-self-start rounded-sm font-medium text-primary has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-primary pointer-coarse:min-h-11"
    >
      <Icon icon={FileUp} />
      {children}
      <input
        id={chooser}
        type="file"
        accept={accept}
        disabled={disabled}
        className="sr-only"
        onChange={(event) => {
          onFile(event.target.files?.[0]);
          // The same file can be chosen again once it was changed.
          event.target.value = "";
        }}
      />
    </label>
  );
}
