import { type ReactNode, useId } from "react";
import { cn } from "../lib/cn.ts";

export interface RadioCard<Value extends string> {
  value: Value;
  title: ReactNode;
  /** What choosing it means, in a sentence. */
  detail?: ReactNode;
  /** Why it cannot be chosen now. */
  disabled?: string | undefined;
}

export interface RadioCardsProps<Value extends string> {
  legend: string;
  hideLegend?: boolean | undefined;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly RadioCard<Value>[];
  /** Side by side where there is room. */
  columns?: 1 | 2 | 3 | undefined;
  disabled?: boolean | undefined;
}

const grids = { 1: "", 2: "md:grid-cols-2", 3: "md:grid-cols-3" } as const;

/** One of a few, each with a sentence: the browser's own radio buttons, so arrow keys work. */
export function RadioCards<Value extends string>({
  legend,
  hideLegend,
  value,
  onChange,
  options,
  columns = 1,
  disabled,
}: RadioCardsProps<Value>) {
  const name = useId();
  return (
    <fieldset>
      <legend className={hideLegend ? "sr-only" : "mb-1 font-medium"}>{legend}</legend>
      <div className={cn("grid gap-2", grids[columns])}>
        {options.map((option) => (
          <label
            key={option.value}
            className={cn(
              "flex items-start gap-2.5 rounded-md border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-primary",
              option.value === value ? "border-primary bg-primary-soft" : "border-border bg-card",
              option.disabled || disabled ? "cursor-not-allowed opacity-70" : "hover:border-control",
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={Boolean(option.disabled) || disabled}
              onChange={() => onChange(option.value)}
              className="mt-0.5 size-4 shrink-0 accent-(--primary) focus-visible:outline-none"
            />
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium">{option.title}</span>
              {(option.disabled || option.detail) && (
                <span className="block text-xs text-muted">{option.disabled ?? option.detail}</span>
              )}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
