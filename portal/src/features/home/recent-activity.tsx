import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "../../lib/session.ts";
import { ActivityIcon, ActivitySentence } from "../../ui/activity-sentence.tsx";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Time } from "../../ui/figures.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { explainError } from "../../ui/states.tsx";
import { recentActivityQuery } from "./api.ts";

export function RecentActivity() {
  const workspace = useWorkspace();
  const { data, error } = useQuery(recentActivityQuery(workspace.id));
  return (
    <Card
      title="Activity"
      action={
        <ButtonLink kind="quiet" size="small" to="/w/$workspace/activity" params={{ workspace: workspace.slug }}>
          See all
        </ButtonLink>
      }
    >
      {data && data.items.length === 0 && <p className="px-4 py-3 text-muted">Nothing happened yet.</p>}
      {data && (
        <ul className="py-1">
          {data.items.map((entry) => (
            <li key={entry.id} className="grid grid-cols-[16px_1fr_auto] gap-2.5 px-4 py-2">
              <ActivityIcon entry={entry} className="mt-0.5" />
              <span className="min-w-0">
                <ActivitySentence entry={entry} workspace={workspace.slug} />
              </span>
              <Time at={entry.at} as="clock" className="text-xs leading-5 text-muted" />
            </li>
          ))}
        </ul>
      )}
      {!data && !error && <SkeletonRows rows={6} />}
      {!data && error && <p className="px-4 py-3 text-muted">{explainError(error).cause}</p>}
    </Card>
  );
}
