import { AppError, ProviderError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { Account, Provider } from "#provider-kit/provider.ts";
import { openAccess, secretUse } from "./access.ts";
import type { Connected } from "./connected.ts";
import { type ConnectionStatus, type Failure, WRONG_ACCOUNT } from "./connection.ts";
import { type AboutCall, type ConnectionDeps, firstCall } from "./open-connection.ts";
import { openRedaction } from "./redaction.ts";
import { withinTime } from "./within-time.ts";

const TIME_TO_ANSWER_MS = 15_000;
/** Somebody waits for the answer, or the next check comes by itself: a provider that is down is not waited for. */
const MOST_TRIES = 2;

export type CheckResult = { at: Date; tookMs: number } & (
  | { ok: true; account: Account }
  | { ok: false; failure: Failure }
);

/**
 * Asks the provider whether a config works and whose account it leads to. A config that the provider does not take is
 * an `invalid_request`; everything else that goes wrong is an answer.
 */
export async function checkConnection(
  deps: Pick<ConnectionDeps, "database" | "vault" | "sendPatiently" | "clock">,
  provider: Provider,
  config: unknown,
  about: AboutCall,
): Promise<CheckResult> {
  const begun = performance.now();
  const done = () => ({ at: deps.clock.now(), tookMs: Math.round(performance.now() - begun) });
  const redaction = openRedaction();
  try {
    const limits = { name: provider.name, ms: TIME_TO_ANSWER_MS, signal: about.signal };
    const account = await withinTime(limits, (signal) =>
      provider.check(firstCall(deps, provider, config, { ...about, signal, redaction, mostTries: MOST_TRIES })),
    );
    // A provider of somebody's own may take any part of an answer for the account, such as the key itself.
    const { id, label } = account;
    return {
      ok: true,
      account: { ...account, id: redaction.redact(id), label: redaction.redact(label) },
      ...done(),
    };
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_request") throw error;
    const { at, tookMs } = done();
    const { kind, message } = readFailure(error);
    return { ok: false, failure: { kind, message: redaction.redact(message), at: at.toISOString() }, at, tookMs };
  }
}

/** The same for a connection with what it is signed in with. `config` where it is to have another one. */
export function checkConnected(
  deps: ConnectionDeps,
  by: { workspace: WorkspaceId; actor: Actor | "system"; signal: AbortSignal },
  { connection, provider, auth }: Pick<Connected, "connection" | "provider" | "auth">,
  config: unknown = connection.config,
): Promise<CheckResult> {
  const { workspace, actor, signal } = by;
  const { id, kept } = connection;
  const use = secretUse(actor, "connection check");
  const access = openAccess(deps, { workspace, connection: id, provider, auth, use });
  const about = { kept, auth: auth.type, access, use, signal, scope: workspace, lane: id };
  return checkConnection(deps, provider, config, about);
}

/** What a connection's row says after a test. A pinned connection that now leads elsewhere is in error (SR-42). */
export function judgeCheck(
  result: CheckResult,
  pinned: Account | undefined,
): { status: ConnectionStatus; account: Account | undefined; failure: Failure | undefined } {
  if (!result.ok) {
    const status = result.failure.kind === "reauthorize" ? "needs_authorization" : "error";
    return { status, account: pinned, failure: result.failure };
  }
  if (pinned && pinned.id !== result.account.id) {
    return { status: "error", account: pinned, failure: otherAccount(pinned, result.at) };
  }
  return { status: "active", account: result.account, failure: undefined };
}

const otherAccount = (pinned: Account, at: Date): Failure => ({
  kind: WRONG_ACCOUNT,
  message: `What answers now is not the "${pinned.label}" that was connected. Bring that one back, or make a new connection.`,
  at: at.toISOString(),
});

function readFailure(error: unknown): Failure {
  if (error instanceof ProviderError) return { kind: error.kind, message: error.message };
  if (error instanceof AppError) {
    // SR-6: the addresses have changed since it was entered; somebody has to say that the new ones may have it.
    return { kind: error.code === "secret_origin_denied" ? "reauthorize" : "rejected", message: error.message };
  }
  throw error;
}
