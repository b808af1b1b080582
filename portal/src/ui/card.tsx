import type { LucideIcon } from "lucide-react";
import { type HTMLAttributes, type ReactNode, useId } from "react";
import { cn } from "../lib/cn.ts";
import { type Tone, toneText } from "./badge.tsx";
import { Icon } from "./icon.tsx";

/** A bordered ground for things that belong together. With a title it is a named section of the page. */
export interface CardProps extends Omit<HTMLAttributes<HTMLElement>, "title"> {
  title?: ReactNode;
  /** A few quiet words right of the title: "most urgent first", "4 of 10 places". */
  note?: ReactNode;
  icon?: LucideIcon | undefined;
  iconTone?: Tone | undefined;
  spinning?: boolean | undefined;
  /** At the right end of the head: one quiet link or button. */
  action?: ReactNode;
}

export function Card({
  title,
  note,
  icon,
  iconTone = "idle",
  spinning,
  action,
  className,
  children,
  ...rest
}: CardProps) {
  const id = useId();
  if (!title) {
    return (
      <div {...rest} className={cn("rounded-lg border border-border bg-card", className)}>
        {children}
      </div>
    );
  }
  return (
    <section {...rest} aria-labelledby={id} className={cn("rounded-lg border border-border bg-card", className)}>
      <div className="flex min-h-11 items-center gap-2 border-b border-border px-4 py-1.5">
        {icon && <Icon icon={icon} className={cn(toneText[iconTone], spinning && "spin")} />}
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        {note && <span className="min-w-0 truncate text-muted max-md:hidden">{note}</span>}
        {action && <span className="ml-auto flex items-center gap-1">{action}</span>}
      </div>
      {children}
    </section>
  );
}
