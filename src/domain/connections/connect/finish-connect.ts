import { AppError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { TokenFailureKind } from "#core/token-answer.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { type TokenAnswer, TokenFailure } from "#outbound/token-endpoint.ts";
import { secretUse } from "../access.ts";
import { checkConnection } from "../check-connection.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { originsOf } from "../tokens/credential.ts";
import { exchangeCode } from "../tokens/exchange-code.ts";
import { actorOf, checkFlow, type Ready, type Refusal } from "./check-flow.ts";
import { checkUntilKnown } from "./check-until-known.ts";
import type { Flow, Outcome, Visitor } from "./flow.ts";
import { grantedAccess } from "./granted-access.ts";
import { type Grant, keepGrant } from "./keep-grant.ts";
import { outcomePage, unknownPage } from "./outcome-page.ts";
import { writeOutcome } from "./queries.ts";
import type { Callback } from "./read-callback.ts";
import { type Place, takeCallback } from "./take-callback.ts";

/**
 * Ends a sign-in at a provider, once (SR-34), and gives the local page that tells how. The work is brought to its end
 * also where the browser has left: a code is given away at most once, and what it brings must not be lost.
 */
export async function finishConnect(
  deps: ConnectionDeps,
  visitor: Visitor | undefined,
  callback: Callback,
): Promise<string> {
  const taken = visitor && (await takeCallback(deps, visitor, callback.params));
  if (!taken) return unknownPage;
  const { flow } = taken;
  if (!flow) return outcomePage(taken, "expired");
  let outcome: Outcome = "failed";
  await deps.flights.run(`connect ${flow.id}`, async () => {
    outcome = await finish(deps, visitor, taken, flow, callback);
  });
  return outcomePage(taken, outcome, flow.returnTo);
}

async function finish(
  deps: ConnectionDeps,
  visitor: Visitor,
  { workspace }: Place,
  flow: Flow,
  callback: Callback,
): Promise<Outcome> {
  const inWorkspace = <T>(work: (tx: WorkspaceTx) => Promise<T>): Promise<T> =>
    deps.database.asWorkspace({ workspace, user: visitor.user }, work);
  const refuse = (refusal: Refusal) => inWorkspace((tx) => end(tx, visitor, flow, refusal));

  const ready = await inWorkspace((tx) => checkFlow(tx, deps, visitor, flow, callback));
  if ("refused" in ready) return refuse(ready);
  const answer = await exchange(deps, flow, ready);
  if ("refused" in answer) return refuse(answer);
  const grant = await askWhose(deps, workspace, visitor, ready, answer);
  if ("refused" in grant) return refuse(grant);
  return inWorkspace(async (tx) => {
    const kept = await keepGrant(tx, deps, visitor, flow, ready, grant);
    return typeof kept === "string" ? kept : end(tx, visitor, flow, kept);
  });
}

async function exchange(deps: ConnectionDeps, flow: Flow, ready: Ready): Promise<TokenAnswer | Refusal> {
  const { auth, client, code, verifier } = ready;
  try {
    return await exchangeCode(deps, { auth, client, code, verifier, redirectUri: flow.redirectUri });
  } catch (error) {
    if (error instanceof AppError) return { refused: "failed", because: error.code };
    if (!(error instanceof TokenFailure)) throw error;
    // Nobody knows whether the code is spent: it is not given away again, the person starts anew.
    if (!error.answered) return { refused: "provider_down", because: "no_answer" };
    return { refused: outcomes[error.kind], because: error.code ?? error.kind };
  }
}

const outcomes: Record<TokenFailureKind, Outcome> = {
  temporary: "provider_down",
  app: "app_misconfigured",
  "grant-dead": "failed",
  unknown: "failed",
};

/** Whose account it is, asked with the new token: it is the first proof that it works. */
async function askWhose(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  visitor: Visitor,
  ready: Ready,
  answer: TokenAnswer,
): Promise<Grant | Refusal> {
  const { connection, provider, auth, config } = ready;
  // Of an earlier sign-in nothing is taken over: it may have been another account.
  const kept = { ...ready.kept, ...answer.kept };
  let origins: string[];
  try {
    origins = originsOf(provider, config, kept);
  } catch {
    // What was told does not fit into the provider's addresses.
    return { refused: "failed", because: "kept" };
  }
  const about = {
    kept,
    auth: auth.type,
    access: grantedAccess(auth, answer, origins),
    use: secretUse(actorOf(visitor), "connection check"),
    signal: new AbortController().signal,
    scope: workspace,
    lane: connection.id,
  };
  const result = await checkUntilKnown(() => checkConnection(deps, provider, connection.config, about), auth);
  return { answer, kept, result };
}

/** Nothing was changed; how it ended is told to the members. */
async function end(tx: WorkspaceTx, visitor: Visitor, flow: Flow, { refused, because }: Refusal): Promise<Outcome> {
  await writeOutcome(tx, flow.id, refused);
  await audit(tx, {
    actor: actorOf(visitor),
    action: "connection.authorize_failed",
    target: { kind: "connection", id: flow.connection },
    result: refused === "denied" ? "refused" : "failed",
    after: { outcome: refused, because },
  });
  await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
  return refused;
}
