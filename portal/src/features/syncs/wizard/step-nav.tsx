import { Check } from "lucide-react";
import { cn } from "../../../lib/cn.ts";
import { type Draft, missingIn, type StepKey, stepKeys } from "./draft.ts";

const stepTitles: Record<StepKey, string> = {
  what: "What",
  filters: "Filters",
  metadata: "Metadata",
  destination: "Destination",
  schedule: "Schedule",
};

export interface StepNavProps {
  current: StepKey;
  draft: Draft;
  name: string;
  onGo: (step: StepKey) => void;
}

/** The five steps; each can be gone to at any time. A tick is for steps that lie behind and lack nothing. */
export function StepNav({ current, draft, name, onGo }: StepNavProps) {
  const lacking = missingIn(draft, name)?.step;
  const at = stepKeys.indexOf(current);
  return (
    <nav aria-label="Steps">
      <ol className="flex gap-1 overflow-x-auto [scrollbar-width:none]">
        {stepKeys.map((step, place) => {
          const done = place < at && lacking !== step;
          return (
            <li key={step} className="md:flex-1">
              <button
                type="button"
                aria-current={step === current ? "step" : undefined}
                onClick={() => onGo(step)}
                className={cn(
                  "flex min-h-9 w-full items-center gap-2 rounded-md border px-2.5 font-medium pointer-coarse:min-h-11",
                  step === current
                    ? "border-primary bg-primary-soft"
                    : "border-border bg-card text-muted hover:bg-hover hover:text-foreground",
                )}
              >
                <span
                  className={cn(
                    "grid size-5 shrink-0 place-items-center rounded-full text-xs",
                    done ? "bg-good-soft text-good" : step === current ? "bg-primary text-on-primary" : "bg-idle-soft",
                  )}
                >
                  {done ? <Check size={12} strokeWidth={3} aria-hidden="true" /> : place + 1}
                </span>
                <span className={cn(step !== current && "max-md:sr-only")}>{stepTitles[step]}</span>
                {done && <span className="sr-only">(done)</span>}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
