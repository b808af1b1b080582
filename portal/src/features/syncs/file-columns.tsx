import type { FileView } from "../../lib/contract.ts";
import { shortenPath, unknown } from "../../lib/format.ts";
import type { Column } from "../../ui/data-table.tsx";
import { Bytes, Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { reasonWords } from "./remedies.ts";
import { partLabel, stateOf } from "./words.ts";

const fixed = { name: "Name", folder: "Folder", state: "State", size: "Size", changed: "Changed" } as const;
export const alwaysShown: string[] = Object.keys(fixed);

export const columnName = (id: string) => (id in fixed ? fixed[id as keyof typeof fixed] : partLabel(id));

/** The fixed columns, and one for each part of the metadata. */
export function fileColumns(slug: string, sync: string, shown: readonly string[]): Column<FileView>[] {
  const all: Column<FileView>[] = [
    {
      id: "name",
      head: fixed.name,
      // Columns without a width share what is left: the parts where there are some, else the name.
      width: shown.some((id) => !alwaysShown.includes(id)) ? "23%" : undefined,
      sortable: true,
      narrow: "title",
      tip: (row) => row.name,
      cell: (row) => (
        <Link kind="thing" to="/w/$workspace/syncs/$sync/files/$file" params={{ workspace: slug, sync, file: row.id }}>
          {row.name}
        </Link>
      ),
    },
    {
      id: "folder",
      head: fixed.folder,
      width: "13%",
      narrow: "line",
      className: "text-muted",
      tip: (row) => row.folder,
      cell: (row) => shortenPath(row.folder || "/", 24),
    },
    {
      id: "state",
      head: fixed.state,
      width: "104px",
      narrow: "end",
      tip: (row) => (row.reason === null ? undefined : reasonWords(row.reason)),
      cell: (row) => <StatusBadge {...stateOf(row)} />,
    },
    {
      id: "size",
      head: fixed.size,
      width: "84px",
      align: "right",
      sortable: true,
      narrow: "line",
      cell: (row) => <Bytes value={row.size} />,
    },
    {
      id: "changed",
      head: fixed.changed,
      width: "100px",
      align: "right",
      sortable: true,
      className: "text-muted",
      cell: (row) => <Time at={row.changed_at} />,
    },
  ];
  const parts = shown
    .filter((id) => !alwaysShown.includes(id))
    .map(
      (part): Column<FileView> => ({
        id: part,
        head: partLabel(part),
        tip: (row) => row.metadata[part],
        cell: (row) => row.metadata[part] ?? <span className="text-muted">{unknown}</span>,
      }),
    );
  // Without its name a row is nothing: that column stays.
  return [...all.filter(({ id }) => id === "name" || shown.includes(id)), ...parts];
}
