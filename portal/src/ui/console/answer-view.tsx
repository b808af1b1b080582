import { Radio } from "lucide-react";
import { type ReactNode, useState } from "react";
import { cn } from "../../lib/cn.ts";
import type { CallView } from "../../lib/contract.ts";
import { formatBytes, formatDuration } from "../../lib/format.ts";
import { Badge, type Tone } from "../badge.tsx";
import { Card } from "../card.tsx";
import { Time } from "../figures.tsx";
import { JsonTree, type Picking } from "../json-tree.tsx";
import { SkeletonRows } from "../skeleton.tsx";
import { EmptyState, FailedState } from "../states.tsx";

interface AnswerViewProps {
  call: CallView | undefined;
  loading: boolean;
  error: unknown;
  onRetry: () => unknown;
  picking: AnswerPicking | undefined;
}

export interface AnswerPicking extends Picking {
  /** Stands above the body: what has been chosen. */
  note: ReactNode;
}

const parts = ["Body", "Output", "Headers", "Request", "Attempts"] as const;
type Part = (typeof parts)[number];

/** What came back: status, time, body, headers, the request as it was sent, and what was sent again and why. */
export function AnswerView({ call, loading, error, onRetry, picking }: AnswerViewProps) {
  const [part, setPart] = useState<Part>("Body");
  if (loading) {
    return (
      <Card title="Answer" className="p-0">
        <div className="p-4">
          <SkeletonRows rows={5} label="Waiting for the answer" />
        </div>
      </Card>
    );
  }
  if (error && !call) return <FailedState what="The call could not be loaded" error={error} onRetry={onRetry} />;
  if (!call) {
    return (
      <Card title="Answer">
        <EmptyState icon={Radio} title="No call yet">
          Send one, and everything that comes back stands here: status, headers, body, time. Secrets show as [secret].
        </EmptyState>
      </Card>
    );
  }
  const hasOutput = call.response?.output !== undefined;
  const offered = parts.filter((one) => one !== "Output" || hasOutput);
  const shown = offered.includes(part) ? part : "Body";
  return (
    <Card title="Answer" action={<StatusOf call={call} />}>
      <div className="grid gap-3 px-4 py-3" role="status">
        <p className="text-muted">
          {formatDuration(call.took_ms)}
          {call.response && ` · ${formatBytes(call.response.bytes)}`}
          {call.response?.media_type && ` · ${call.response.media_type}`} · <Time at={call.at} /> by {call.actor}
          {call.cached && " · kept from an earlier call"}
        </p>
        {call.failure && (
          <p className="rounded-md bg-bad-soft px-3 py-2 wrap-anywhere">
            <span className="font-semibold">{sentence(call.failure.message)}</span> {whatToDo[call.failure.kind]}
            {call.failure.at && (
              <>
                {" "}
                It takes calls again <Time at={call.failure.at} />.
              </>
            )}
          </p>
        )}
      </div>
      <fieldset className="flex flex-wrap gap-1 border-b border-border px-3 pb-2">
        <legend className="sr-only">Part of the call</legend>
        {offered.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === shown}
            onClick={() => setPart(one)}
            className={cn(
              "min-h-7 rounded-md px-2 font-medium pointer-coarse:min-h-11",
              one === shown ? "bg-primary-soft" : "text-muted hover:bg-hover",
            )}
          >
            {one === "Attempts" ? `Attempts ${call.attempts.length}` : one}
          </button>
        ))}
      </fieldset>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={shown}
        className="max-h-160 overflow-y-auto px-4 py-3 -outline-offset-2"
      >
        <PartOf part={shown} call={call} picking={picking} />
      </section>
    </Card>
  );
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** What a person does about a failed call. */
const whatToDo: Readonly<Record<string, string>> = {
  reauthorize: "The sign-in is not accepted: test the connection, it may have to be authorized again.",
  forbidden: "The account may not do this: its rights, or what was allowed at sign-in, have to be widened.",
  "not-found": "Nothing is at this address: look at the path and at the values in it.",
  rejected: "The values are not accepted: the body tells what is wrong with them.",
  "rate-limited": "Fewer calls are wanted: send it again later.",
  unavailable: "Nothing has to be changed: send it again in a moment.",
  uncertain: "It may have arrived or not: look at the provider before you send it again.",
  "unexpected-reply":
    "The answer is not what the action expects: look at its output and at how its pages are described.",
};

function StatusOf({ call }: { call: CallView }) {
  const status = call.response?.status;
  if (status === undefined) return <Badge tone="bad">no answer</Badge>;
  const tone: Tone = status < 300 ? "good" : status < 400 ? "warning" : "bad";
  return <Badge tone={tone}>{status}</Badge>;
}

function PartOf({ part, call, picking }: Pick<AnswerViewProps, "picking"> & { part: Part; call: CallView }) {
  switch (part) {
    case "Body":
      return call.response ? <BodyOf body={call.response.body} picking={picking} /> : <p>No answer came.</p>;
    case "Output":
      return <JsonTree label="Output" value={call.response?.output} />;
    case "Headers":
      return <HeadersOf headers={call.response?.headers ?? {}} none="No answer came." />;
    case "Request":
      return <RequestOf request={call.request} />;
    case "Attempts":
      return <AttemptsOf attempts={call.attempts} />;
  }
}

type ShownBody = NonNullable<CallView["response"]>["body"];

function BodyOf({ body, picking }: { body: ShownBody; picking?: AnswerViewProps["picking"] }) {
  if (body.kind === "none") return <p className="text-muted">The body is empty.</p>;
  if (body.kind === "binary") return <p className="text-muted">{body.note}</p>;
  if (body.kind === "json") {
    return (
      <>
        {picking?.note}
        <JsonTree label="Body" value={body.value} picking={picking} />
      </>
    );
  }
  return (
    <>
      <pre className="text-xs whitespace-pre-wrap wrap-anywhere">{body.text}</pre>
      {body.cut && <p className="mt-2 text-muted">Only the beginning is shown.</p>}
    </>
  );
}

function HeadersOf({ headers, none }: { headers: Record<string, string>; none: string }) {
  const entries = Object.entries(headers);
  if (entries.length === 0) return <p className="text-muted">{none}</p>;
  return (
    <dl className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-x-4 gap-y-1 font-mono text-xs">
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted wrap-anywhere">{name}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function RequestOf({ request }: { request: CallView["request"] }) {
  if (!request) return <p className="text-muted">Nothing was sent.</p>;
  return (
    <div className="grid gap-3">
      <p className="font-mono text-xs wrap-anywhere">
        {request.method} {request.url}
      </p>
      <HeadersOf headers={request.headers} none="No headers of its own." />
      {request.body.kind !== "none" && <BodyOf body={request.body} />}
    </div>
  );
}

function AttemptsOf({ attempts }: { attempts: CallView["attempts"] }) {
  if (attempts.length === 0) return <p className="text-muted">Nothing was sent.</p>;
  return (
    <ol className="grid gap-2">
      {attempts.map((attempt, place) => (
        <li key={attempt.at} className="flex flex-wrap items-baseline gap-x-3">
          <span className="text-muted">{place + 1}.</span>
          <span className="font-medium">{attempt.status ?? attempt.failure ?? "no answer"}</span>
          <span className="text-muted">
            {formatDuration(attempt.took_ms)}
            {attempt.wait_ms !== null && ` · sent again after ${formatDuration(attempt.wait_ms)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
