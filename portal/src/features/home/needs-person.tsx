import { Hand } from "lucide-react";
import type { ReactNode } from "react";
import type { Attention } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import type { Tone } from "../../ui/badge.tsx";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DiagnosisRow } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import type { Status } from "../../ui/status-badge.tsx";

interface Kind {
  status: Status;
  label?: string;
  /** Where it is less urgent than the status usually is. */
  tone?: Tone;
  verb: string;
  /** The tab of the sync's page where it is mended. */
  tab?: string;
}

const kinds: Record<Attention["kind"], Kind> = {
  connection_needs_authorization: { status: "needs_authorization", verb: "Reconnect" },
  connection_error: { status: "failed", label: "Connection failed", verb: "Look at the connection" },
  sign_in_ends: {
    status: "needs_authorization",
    label: "Sign-in ends",
    tone: "warning",
    verb: "Look at the connection",
  },
  removals_held: { status: "held", verb: "Look at the list" },
  sync_failed: { status: "failed", label: "Sync failed", verb: "See why" },
  files_failed: { status: "done_with_failures", label: "Files failed", verb: "See the files", tab: "problems" },
  folders_failed: { status: "done_with_failures", label: "Not listed", verb: "See the folders", tab: "problems" },
  handoffs_failed: {
    status: "done_with_failures",
    label: "Not taken",
    verb: "See the hand-offs",
    tab: "handoffs",
  },
  schedule_failed: { status: "failed", label: "Schedule failed", verb: "Mend the schedule", tab: "settings" },
};

/** Most urgent first, each with its button. Nothing at all when nothing waits: the page's head says so. */
export function NeedsPerson({ attention }: { attention: readonly Attention[] }) {
  if (attention.length === 0) return null;
  return (
    <Card title="Needs a person" note="most urgent first" icon={Hand} iconTone="warning">
      <ul>
        {attention.map((one, place) => {
          const { status, label, tone, verb } = kinds[one.kind];
          return (
            <DiagnosisRow
              key={`${one.kind} ${one.sync_id ?? one.connection_id}`}
              status={status}
              label={label}
              tone={tone}
              what={one.title}
              effect={
                <>
                  {one.detail}
                  {one.since && (
                    <>
                      {" Since "}
                      <Time at={one.since} as="clock" />.
                    </>
                  )}
                </>
              }
              action={
                <Mend attention={one} primary={place === 0}>
                  {verb}
                </Mend>
              }
            />
          );
        })}
      </ul>
    </Card>
  );
}

function Mend({ attention, primary, children }: { attention: Attention; primary: boolean; children: ReactNode }) {
  const { slug } = useWorkspace();
  const kind = primary ? "primary" : "plain";
  if (attention.sync_id) {
    const { tab } = kinds[attention.kind];
    return (
      <ButtonLink
        kind={kind}
        to="/w/$workspace/syncs/$sync"
        params={{ workspace: slug, sync: attention.sync_id }}
        search={tab ? { tab } : {}}
      >
        {children}
      </ButtonLink>
    );
  }
  if (!attention.connection_id) return null;
  return (
    <ButtonLink
      kind={kind}
      to="/w/$workspace/connections/$connection"
      params={{ workspace: slug, connection: attention.connection_id }}
    >
      {children}
    </ButtonLink>
  );
}
