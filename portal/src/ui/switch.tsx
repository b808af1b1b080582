import { Switch as Base } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";
import { cn } from "../lib/cn.ts";

export interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  className?: string | undefined;
}

/** On or off, at once: what is shown, not what is saved with a form. */
export function Switch({ checked, onChange, children, className }: SwitchProps) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the switch inside is a custom control bound by aria-labelledby
    <label className={cn("inline-flex min-h-8 items-center gap-2 font-medium pointer-coarse:min-h-11", className)}>
      <Base.Root
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
        aria-labelledby={id}
        className="relative inline-flex h-5 w-9 shrink-0 cursor-pointer items-center rounded-full border border-control bg-idle-soft p-0.5 transition-colors before:absolute before:-inset-1 data-checked:border-primary data-checked:bg-primary"
      >
        <Base.Thumb className="size-3.5 rounded-full bg-control transition-transform data-checked:translate-x-4 data-checked:bg-on-primary" />
      </Base.Root>
      <span id={id}>{children}</span>
    </label>
  );
}
