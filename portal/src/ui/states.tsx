import type { LucideIcon } from "lucide-react";
import { OctagonX, SearchX } from "lucide-react";
import { type ReactNode, useState } from "react";
import { ApiError } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

export interface EmptyStateProps {
  icon?: LucideIcon | undefined;
  /** "No syncs yet" */
  title: string;
  /** What this is for, in a sentence. */
  children?: ReactNode;
  /** One button that makes the first one, and at most one quiet one beside it. */
  action?: ReactNode;
  className?: string | undefined;
}

/** Nothing here yet: what it is for and how to begin. */
export function EmptyState({ icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn("mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-12 text-center", className)}>
      {icon && (
        <span className="grid size-10 place-items-center rounded-lg bg-idle-soft text-idle">
          <Icon icon={icon} />
        </span>
      )}
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="text-muted">{children}</div>}
      {action && <div className="flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** A search or filter that finds nothing: "No failed files match 'boiler'." and the way back. */
export function NothingMatches({ children, onClear }: { children: ReactNode; onClear: () => void }) {
  return (
    <div className="flex flex-col items-center gap-3 px-4 py-10 text-center">
      <Icon icon={SearchX} className="text-muted" />
      <p>{children}</p>
      <Button onClick={onClear}>Clear filters</Button>
    </div>
  );
}

export interface FailedStateProps {
  error: unknown;
  /** What could not be done: "The syncs could not be loaded". */
  what: string;
  onRetry?: (() => unknown) | undefined;
  className?: string | undefined;
}

/** Something could not be loaded: cause, next step, retry, and the request id for whoever looks into it. */
export function FailedState({ error, what, onRetry, className }: FailedStateProps) {
  const [busy, setBusy] = useState(false);
  const { cause, next, requestId } = explainError(error);
  return (
    <div role="alert" className={cn("flex gap-3 rounded-lg bg-bad-soft px-4 py-3", className)}>
      <Icon icon={OctagonX} className="mt-0.5 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{what}.</p>
        <p>
          {cause} {next}
        </p>
        {requestId && (
          <p className="text-xs text-muted">
            Request <code className="select-all">{requestId}</code>
          </p>
        )}
      </div>
      {onRetry && !isGone(error) && (
        <Button
          className="self-center"
          busy={busy}
          onClick={() => {
            setBusy(true);
            Promise.resolve(onRetry()).finally(() => setBusy(false));
          }}
        >
          Try again
        </Button>
      )}
    </div>
  );
}

/** Asking again for what is not there leads nowhere. */
const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;

/** Cause and next step of a failed request, in words for people. */
export function explainError(error: unknown): { cause: string; next: string; requestId?: string } {
  if (!(error instanceof ApiError)) {
    return { cause: "The portal itself made a mistake.", next: "Load the page again; if it stays, tell your admin." };
  }
  if (error.code === "offline") {
    return { cause: "Hawser does not answer.", next: "Check the network; we try again by ourselves." };
  }
  const id = error.requestId ? { requestId: error.requestId } : {};
  const cause = error.detail.endsWith(".") ? error.detail : `${error.detail}.`;
  if (error.status >= 500) return { cause, next: "Nothing was lost. Try again in a moment.", ...id };
  if (error.code === "too_many_requests") return { cause, next: "Wait a moment, then try again.", ...id };
  return { cause, next: "", ...id };
}
