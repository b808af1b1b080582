import { FlaskConical } from "lucide-react";
import type { ConnectionView, ProviderView } from "../../lib/contract.ts";
import { formatAmount, formatDay } from "../../lib/format.ts";
import { Badge } from "../../ui/badge.tsx";
import type { Column } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Link } from "../../ui/link.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { connectionStatuses, endsSoon } from "./words.ts";

export function connectionColumns(
  slug: string,
  catalog: readonly ProviderView[],
  tagged: boolean,
): Column<ConnectionView>[] {
  const providerOf = (key: string) => catalog.find((one) => one.key === key);
  return [
    {
      id: "name",
      head: "Name",
      width: "22%",
      narrow: "title",
      tip: (row) => row.name,
      cell: (row) => (
        <span className="flex items-center gap-2">
          <ProviderGlyph
            id={row.provider}
            name={providerOf(row.provider)?.name ?? row.provider}
            letters={providerOf(row.provider)?.glyph.letters}
            size="small"
          />
          <Link
            kind="thing"
            className="min-w-0 truncate"
            to="/w/$workspace/connections/$connection"
            params={{ workspace: slug, connection: row.id }}
          >
            {row.name}
          </Link>
          {row.sandbox && <SandboxMark />}
        </span>
      ),
    },
    {
      id: "status",
      head: "Status",
      width: "172px",
      narrow: "end",
      cell: (row) => <StatusBadge {...connectionStatuses[row.status]} />,
    },
    {
      id: "provider",
      head: "Provider",
      tip: (row) => providerOf(row.provider)?.name ?? row.provider,
      width: "108px",
      className: "text-muted",
      cell: (row) => providerOf(row.provider)?.name ?? row.provider,
    },
    {
      id: "account",
      head: "Account",
      narrow: "line",
      className: "text-muted",
      tip: (row) => row.account?.label,
      cell: (row) => row.account?.label ?? "not known yet",
    },
    ...(tagged ? [tagColumn] : []),
    {
      id: "used",
      head: "Used by",
      width: "78px",
      align: "right",
      narrow: "line",
      cell: (row) =>
        row.used_by.syncs === 0 ? <span className="text-muted">nothing</span> : formatAmount(row.used_by.syncs, "sync"),
    },
    {
      id: "last",
      head: "Last used",
      width: "92px",
      align: "right",
      className: "text-muted",
      cell: (row) => (row.last_used_at ? <Time at={row.last_used_at} /> : "never"),
    },
    {
      id: "ends",
      head: "Ends",
      width: "68px",
      align: "right",
      tip: (row) => (endOf(row) ? "When a person has to sign in again" : "No end of the sign-in is known"),
      cell: (row) => (
        <span className={endsSoon(row) ? "font-medium text-warning" : "text-muted"}>{formatDay(endOf(row))}</span>
      ),
    },
  ];
}

const tagColumn: Column<ConnectionView> = {
  id: "tags",
  head: "Tags",
  width: "9%",
  tip: (row) => row.tags.join(", "),
  cell: (row) => (
    <span className="flex gap-1">
      {row.tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
    </span>
  ),
};

/** The end by disuse is none: Hawser uses the sign-in before. */
const endOf = ({ life }: ConnectionView) => (life?.ends_because === "idle" ? null : life?.ends_at);

function SandboxMark() {
  return (
    <span title="Sandbox: a simulator answers in place of the provider" className="text-running">
      <Icon icon={FlaskConical} />
      <span className="sr-only">Sandbox</span>
    </span>
  );
}
