import { AppError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { systemTimer } from "#outbound/timer.ts";
import { requestToken, type TokenAnswer, TokenFailure, type TokenRequest } from "#outbound/token-endpoint.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { Connection } from "../connection.ts";
import { noteMended } from "../health/note-health.ts";
import type { OpenClient } from "../oauth-clients/open-client.ts";
import { lockConnection } from "../queries.ts";
import type { TokenDeps } from "./deps.ts";
import { judgeFailure, type RefreshFailure } from "./judge-failure.ts";
import { clearIntent, holdIntent, keepLease, releaseLease } from "./lease.ts";
import { meansOf } from "./means.ts";
import { noteTrouble } from "./note-trouble.ts";
import { type TokenAuth, tokenUrlOf } from "./obtain.ts";
import { leaveDoubt, readTokenState } from "./queries.ts";
import { giveBack } from "./revoke-later.ts";
import { storeTokens } from "./store.ts";
import { type TokenLease, versionName } from "./token-state.ts";

/** A request for a token whose intent is committed. */
export interface Asking {
  connection: Connection;
  provider: Provider;
  auth: TokenAuth;
  request: TokenRequest;
  /** Where the token may be sent. */
  origins: readonly string[];
  /** The OAuth client, for a way to sign in that a person has consented to. */
  client?: OpenClient;
  lease: TokenLease;
  intent: { at: string; time: Date };
  /** The stored token that the new one is to follow. */
  version: string;
  /** An earlier request with the same refresh token may have spent it. */
  maybeSpent: boolean;
}

type Outcome = { answer: TokenAnswer } | { failure: RefreshFailure; mistake?: unknown };

/** Asks the token endpoint, once, and stores what came of it. */
export async function askForToken(deps: TokenDeps, asking: Asking): Promise<void> {
  const kept = keepLease(deps.database, asking.lease, deps.leaseSeconds);
  try {
    const outcome = await ask(deps, asking);
    await untilStored(deps, asking, outcome);
    if ("mistake" in outcome) throw outcome.mistake;
  } finally {
    kept.stop();
  }
}

/** Not ended by anybody's leaving: outbound's own limits end it, well before the intent is taken for abandoned. */
async function ask(deps: TokenDeps, { request }: Asking): Promise<Outcome> {
  try {
    return { answer: await requestToken(deps.outbound, request) };
  } catch (error) {
    if (error instanceof TokenFailure) {
      const { kind, code, description, retryAt, sent, answered } = error;
      return { failure: { kind, code, description, retryAt, unclear: sent && !answered } };
    }
    // Refused before anything was sent, such as a name that leads to a private address, which may be over soon.
    if (error instanceof AppError) {
      return { failure: { kind: "temporary", description: error.message, unclear: false } };
    }
    return { failure: { kind: "temporary", unclear: true }, mistake: error };
  }
}

const STORING_TAKES_AT_MOST_MS = 5 * 60_000;

/**
 * The answer may hold the only copy of the next refresh token: while the database is away it is tried again, and while
 * somebody else asks at the same time his outcome is waited for.
 */
async function untilStored(deps: TokenDeps, asking: Asking, outcome: Outcome): Promise<void> {
  const until = performance.now() + STORING_TAKES_AT_MOST_MS;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    try {
      const stored = await deps.database.asWorkspace({ workspace: asking.lease.workspace }, (tx) =>
        store(tx, deps, asking, outcome),
      );
      if (stored || performance.now() > until) return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await systemTimer.wait(pauseMs * (0.5 + Math.random()));
  }
}

/**
 * Writes the outcome where it is still wanted; false when that cannot be told yet.
 *
 * It is wanted while the stored token is the one that was to be replaced and nobody else has asked since. That the lease
 * has meanwhile passed to another process does not count by itself: as long as that one has not asked, it will find
 * this answer when it reads again, and would have nothing better. Where it has asked, its outcome decides: what it
 * stores is newer; where it failed or has died, the late answer may be the only one that is left.
 */
async function store(tx: WorkspaceTx, deps: TokenDeps, asking: Asking, outcome: Outcome): Promise<boolean> {
  const { lease, intent, version } = asking;
  const connection = await lockConnection(tx, lease.connection);
  const standing = await holdIntent(tx, lease.connection);
  const { tokens, now } = await readTokenState(tx, lease.connection);
  const isWanted = connection && tokens && versionName(tokens) === version;
  if (!isWanted) {
    // Disconnected or deleted while it was on its way (SR-96): the connection does not come back to life.
    const { auth, client } = asking;
    if ("answer" in outcome && !tokens && auth.type === "oauth2_authorization_code" && client) {
      const account = asking.connection.account?.id;
      await giveBack(tx, deps, { connection: asking.connection, account, auth, client, answer: outcome.answer });
    }
    return true;
  }
  const isOurs = standing?.at === intent.at;
  if (standing && !isOurs) {
    if ("failure" in outcome) return true;
    const isUndecided = standing.isHeld || standing.ageMs < meansOf(deps, asking.auth).longestMs;
    if (isUndecided) return false;
  }
  if ("answer" in outcome) {
    const { auth, client, origins } = asking;
    await storeTokens(tx, deps, lease.connection, auth, outcome.answer, {
      sentAt: intent.time,
      tokenUrl: tokenUrlOf(auth),
      origins,
      ...(client && { clientId: client.id }),
    });
    await clearIntent(tx, lease.connection);
    // Somebody has sent the old refresh token since: a strict provider has ended the new one by that.
    if (!isOurs) await leaveDoubt(tx, lease.connection, now);
    if (tokens.failure) await noteMended(tx, connection, tokens.failure);
  } else if (isOurs) {
    const judgement = judgeFailure(outcome.failure, {
      name: asking.provider.name,
      now,
      tokens,
      maybeSpent: asking.maybeSpent,
      needsPerson: asking.auth.type === "oauth2_authorization_code",
      chance: Math.random(),
    });
    await noteTrouble(tx, connection, judgement);
    // Where nothing tells what the provider has done the intent stays: the next one waits until it is over for certain.
    if (!outcome.failure.unclear) await clearIntent(tx, lease.connection);
  }
  await releaseLease(tx, lease);
  return true;
}
