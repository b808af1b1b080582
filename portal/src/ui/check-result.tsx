import { CircleCheck, OctagonX } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";
import { formatDuration } from "../lib/format.ts";
import { Icon } from "./icon.tsx";

export interface CheckResultProps {
  ok: boolean;
  /** What was found, or why it does not work. */
  children: ReactNode;
  tookMs?: number | undefined;
}

/** The answer of a *Test*, beneath the button: account or cause, and how long it took. */
export function CheckResultLine({ ok, children, tookMs }: CheckResultProps) {
  return (
    <p role="status" className={cn("flex items-start gap-2 rounded-md px-3 py-2", ok ? "bg-good-soft" : "bg-bad-soft")}>
      <Icon icon={ok ? CircleCheck : OctagonX} className={cn("mt-0.5", ok ? "text-good" : "text-bad")} />
      <span className="min-w-0 flex-1 wrap-anywhere">{children}</span>
      {tookMs !== undefined && <span className="shrink-0 text-xs text-muted">{formatDuration(tookMs)}</span>}
    </p>
  );
}
