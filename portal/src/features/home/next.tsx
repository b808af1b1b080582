import type { Home } from "../../lib/contract.ts";
import { scheduleWords } from "../../lib/schedule-words.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { MooringLine } from "../../ui/mooring-line.tsx";
import { destinationName } from "./words.ts";

/** What the schedules start by themselves. */
export function Next({ next }: { next: Home["next"] }) {
  const { slug } = useWorkspace();
  return (
    <Card title="Next" note="by schedule">
      {next.length === 0 ? (
        <p className="px-4 py-3 text-muted">No sync has a schedule; each runs when somebody starts it.</p>
      ) : (
        <table className="w-full table-fixed" aria-label="Next runs">
          <colgroup>
            <col className="w-32" />
            <col />
            <col className="w-[32%] max-md:hidden" />
          </colgroup>
          <thead className="sr-only">
            <tr>
              <th>At</th>
              <th>Sync</th>
              <th>Schedule</th>
            </tr>
          </thead>
          <tbody className="[&_td]:h-9 [&_td]:border-t [&_td]:border-border [&_td]:px-3 [&_tr:first-child_td]:border-t-0">
            {next.map(({ at, sync, schedule }) => (
              <tr key={`${sync.id} ${at}`}>
                <td className="truncate pl-4!">
                  <Time at={at} as="clock" />
                </td>
                <td className="truncate">
                  <MooringLine
                    from={{ id: sync.provider, name: sync.provider }}
                    to={{ id: sync.destination, name: destinationName(sync.destination) }}
                    state="ok"
                    className="mr-2.5 max-md:hidden"
                  />
                  <Link kind="thing" to="/w/$workspace/syncs/$sync" params={{ workspace: slug, sync: sync.id }}>
                    {sync.name}
                  </Link>
                </td>
                <td title={scheduleWords(schedule)} className="truncate pr-4! text-right text-muted max-md:hidden">
                  {scheduleWords(schedule)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
