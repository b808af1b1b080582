import type { ReactNode } from "react";
import type { FileDetail } from "../../lib/contract.ts";
import { formatCount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { ReplayButton } from "./handoff-replay.tsx";
import { handoffStates, handoffWords, mayReplay } from "./handoff-words.ts";

/** What a receiver was told of a file and what it answered; nothing for a file that nobody is told of. */
export function HandoffCard({ file }: { file: FileDetail }) {
  const workspace = useWorkspace();
  const { handoff } = file;
  if (!handoff) return null;
  const { connection, answer, result } = handoff;
  return (
    <Card
      title="Hand-off"
      note={<StatusBadge {...handoffStates[handoff.state]} />}
      action={mayReplay(handoff) && <ReplayButton handoff={handoff} />}
    >
      <dl className="grid grid-cols-[140px_minmax(0,1fr)] gap-x-4 gap-y-1.5 px-4 py-3 max-md:grid-cols-1 max-md:gap-y-0.5">
        <Fact term="To">
          <Link
            to="/w/$workspace/connections/$connection"
            params={{ workspace: workspace.slug, connection: connection.id }}
          >
            {connection.name}
          </Link>
        </Fact>
        <Fact term="What became of it">{handoffWords(handoff)}</Fact>
        {answer && (
          <Fact term="Last answer">
            {answer.status === null ? "none" : formatCount(answer.status)} · <Time at={answer.at} />
          </Fact>
        )}
        {answer?.job && <Fact term="Its job">{<code className="text-xs select-all">{answer.job}</code>}</Fact>}
        {answer?.body && (
          <Fact term="What it said">
            <pre className="max-h-40 overflow-auto text-xs whitespace-pre-wrap">{answer.body}</pre>
          </Fact>
        )}
        {result && (
          <Fact term="Its report">
            <StatusBadge
              {...(result.ok ? { status: "done", label: "Processed" } : { status: "failed", label: "Not processed" })}
            />{" "}
            <span className="text-muted">
              <Time at={result.at} />
            </span>
            {result.reason && <span className="block">{result.reason}</span>}
            {result.body && <pre className="max-h-40 overflow-auto text-xs whitespace-pre-wrap">{result.body}</pre>}
          </Fact>
        )}
        <Fact term="Attempts">{formatCount(handoff.attempts)}</Fact>
        {handoff.next_attempt_at && (
          <Fact term="Next attempt">
            <Time at={handoff.next_attempt_at} />
          </Fact>
        )}
        <Fact term="Id">
          <code className="text-xs select-all">{handoff.id}</code>
        </Fact>
      </dl>
    </Card>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted">{term}</dt>
      <dd className="wrap-anywhere max-md:mb-1.5">{children}</dd>
    </div>
  );
}
