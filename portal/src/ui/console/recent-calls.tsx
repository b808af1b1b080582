import { cn } from "../../lib/cn.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../button.tsx";
import { Card } from "../card.tsx";
import { Time } from "../figures.tsx";
import { SkeletonRows } from "../skeleton.tsx";
import { FailedState } from "../states.tsx";
import { useCalls } from "./api.ts";

interface RecentCallsProps {
  connection: string;
  shown: string;
  onShow: (call: string) => void;
}

/** Earlier calls of this connection; one that is clicked is shown again. */
export function RecentCalls(props: RecentCallsProps) {
  const forbidden = useForbidden("member");
  return forbidden ? null : <Calls {...props} />;
}

function Calls({ connection, shown, onShow }: RecentCallsProps) {
  const workspace = useWorkspace();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useCalls(workspace.id, connection);
  if (error && !data) return <FailedState what="Earlier calls could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={3} label="Loading earlier calls" />;
  const calls = data.pages.flatMap(({ items }) => items);
  if (calls.length === 0) return null;
  return (
    <Card title="Earlier calls">
      <ul>
        {calls.map((call) => (
          <li key={call.id} className="border-b border-border last:border-b-0">
            <button
              type="button"
              aria-current={call.id === shown ? "true" : undefined}
              onClick={() => onShow(call.id)}
              className={cn(
                "grid min-h-9 w-full grid-cols-[56px_minmax(0,1fr)_auto] items-center gap-2 px-4 text-left hover:bg-hover -outline-offset-2",
                call.id === shown && "bg-primary-soft",
              )}
            >
              <span className={cn("font-medium tabular-nums", call.failure ? "text-bad" : "text-good")}>
                {call.status ?? "failed"}
              </span>
              <span className="truncate" title={call.failure?.message}>
                {call.action ?? `${call.method ?? ""} ${pathOf(call.url)}`}
              </span>
              <Time at={call.at} className="text-xs whitespace-nowrap text-muted" />
            </button>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="flex justify-center border-t border-border py-2">
          <Button kind="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}

const pathOf = (url: string | null): string => (url && URL.canParse(url) ? new URL(url).pathname : (url ?? ""));
