import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleQuestionMark,
  CircleSlash,
  Clock,
  Hand,
  KeyRound,
  LoaderCircle,
  type LucideIcon,
  OctagonX,
  TriangleAlert,
} from "lucide-react";
import { cn } from "../lib/cn.ts";
import { type Tone, toneSoft, toneText } from "./badge.tsx";
import { Icon } from "./icon.tsx";

/** Every state that anything in the portal can be in: a shape, a word and a colour, so that grey is enough to read it. */
export const statuses = {
  active: { icon: CircleCheck, word: "Active", tone: "good" },
  done: { icon: CircleCheck, word: "Done", tone: "good" },
  running: { icon: LoaderCircle, word: "Running", tone: "running" },
  queued: { icon: Clock, word: "Queued", tone: "idle" },
  paused: { icon: CirclePause, word: "Paused", tone: "idle" },
  held: { icon: Hand, word: "Held", tone: "warning" },
  needs_authorization: { icon: KeyRound, word: "Needs authorization", tone: "bad" },
  done_with_failures: { icon: TriangleAlert, word: "Done with failures", tone: "warning" },
  failed: { icon: OctagonX, word: "Failed", tone: "bad" },
  unknown: { icon: CircleQuestionMark, word: "Unknown", tone: "warning" },
  cancelled: { icon: CircleSlash, word: "Cancelled", tone: "idle" },
  inactive: { icon: CircleDashed, word: "Inactive", tone: "idle" },
} as const satisfies Record<string, { icon: LucideIcon; word: string; tone: Tone }>;

export type Status = keyof typeof statuses;

export interface StatusBadgeProps {
  status: Status;
  /** A closer word than the usual one: "Stored", "Copying", "Unchanged". */
  label?: string | undefined;
  /** `pill` on page heads and diagnosis rows, `plain` in tables. */
  look?: "pill" | "plain" | undefined;
  /** Overrules the colour where the same shape means less, such as a grey "Unchanged". */
  tone?: Tone | undefined;
  className?: string | undefined;
}

export function StatusBadge({ status, label, look = "plain", tone, className }: StatusBadgeProps) {
  const { icon, word, tone: usual } = statuses[status];
  const shown = tone ?? usual;
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap",
        look === "pill" ? ["rounded-sm py-0.75 pr-2 pl-1.5 text-xs", toneSoft[shown]] : toneText[shown],
        className,
      )}
    >
      <Icon icon={icon} className={icon === LoaderCircle ? "spin" : undefined} />
      {label ?? word}
    </span>
  );
}
