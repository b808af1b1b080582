import { cn } from "../lib/cn.ts";

export interface ProgressBarProps {
  /** 0…1; absent while the whole is not known yet. */
  value?: number | undefined;
  /** What is being done, for screen readers: "Engineering drawings, copied". */
  label: string;
  tone?: "running" | "good" | "warning" | "bad" | "idle" | undefined;
  className?: string | undefined;
}

const fill = {
  running: "bg-running",
  good: "bg-good",
  warning: "bg-warning",
  bad: "bg-bad",
  idle: "bg-control",
} as const;

export function ProgressBar({ value, label, tone = "running", className }: ProgressBarProps) {
  const share = value === undefined ? undefined : Math.min(1, Math.max(0, value));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === undefined ? undefined : Math.floor(share * 100)}
      className={cn("h-1.5 overflow-hidden rounded-full bg-idle-soft", className)}
    >
      {share === undefined ? (
        <div className="bar-indeterminate h-full" />
      ) : (
        <div
          className={cn("h-full rounded-full transition-[width] duration-180", fill[tone])}
          style={{ width: `${share * 100}%` }}
        />
      )}
    </div>
  );
}
