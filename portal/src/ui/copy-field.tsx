import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "./button.tsx";

export interface CopyFieldProps {
  /** What the value is, read out: "API key". */
  label: string;
  value: string;
  /** Said when copied: "Copied. This key is not shown again." */
  copied?: string | undefined;
}

/** A value to take along: a key or link shown once, a redirect address. */
export function CopyField({ label, value, copied = "Copied." }: CopyFieldProps) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState("copied");
    } catch {
      // Clipboards are refused on plain http; the value is selected on focus, so that Ctrl C does it.
      setState("refused");
    }
  };
  return (
    <div className="grid gap-1">
      <div className="flex gap-2">
        <input
          readOnly
          aria-label={label}
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          className="min-h-8 min-w-0 flex-1 rounded-md border border-border bg-sunken px-2.5 font-mono text-xs"
        />
        <Button icon={state === "copied" ? Check : Copy} onClick={() => void copy()}>
          Copy
        </Button>
      </div>
      <p role="status" className="min-h-4 text-xs text-muted">
        {state === "copied" && copied}
        {state === "refused" && "The browser refused to copy. Select the text and press Ctrl C."}
      </p>
    </div>
  );
}
