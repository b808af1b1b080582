import { useInfiniteQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { Fragment } from "react";
import type { ActivityEntry } from "../../lib/contract.ts";
import { formatDay } from "../../lib/format.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useWorkspace } from "../../lib/session.ts";
import { ActivityIcon, ActivitySentence } from "../../ui/activity-sentence.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Time } from "../../ui/figures.tsx";
import { FilterChip } from "../../ui/filter-chip.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { ActivityFrame } from "./activity-frame.tsx";
import { type ActivityKind, activityQuery } from "./api.ts";

const kinds: { value: ActivityKind; label: string }[] = [
  { value: "people", label: "people" },
  { value: "syncs", label: "syncs" },
  { value: "connections", label: "connections" },
];

export function ActivityPage() {
  const workspace = useWorkspace();
  const [kind, setKind] = useSearchState("kind");
  const chosen = kinds.find((one) => one.value === kind)?.value;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    activityQuery(workspace.id, chosen),
  );
  const entries = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <ActivityFrame title="Activity" facts="What people did and how runs ended, newest first.">
      <div className="flex flex-wrap gap-2">
        <FilterChip label="About" value={kind} onChange={setKind} options={kinds} />
      </div>
      {error && <FailedState what="The activity could not be loaded" error={error} onRetry={refetch} />}
      {!data && !error && (
        <Card>
          <SkeletonRows rows={12} />
        </Card>
      )}
      {data && entries.length === 0 && (
        <Card>
          {chosen ? (
            <NothingMatches onClear={() => setKind("")}>Nothing about {chosen} happened yet.</NothingMatches>
          ) : (
            <EmptyState icon={Activity} title="Nothing happened yet">
              Whatever people change and however runs end is told here, in sentences.
            </EmptyState>
          )}
        </Card>
      )}
      {entries.length > 0 && (
        <Card className="py-1">
          <Days entries={entries} slug={workspace.slug} />
          {hasNextPage && (
            <div className="flex justify-center pt-1 pb-2">
              <Button kind="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </Card>
      )}
    </ActivityFrame>
  );
}

function Days({ entries, slug }: { entries: readonly ActivityEntry[]; slug: string }) {
  const days = Map.groupBy(entries, (entry) => new Date(entry.at).toDateString());
  return [...days].map(([day, of]) => (
    <Fragment key={day}>
      <h2 className="px-4 pt-3 pb-1 text-xs font-medium text-muted">{dayWords(day)}</h2>
      <ul>
        {of.map((entry) => (
          <li key={entry.id} className="grid grid-cols-[16px_1fr_auto] gap-2.5 px-4 py-1.75">
            <ActivityIcon entry={entry} className="mt-0.5" />
            <span className="min-w-0 wrap-anywhere">
              <ActivitySentence entry={entry} workspace={slug} />
            </span>
            <Time at={entry.at} as="time" className="text-xs leading-5 text-muted" />
          </li>
        ))}
      </ul>
    </Fragment>
  ));
}

function dayWords(day: string): string {
  const today = new Date();
  if (day === today.toDateString()) return "Today";
  today.setDate(today.getDate() - 1);
  return day === today.toDateString() ? "Yesterday" : formatDay(day);
}
