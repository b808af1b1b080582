import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";
import { type Tone, toneText } from "./badge.tsx";

export interface StatProps {
  label: string;
  /** Formatted: "12,431", "4.2 GB". */
  value: ReactNode;
  /** One quiet line below: "listing complete". */
  note?: ReactNode;
  tone?: Tone | undefined;
  spark?: ReactNode;
  className?: string | undefined;
}

/** One figure with its name and its unit. Put several into a StatGrid. */
export function Stat({ label, value, note, tone, spark, className }: StatProps) {
  return (
    <div className={cn("grid content-start gap-1 px-4 py-3", className)}>
      <dt className="text-xs font-medium text-muted">{label}</dt>
      <dd className="flex items-center justify-between gap-3">
        <span className={cn("text-xl font-semibold whitespace-nowrap", tone && toneText[tone])}>{value}</span>
        {spark}
      </dd>
      {note && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  );
}

/** Figures side by side with hairlines between them; two in a row when narrow. */
export function StatGrid({
  columns = 2,
  className,
  children,
}: {
  columns?: 2 | "auto";
  className?: string;
  children: ReactNode;
}) {
  return (
    <dl
      className={cn(
        "overflow-hidden",
        // Hairlines are the ground shining through one-pixel gaps, so they fit any number of figures a row.
        "grid gap-px bg-border *:bg-card",
        columns === 2
          ? "grid-cols-2"
          : "grid-cols-2 max-md:*:last:odd:col-span-2 md:grid-flow-col md:auto-cols-fr md:grid-cols-none",
        className,
      )}
    >
      {children}
    </dl>
  );
}
