import type { ReactNode } from "react";
import type { ConnectionView, Destination } from "../../../lib/contract.ts";
import { formatAmount, formatCount, formatShare, shortenPath } from "../../../lib/format.ts";
import { Card } from "../../../ui/card.tsx";
import { MooringLine } from "../../../ui/mooring-line.tsx";
import type { Preview } from "../parts/use-preview.ts";
import { destinationEnd, destinationText, scheduleWords } from "../words.ts";
import type { Draft } from "./draft.ts";

export interface SummaryProps {
  draft: Draft;
  name: string;
  destination: Destination;
  connection: ConnectionView | undefined;
  preview: Preview;
}

/** The sync as it would be made now, beside every step. */
export function Summary({ draft, name, destination, connection, preview: { data } }: SummaryProps) {
  const { folders, filters, rules, schedule } = draft;
  const filtered =
    filters.types.some((type) => type !== "*") ||
    filters.include.length + filters.exclude.length > 0 ||
    filters.min_bytes !== null ||
    filters.max_bytes !== null;
  return (
    <Card title="Summary" className="xl:sticky xl:top-4">
      <div className="grid grid-cols-1 gap-3 px-4 py-3">
        <div className="flex items-center gap-3">
          <MooringLine
            from={{ id: connection?.provider ?? "?", name: connection?.provider ?? "?" }}
            to={destinationEnd(destination)}
            state={connection ? "ok" : "paused"}
          />
          <span className="min-w-0 truncate font-semibold" title={name}>
            {name || "No name yet"}
          </span>
        </div>
        <dl className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 gap-y-2">
          <Line term="From">
            {connection ? (
              <span className="wrap-anywhere">{connection.name}</span>
            ) : (
              <Missing>no connection yet</Missing>
            )}
          </Line>
          <Line term="Folders">
            {folders.length === 0
              ? draft.drive
                ? "all of it"
                : "—"
              : folders.slice(0, 4).map((folder) => (
                  <span key={folder.id} className="block truncate" title={folder.path}>
                    {shortenPath(folder.path, 30)}
                  </span>
                ))}
            {folders.length > 4 && <span className="block text-muted">and {formatCount(folders.length - 4)} more</span>}
          </Line>
          <Line term="Files">
            {data ? (
              <>
                {formatCount(data.files_kept)} of {formatAmount(data.files_seen, "file")}
                {data.truncated && " looked at"}
              </>
            ) : (
              "—"
            )}
            <span className="block text-xs text-muted">{filtered ? "filtered" : "no filter"}</span>
          </Line>
          <Line term="Metadata">
            {rules.length === 0 ? (
              "no rules"
            ) : (
              <>
                {formatAmount(rules.length, "rule")}
                {data &&
                  data.folders_seen > 0 &&
                  `, ${formatShare(data.folders_matched / data.folders_seen)} of the paths`}
              </>
            )}
          </Line>
          <Line term="To">
            <span className="wrap-anywhere">{destinationText(destination).title}</span>
            <span className="block text-xs text-muted">{destinationText(destination).detail}</span>
          </Line>
          <Line term="When">{scheduleWords(schedule)}</Line>
        </dl>
      </div>
    </Card>
  );
}

function Line({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

const Missing = ({ children }: { children: string }) => <span className="text-warning">{children}</span>;
