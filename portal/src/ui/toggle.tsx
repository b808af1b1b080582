import { Checkbox as BaseCheckbox } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "../lib/cn.ts";

export interface CheckboxProps {
  checked: boolean;
  /** Some of what it stands for is chosen. */
  indeterminate?: boolean | undefined;
  onChange: (checked: boolean) => void;
  /** Beside the box. Without it give `label` for screen readers. */
  children?: ReactNode;
  label?: string | undefined;
  hint?: ReactNode;
  disabled?: boolean | undefined;
  className?: string | undefined;
}

export function Checkbox({
  checked,
  indeterminate,
  onChange,
  children,
  label,
  hint,
  disabled,
  className,
}: CheckboxProps) {
  const id = useId();
  const box = (
    <BaseCheckbox.Root
      checked={checked}
      indeterminate={indeterminate ?? false}
      disabled={disabled ?? false}
      onCheckedChange={(next) => onChange(next)}
      {...(children ? { "aria-labelledby": id } : { "aria-label": label })}
      {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
      className="relative grid size-4 shrink-0 cursor-pointer place-items-center rounded-sm border-[1.5px] border-control bg-card text-on-primary before:absolute before:-inset-1 data-checked:border-primary data-checked:bg-primary data-disabled:opacity-50 data-indeterminate:border-primary data-indeterminate:bg-primary pointer-coarse:before:-inset-3"
    >
      <BaseCheckbox.Indicator className="grid place-items-center">
        {indeterminate ? (
          <Minus size={12} strokeWidth={3} aria-hidden="true" />
        ) : (
          <Check size={12} strokeWidth={3} aria-hidden="true" />
        )}
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  );
  if (!children) return box;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the box inside is a custom control bound by aria-labelledby
    <label className={cn("flex items-start gap-2", disabled && "cursor-not-allowed", className)}>
      <span className="flex h-5 items-center">{box}</span>
      <span>
        <span id={id}>{children}</span>
        {hint && (
          <span id={`${id}-hint`} className="block text-xs text-muted">
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
