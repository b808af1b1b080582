import { X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { cn } from "../lib/cn.ts";
import { useFieldLink } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { controlLook } from "./input.tsx";

export interface WordsInputProps {
  values: readonly string[];
  onChange: (values: string[]) => void;
  placeholder?: string | undefined;
  /** Brings what was typed into shape: ".PDF" → "pdf". */
  clean?: ((word: string) => string) | undefined;
  mono?: boolean | undefined;
  /** Commas are part of a value: for patterns. */
  keepCommas?: boolean | undefined;
  disabled?: boolean | undefined;
}

/** Several words as chips: tags, file types, patterns. Enter or a comma adds, Backspace takes the last one out. */
export function WordsInput({ values, onChange, placeholder, clean, mono, keepCommas, disabled }: WordsInputProps) {
  const link = useFieldLink();
  const [typed, setTyped] = useState("");

  const add = (text: string) => {
    const words = (keepCommas ? [text] : text.split(/[,\s]+/))
      .map((word) => (clean ? clean(word.trim()) : word.trim()))
      .filter((word) => word !== "" && !values.includes(word));
    if (words.length > 0) onChange([...values, ...new Set(words)]);
    setTyped("");
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter" || (event.key === "," && !keepCommas)) {
      if (typed.trim() === "") return;
      event.preventDefault();
      add(typed);
    } else if (event.key === "Backspace" && typed === "" && values.length > 0) {
      onChange(values.slice(0, -1));
    }
  };

  return (
    <div
      className={cn(
        controlLook,
        "flex flex-wrap items-center gap-1 px-1.5 py-1 has-aria-invalid:border-bad has-focus-visible:outline-2 has-focus-visible:outline-primary",
      )}
    >
      {values.map((value) => (
        <span
          key={value}
          className={cn(
            "inline-flex max-w-full items-center rounded-sm bg-idle-soft pl-1.5 text-xs",
            mono && "font-mono",
          )}
        >
          <span className="truncate">{value}</span>
          <button
            type="button"
            aria-label={`Remove ${value}`}
            disabled={disabled}
            onClick={() => onChange(values.filter((one) => one !== value))}
            className="grid size-6 shrink-0 place-items-center rounded-sm text-muted hover:text-foreground"
          >
            <Icon icon={X} className="size-3" />
          </button>
        </span>
      ))}
      <input
        {...link}
        value={typed}
        disabled={disabled}
        placeholder={values.length === 0 ? placeholder : undefined}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => add(typed)}
        autoComplete="off"
        spellCheck={false}
        className={cn("h-6 min-w-20 flex-1 bg-transparent px-1 text-sm outline-none", mono && "font-mono text-xs")}
      />
    </div>
  );
}
