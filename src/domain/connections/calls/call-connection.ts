import { ProviderError } from "#core/errors.ts";
import { type CallId, type ConnectionId, newId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import { openSecrets } from "#domain/secrets/open-secrets.ts";
import type { OutboundResponse } from "#outbound/client.ts";
import { parseJson } from "#outbound/json.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import { readBytes } from "#outbound/read.ts";
import { explainAnswer } from "#provider-kit/provider-http.ts";
import type { Signing } from "../access.ts";
import type { Caller } from "../connection.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { openRedaction, secretsOf } from "../redaction.ts";
import { untilAborted } from "../within-time.ts";
import { boundCall } from "./bound-call.ts";
import { cacheKey } from "./cache-key.ts";
import type { Call, CallAttempt, ShownRequest, ShownResponse } from "./call.ts";
import { readCallFailure } from "./call-failure.ts";
import { type CallTarget, openTarget } from "./open-target.ts";
import { type PreparedCall, prepareCall, type WantedCall } from "./prepare-call.ts";
import { type CacheKey, findKept, insertCall, keepResponse } from "./queries.ts";
import { sendCall } from "./send-call.ts";
import { showRequest } from "./show-request.ts";
import { redactJson, showBody, sizeOf } from "./shown-body.ts";
import { showHeaders } from "./shown-headers.ts";

const MOST_TIME_MS = 60_000;

/** What came of a call, and what it takes to keep the answer for the next one. */
type Outcome = Pick<Call, "request" | "response" | "failure" | "attempts" | "cached"> & { keep?: CacheKey };

/**
 * Calls an action of a connection, or sends a request that was written by hand, and keeps what was sent and what came
 * back, without the secrets in both. That the other side said no, or did not answer, is an outcome like any other.
 * @throws AppError not_found, connection_not_active, invalid_request with pointers to the fields
 */
export async function callConnection(
  deps: ConnectionDeps,
  caller: Caller,
  id: ConnectionId,
  wanted: WantedCall,
  complete: (tx: WorkspaceTx, call: Call) => Promise<void> = async () => {},
): Promise<Call> {
  const target = await openTarget(deps, caller, id);
  const callId = newId<CallId>();
  const prepared = prepareCall(target, wanted, callId);
  const at = deps.clock.now();
  const begun = performance.now();
  const { keep, ...outcome } = await carryOut(deps, caller, target, prepared, wanted.fresh);
  const call: Call = {
    ...outcome,
    id: callId,
    connection: id,
    at,
    action: wanted.action,
    actor: caller.actor.label,
    tookMs: Math.round(performance.now() - begun),
  };
  await deps.database.asWorkspace({ workspace: caller.workspace }, async (tx) => {
    await insertCall(tx, boundCall(call), caller.actor);
    if (keep && call.response && prepared.cache) {
      await keepResponse(tx, keep, { ...prepared.cache, response: call.response });
    }
    await audit(tx, {
      actor: caller.actor,
      action: "connection.called",
      target: { kind: "connection", id, label: target.connection.name },
      result: call.failure ? "failed" : "done",
      after: {
        action: wanted.action ?? null,
        method: prepared.request.method,
        path: pathOf(call.request?.url),
        status: call.response?.status ?? null,
        failure: call.failure?.kind ?? null,
      },
    });
    await complete(tx, call);
  });
  return call;
}

/** Of an address as it is shown: a secret may have been written into its path by hand. */
const pathOf = (shown = ""): string | null => /^[^:]+:\/\/[^/?]*([^?]*)/.exec(shown)?.[1] ?? null;

async function carryOut(
  deps: ConnectionDeps,
  caller: Caller,
  target: CallTarget,
  prepared: PreparedCall,
  fresh: boolean,
): Promise<Outcome> {
  const { request } = prepared;
  const attempts: CallAttempt[] = [];
  const { redact, see } = openRedaction();
  let signed: Signing | undefined;
  const shown = (): ShownRequest => showRequest(request, signed?.credential, redact);
  const signal = AbortSignal.any([caller.signal, AbortSignal.timeout(MOST_TIME_MS)]);

  try {
    const { secrets, version } = await deps.database.asWorkspace({ workspace: caller.workspace }, (tx) =>
      openSecrets(tx, deps, prepared.secrets, target.use),
    );
    see([...secrets.values()].map(({ secret }) => secret));
    const keyFor = (used: Signing) => cacheKey(target.connection.id, prepared, `${used.version} ${version}`);
    if (prepared.cache && !fresh) {
      signed = await untilAborted(target.access.sign(request.url), signal);
      see(secretsOf(signed, target.auth));
      const key = keyFor(signed);
      const kept = await deps.database.asWorkspace({ workspace: caller.workspace }, (tx) => findKept(tx, key));
      if (kept) return { request: shown(), response: kept, attempts, failure: undefined, cached: true };
    }
    const answer = await sendCall(deps, target.access, request, {
      secrets,
      signal,
      patience: {
        scope: caller.workspace,
        ...(target.lane && { lane: target.lane }),
        onAttempt: (attempt) => void attempts.push(toAttempt(attempt, redact)),
      },
      used(signing) {
        signed = signing;
        see(secretsOf(signing, target.auth));
      },
    });
    if (answer.status >= 400) target.access.failed();
    const read = await readAnswer(answer, target, prepared, redact);
    const kept = signed && isWorthKeeping(read, prepared) ? { keep: keyFor(signed) } : {};
    return { request: shown(), ...read, attempts, cached: false, ...kept };
  } catch (error) {
    target.access.failed();
    const changes = !request.repeatable;
    const { kind, message } = readCallFailure(error, { changes, gone: caller.signal.aborted });
    const failure = { kind, message: redact(message), at: deps.clock.now().toISOString() };
    return { request: shown(), response: undefined, failure, attempts, cached: false };
  }
}

async function readAnswer(
  answer: OutboundResponse,
  { provider }: CallTarget,
  { readOutput }: PreparedCall,
  redact: (text: string) => string,
): Promise<Pick<Call, "failure"> & { response: ShownResponse }> {
  const mediaType = answer.headers.get("content-type");
  const about = {
    status: answer.status,
    url: redact(answer.url.href),
    headers: showHeaders(answer.headers, redact),
    mediaType: mediaType && redact(mediaType),
  };
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(answer);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const failure = { kind: "unexpected-reply", message: error.message };
    return { response: { ...about, bytes: 0, body: { kind: "none" } }, failure };
  }
  const response: ShownResponse = {
    ...about,
    bytes: bytes.byteLength,
    body: showBody(bytes, mediaType, redact, parseJson),
  };
  // Before words of it are cut to the length of a message, all secrets have to be out.
  const { headers } = about;
  const told = { status: answer.status, headers: new Headers(headers), body: plainBody(bytes, redact) };
  if (told.status < 200 || told.status > 299) {
    return { response, failure: toFailure(explainAnswer(provider, told), redact) };
  }
  try {
    const output = readOutput?.(told);
    const shown = output === undefined ? undefined : redactJson(output, redact);
    return { response: { ...response, ...(shown !== undefined && { output: shown }) }, failure: undefined };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { response, failure: toFailure(error, redact) };
  }
}

