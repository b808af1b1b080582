import { type ReactNode, useId } from "react";
import { cn } from "../lib/cn.ts";
import { type Tone, toneSoft } from "./badge.tsx";
import { Icon } from "./icon.tsx";
import { type Status, StatusBadge, statuses } from "./status-badge.tsx";

export interface Diagnosis {
  status: Status;
  /** A closer word than the status has: "Destination full". */
  label?: string | undefined;
  /** Where it is less urgent than the status usually is. */
  tone?: Tone | undefined;
  /** What happened: "Google no longer accepts the sign-in of “Drive, Purchasing”". */
  what: ReactNode;
  /** Since when, what it holds up, whose turn it is. */
  effect: ReactNode;
  /** The button that mends it. */
  action?: ReactNode;
}

export interface DiagnosisCardProps extends Diagnosis {
  /** Folded: redacted request, attempts, request id. */
  details?: ReactNode;
  className?: string | undefined;
}

/** Stands wherever something is red: what happened, since when, whose turn, the button, the details folded. */
export function DiagnosisCard({ status, label, tone, what, effect, action, details, className }: DiagnosisCardProps) {
  const { icon, tone: usual, word } = statuses[status];
  const id = useId();
  return (
    <section aria-labelledby={id} className={cn("rounded-lg px-4 py-3", toneSoft[tone ?? usual], className)}>
      <div className="flex items-start gap-3 max-md:flex-wrap">
        <Icon icon={icon} className="mt-0.5" />
        <div className="min-w-0 flex-1 text-foreground">
          <p id={id} className="font-semibold">
            <span className="sr-only">{label ?? word}: </span>
            {what}
          </p>
          <div>{effect}</div>
          {details && (
            <details className="mt-1 text-xs">
              <summary className="w-fit text-muted hover:text-foreground">Details</summary>
              <div className="mt-1 grid gap-1 wrap-anywhere">{details}</div>
            </details>
          )}
        </div>
        {action && <div className="shrink-0 self-center max-md:w-full max-md:*:w-full">{action}</div>}
      </div>
    </section>
  );
}

/** The same as a row, for lists of what needs a person. */
export function DiagnosisRow({ status, label, tone, what, effect, action }: Diagnosis) {
  return (
    <li className="grid grid-cols-[160px_1fr_auto] items-center gap-3 border-t border-border px-4 py-2.5 first:border-t-0 max-md:grid-cols-1 max-md:gap-2">
      <StatusBadge status={status} label={label} tone={tone} look="pill" className="justify-self-start" />
      <div className="min-w-0">
        <p className="font-semibold wrap-anywhere">{what}</p>
        <p className="text-xs text-muted">{effect}</p>
      </div>
      {action && <div className="max-md:*:w-full">{action}</div>}
    </li>
  );
}
