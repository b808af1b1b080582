import type { Difference, SyncView, Verification } from "../../lib/contract.ts";
import { formatCount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Link } from "../../ui/link.tsx";
import { type Status, StatusBadge } from "../../ui/status-badge.tsx";

const kinds: Record<Difference["kind"], { status: Status; label: string }> = {
  missing_here: { status: "queued", label: "Missing here" },
  missing_at_source: { status: "inactive", label: "Gone at the source" },
  different: { status: "unknown", label: "Different" },
  bytes_missing: { status: "failed", label: "Copy lost or spoiled" },
  not_listed: { status: "failed", label: "Not listed" },
};

/** Each difference: which file or folder, where it is, in what. */
export function VerifyDifferences({ sync, found }: { sync: SyncView; found: Verification }) {
  const { slug } = useWorkspace();
  const { state, different, differences } = found;
  if (state !== "done" || differences.length === 0) return null;
  return (
    <>
      {different > differences.length && (
        <p className="text-xs text-muted">The first {formatCount(differences.length)} of them:</p>
      )}
      <DataTable
        label="Differences"
        columns={columnsOf(slug, sync.id)}
        rows={differences}
        rowKey={(row) => `${row.kind} ${row.file_id ?? ""} ${row.path}/${row.name}`}
      />
    </>
  );
}

const columnsOf = (slug: string, sync: string): Column<Difference>[] => [
  {
    id: "name",
    head: "Name",
    width: "26%",
    narrow: "title",
    tip: ({ name }) => name,
    cell: ({ name, file_id }) =>
      file_id === null ? (
        name
      ) : (
        <Link kind="thing" to="/w/$workspace/syncs/$sync/files/$file" params={{ workspace: slug, sync, file: file_id }}>
          {name}
        </Link>
      ),
  },
  {
    id: "path",
    head: "Folder",
    width: "20%",
    narrow: "line",
    className: "text-muted",
    tip: ({ path }) => path,
    cell: ({ path }) => path || "/",
  },
  {
    id: "kind",
    head: "What",
    width: "176px",
    narrow: "end",
    cell: ({ kind }) => <StatusBadge {...kinds[kind]} />,
  },
  { id: "detail", head: "How", narrow: "line", tip: ({ detail }) => detail, cell: ({ detail }) => detail },
];
