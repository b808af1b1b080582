/**
 * The one place where tokens are got (SR-39…41). Order: take the lease · read the token again · commit the intent · ask,
 * with no transaction open · store the answer together with what follows from it.
 */
import { AppError, ProviderError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { systemTimer } from "#outbound/timer.ts";
import { loadConnected } from "../connected.ts";
import { loseAuthorization } from "../health/note-health.ts";
import { lockConnection } from "../queries.ts";
import { type Asking, askForToken } from "./ask.ts";
import { beginAsking } from "./begin-asking.ts";
import { type Decision, decide } from "./decide.ts";
import type { TokenDeps } from "./deps.ts";
import { extendLease, releaseLease, takeLease } from "./lease.ts";
import { meansOf } from "./means.ts";
import { usesTokens } from "./obtain.ts";
import { readTokenState } from "./queries.ts";
import type { TokenLease, TokenState, Want } from "./token-state.ts";

/** How often somebody who waits for another process looks again; with jitter, and without a database connection. */
const LOOK_AGAIN_MS = 200;

export interface TokenKey {
  workspace: WorkspaceId;
  connection: ConnectionId;
}

/**
 * Sees to it that the stored token serves `want`: by this process, by another one, or because it does already. What is
 * begun is brought to its end also when nobody waits for it any more.
 * @throws ProviderError `reauthorize` when a person is needed, `unavailable` or `rejected` (with `retryAt`) when it
 * cannot be had now; AppError when the connection cannot be called at all
 */
export function refreshToken(deps: TokenDeps, key: TokenKey, want: Want): Promise<void> {
  return deps.flights.run(key.connection, () => fly(deps, key, want));
}

type Step =
  | { next: "done" }
  | { next: "failed"; error: Error }
  /** `lease` where it is held meanwhile. */
  | { next: "pause"; ms: number; lease?: TokenLease }
  | { next: "ask"; asking: Asking };

async function fly(deps: TokenDeps, key: TokenKey, want: Want): Promise<void> {
  let lease: TokenLease | undefined;
  let hasAsked = false;
  try {
    for (;;) {
      const flight = { want, held: lease, hasAsked };
      const step = await deps.database.asWorkspace(key, (tx) => prepare(tx, deps, key.connection, flight));
      lease = step.next === "pause" ? step.lease : undefined;
      if (step.next === "done") return;
      if (step.next === "failed") throw step.error;
      if (step.next === "ask") {
        await askForToken(deps, step.asking);
        hasAsked = true;
      } else await systemTimer.wait(step.ms);
    }
  } catch (error) {
    const left = lease;
    if (left) await deps.database.asWorkspace(key, (tx) => releaseLease(tx, left)).catch(() => {});
    throw error;
  }
}

/** Looks, and where something has to be asked takes the lease and writes the intent. */
async function prepare(
  tx: WorkspaceTx,
  deps: TokenDeps,
  id: ConnectionId,
  { want, held, hasAsked }: { want: Want; held: TokenLease | undefined; hasAsked: boolean },
): Promise<Step> {
  const { auth, provider, connection: loaded } = await loadConnected(tx, deps, id);
  if (!usesTokens(auth)) return { next: "done" };
  const means = meansOf(deps, auth);
  if (!held) {
    const seen = decide(await readTokenState(tx, id), want, means);
    const isNews = seen.next === "authorize" && seen.because === "ended" && loaded.status !== "needs_authorization";
    if (seen.next !== "ask" && seen.next !== "settle" && !isNews) return conclude(seen, provider.name);
  }
  const connection = await lockConnection(tx, id);
  if (!connection) throw new AppError("not_found", "The connection has been deleted.");
  const lease = held
    ? (await extendLease(tx, held, deps.leaseSeconds)) && held
    : await takeLease(tx, id, deps.holder, deps.leaseSeconds);
  if (!lease) return lookAgain();

  const state = await readTokenState(tx, id);
  const decision = decide({ ...state, lease: state.lease && { ...state.lease, heldUntil: undefined } }, want, means);
  if (decision.next === "settle") return { next: "pause", ms: Math.min(decision.inMs, lookAgain().ms), lease };
  if (decision.next === "ask" && !hasAsked) {
    const begun = await beginAsking(tx, deps, { connection, provider, auth }, lease, state);
    return "error" in begun ? { next: "failed", error: begun.error } : { next: "ask", asking: begun };
  }
  await releaseLease(tx, lease);
  // Once in a flight: whenever the next try is, those who wait hear of this one first.
  const step = conclude(decision.next === "ask" ? failedJustNow(state) : decision, provider.name);
  if (decision.next === "authorize" && decision.because === "ended" && step.next === "failed") {
    await loseAuthorization(tx, connection, {
      kind: "reauthorize",
      message: step.error.message,
      at: state.now.toISOString(),
    });
  }
  return step;
}

function conclude(decision: Exclude<Decision, { next: "ask" | "settle" }>, name: string): Step {
  switch (decision.next) {
    case "use":
      return { next: "done" };
    case "wait":
      return lookAgain();
    case "authorize":
      return { next: "failed", error: wantsPerson(decision, name) };
    case "later":
      return { next: "failed", error: notNow(decision, name) };
  }
}

function failedJustNow({ tokens, now }: TokenState): Extract<Decision, { next: "authorize" | "later" }> {
  const { failure: trouble, retryAt = now } = tokens ?? {};
  if (trouble?.kind === "reauthorize") return { next: "authorize", because: "refused", trouble };
  return { next: "later", retryAt, trouble };
}

const lookAgain = () => ({ next: "pause" as const, ms: LOOK_AGAIN_MS * (0.5 + Math.random()) });

/** What is said to a caller for whom only a person can get a token. */
function wantsPerson(decision: Extract<Decision, { next: "authorize" }>, name: string): ProviderError {
  const messages = {
    never: `Nobody has signed in at ${name} yet. Authorize first.`,
    ended: `The sign-in at ${name} has ended, and ${name} lets nobody but you renew it. Authorize again.`,
    refused: `${name} no longer accepts the sign-in. Authorize again.`,
  };
  return new ProviderError("reauthorize", decision.trouble?.message ?? messages[decision.because]);
}

/** What is said while it failed lately and is not to be tried again yet. */
function notNow({ retryAt, trouble }: Extract<Decision, { next: "later" }>, name: string): ProviderError {
  const kind = trouble?.kind === "rejected" ? "rejected" : "unavailable";
  return new ProviderError(kind, trouble?.message ?? `${name} gives no token at the moment`, { retryAt });
}
