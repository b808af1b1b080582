import type { SyncView } from "../../lib/contract.ts";
import { Time } from "../../ui/figures.tsx";
import { type Status, StatusBadge } from "../../ui/status-badge.tsx";

type Push = SyncView["push"];

const looks: Record<Push["state"], { status: Status; words: string }> = {
  live: { status: "active", words: "Hears of changes at once" },
  pending: { status: "queued", words: "Does not hear of changes yet" },
  failing: { status: "done_with_failures", words: "Does not hear of changes" },
  schedule_only: { status: "inactive", words: "Finds changes by its schedule" },
};

/** Whether the source tells of changes, or the schedule alone finds them, and why. */
export function PushLine({ sync: { push, schedule } }: { sync: SyncView }) {
  // One that runs by hand only says so already.
  if (schedule.kind === "manual") return null;
  const { status, words } = looks[push.state];
  return (
    <p className="flex flex-wrap items-center gap-x-2 border-t border-border px-4 py-2">
      <StatusBadge status={status} label={words} />
      <span className="text-muted">
        <Detail push={push} />
      </span>
    </p>
  );
}

function Detail({ push }: { push: Push }) {
  switch (push.state) {
    case "live":
      return (
        <>
          since <Time at={push.since} />
          {push.last_notice_at && (
            <>
              , the last time <Time at={push.last_notice_at} />
            </>
          )}
          {push.reason && `. ${push.reason}`}
        </>
      );
    case "pending":
      return push.reason ?? "The source is being asked to tell of them. Until then the schedule finds them.";
    case "failing":
      return `${push.reason} Hawser goes on trying; until then the schedule finds them.`;
    case "schedule_only":
      return push.reason;
  }
}
