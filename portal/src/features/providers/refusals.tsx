import { OctagonX } from "lucide-react";
import type { FieldError } from "../../lib/api.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Draft } from "./draft.ts";
import { type Part, partOf, placeOf } from "./parts.ts";

interface RefusalsProps {
  errors: readonly FieldError[];
  draft: Draft;
  onGo: (part: Part) => void;
}

const SHOWN = 8;

/** What the server refused, each leading to the form that has the field. */
export function Refusals({ errors, draft, onGo }: RefusalsProps) {
  return (
    <div role="alert" className="flex gap-3 rounded-lg bg-bad-soft px-4 py-3">
      <Icon icon={OctagonX} className="mt-0.5 text-bad" />
      <div className="grid min-w-0 gap-1">
        <p className="font-semibold">
          {formatAmount(errors.length, "setting is", "settings are")} not right yet, and nothing is saved.
        </p>
        <ul className="grid gap-0.5">
          {errors.slice(0, SHOWN).map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`} className="wrap-anywhere">
              <button
                type="button"
                onClick={() => onGo(partOf(pointer))}
                className="rounded-sm text-left font-medium underline-offset-2 hover:underline"
              >
                {placeOf(pointer, draft)}
              </button>
              : {detail}
            </li>
          ))}
        </ul>
        {errors.length > SHOWN && <p className="text-muted">and {formatCount(errors.length - SHOWN)} more</p>}
      </div>
    </div>
  );
}
