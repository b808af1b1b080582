import { useQuery } from "@tanstack/react-query";
import type { ConnectionView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { usedByQuery } from "./api.ts";
import { Usage } from "./usage.tsx";

/** What reads from a connection, and how often its credential was used. */
export function UsesTab({ connection }: { connection: ConnectionView }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <Syncs connection={connection} />
      <Usage connection={connection} />
    </div>
  );
}

function Syncs({ connection }: { connection: ConnectionView }) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(usedByQuery(workspace.id, connection.id));
  return (
    <Card title="Syncs" note="that read from it">
      {error && !data && (
        <FailedState
          className="m-3"
          what="The syncs of this connection could not be loaded"
          error={error}
          onRetry={refetch}
        />
      )}
      {!error && !data && <SkeletonRows rows={2} label="Loading the syncs" />}
      {data?.items.length === 0 && <p className="px-4 py-3 text-muted">None reads from this connection.</p>}
      <ul>
        {data?.items.map((sync) => (
          <li
            key={sync.id}
            className="grid min-h-9 grid-cols-[minmax(0,1fr)_auto_160px] items-center gap-x-4 border-b border-border px-4 py-1.5 last:border-b-0 max-md:grid-cols-[minmax(0,1fr)_auto]"
          >
            <Link
              kind="thing"
              className="truncate"
              to="/w/$workspace/syncs/$sync"
              params={{ workspace: workspace.slug, sync: sync.id }}
            >
              {sync.name}
            </Link>
            <span className="text-muted max-md:hidden">{formatAmount(sync.totals.files, "file")}</span>
            <StatusBadge status={sync.status} {...(sync.status === "active" ? { label: "In order" } : {})} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