function toFailure({ kind, message }: ProviderError, redact: (text: string) => string) {
  return { kind, message: redact(message) };
}

/** JSON where it is JSON, else text; without secrets. */
function plainBody(bytes: Uint8Array, redact: (text: string) => string): unknown {
  const text = new TextDecoder().decode(bytes);
  // Where nothing is found and nothing is escaped, nothing can be found in its parts.
  const isClean = !text.includes("\\") && redact(text) === text;
  try {
    return isClean ? parseJson(text) : redactJson(parseJson(text), redact);
  } catch {
    return redact(text);
  }
}

const MOST_WORTH_KEEPING = 262_144;

const isWorthKeeping = (
  { response, failure }: Pick<Outcome, "response" | "failure">,
  { cache }: PreparedCall,
): boolean =>
  cache !== undefined &&
  failure === undefined &&
  !(response?.body.kind === "text" && response.body.cut) &&
  sizeOf(response) <= MOST_WORTH_KEEPING;

const toAttempt = (
  attempt: { at: Date; tookMs: number; status?: number; failure?: string; waitMs?: number },
  redact: (text: string) => string,
): CallAttempt => ({
  at: attempt.at.toISOString(),
  tookMs: Math.round(attempt.tookMs),
  status: attempt.status,
  failure: attempt.failure && redact(attempt.failure),
  waitMs: attempt.waitMs && Math.round(attempt.waitMs),
});
