import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";

export type Tone = "good" | "running" | "warning" | "bad" | "idle" | "primary";

export const toneText: Record<Tone, string> = {
  good: "text-good",
  running: "text-running",
  warning: "text-warning",
  bad: "text-bad",
  idle: "text-idle",
  primary: "text-primary",
};

export const toneSoft: Record<Tone, string> = {
  good: "bg-good-soft text-good",
  running: "bg-running-soft text-running",
  warning: "bg-warning-soft text-warning",
  bad: "bg-bad-soft text-bad",
  idle: "bg-idle-soft text-idle",
  primary: "bg-primary-soft text-primary",
};

/** A word or a figure on a tile. For the state of a thing use StatusBadge, which has a shape as well. */
export function Badge({
  tone = "idle",
  className,
  children,
}: {
  tone?: Tone;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        "inline-flex items-center rounded-sm px-1.5 py-px text-xs font-medium whitespace-nowrap",
        toneSoft[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
