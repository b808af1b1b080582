import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, type LucideIcon, OctagonX, Search, TriangleAlert } from "lucide-react";
import type { FileEvent } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Time } from "../../ui/figures.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { fileHistoryQuery } from "./api.ts";
import { triggerWords } from "./words.ts";

/** What happened to a file, newest first, each with the run in which it did. */
export function FileHistory({ sync, file }: { sync: string; file: string }) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(fileHistoryQuery(workspace.id, sync, file));
  return (
    <Card title="History" note="newest first">
      {error && !data && (
        <FailedState className="m-4" what="The history could not be loaded" error={error} onRetry={refetch} />
      )}
      {!data && !error && <SkeletonRows rows={3} label="Loading the history" />}
      {data?.items.length === 0 && <p className="px-4 py-3 text-muted">Nothing has happened to it yet.</p>}
      {data && data.items.length > 0 && (
        <ol>
          {data.items.map((event) => (
            <Line key={`${event.at} ${event.what} ${event.message}`} sync={sync} event={event} />
          ))}
        </ol>
      )}
    </Card>
  );
}

const looks: Record<FileEvent["what"], { icon: LucideIcon; className: string; words: string }> = {
  found: { icon: Search, className: "text-muted", words: "Found at the source" },
  stored: { icon: CircleCheck, className: "text-good", words: "Stored at the destination, hash checked" },
  failed: { icon: OctagonX, className: "text-bad", words: "Failed" },
  gone: { icon: CircleDashed, className: "text-muted", words: "Gone at the source" },
  logged: { icon: TriangleAlert, className: "text-muted", words: "Noted" },
};
const levelLook = { info: "text-muted", warning: "text-warning", error: "text-bad" } as const;

function Line({ sync, event: { at, what, level, message, run } }: { sync: string; event: FileEvent }) {
  const { slug } = useWorkspace();
  const { icon, className, words } = looks[what];
  return (
    <li className="flex items-start gap-3 border-t border-border px-4 py-2 first:border-t-0 max-md:flex-wrap">
      <Icon icon={icon} className={what === "logged" ? `mt-0.5 ${levelLook[level]}` : `mt-0.5 ${className}`} />
      <span className="min-w-0 flex-1 wrap-anywhere">{message ?? words}</span>
      <span className="flex shrink-0 gap-x-3 text-xs text-muted max-md:w-full max-md:pl-7">
        {run && (
          <Link kind="quiet" to="/w/$workspace/syncs/$sync/runs/$run" params={{ workspace: slug, sync, run: run.id }}>
            run {triggerWords[run.trigger]}
          </Link>
        )}
        <Time at={at} />
      </span>
    </li>
  );
}
