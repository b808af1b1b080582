import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { TokenAnswer } from "#outbound/token-endpoint.ts";
import type { CheckResult } from "../check-connection.ts";
import { missingScopes } from "../connection-card.ts";
import { recordCheck } from "../health/checks.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { findSyncsUsing, lockConnection, writeJudgement, writeSignIn } from "../queries.ts";
import { originsOf } from "../tokens/credential.ts";
import { eraseAccess } from "../tokens/erase.ts";
import { tokenUrlOf } from "../tokens/obtain.ts";
import { giveBack } from "../tokens/revoke-later.ts";
import { storeTokens } from "../tokens/store.ts";
import { actorOf, findUnchanged, type Ready, type Refusal } from "./check-flow.ts";
import type { Flow, Outcome, Visitor } from "./flow.ts";
import { judgeGrant } from "./judge-grant.ts";
import { writeOutcome } from "./queries.ts";

/** Tokens, and what the first call with them has shown. */
export interface Grant {
  answer: TokenAnswer;
  kept: Record<string, string>;
  result: CheckResult;
}

/**
 * Stores what a person has granted, where it is still wanted: whoever disconnected the connection or changed its provider
 * meanwhile has the last word. What is not stored and belongs to another account is given back.
 */
export async function keepGrant(
  tx: WorkspaceTx,
  deps: ConnectionDeps,
  visitor: Visitor,
  flow: Flow,
  ready: Ready,
  grant: Grant,
): Promise<Outcome | Refusal> {
  const { auth, client, provider } = ready;
  const { answer, result } = grant;
  const before = await lockConnection(tx, flow.connection);
  const unchanged = await findUnchanged(tx, deps, flow);
  if (!before || "refused" in unchanged) return { refused: "provider_changed", because: "meanwhile" };
  const granted = answer.scopes ?? flow.scopes;
  const missing = missingScopes(auth, granted);
  const judged = judgeGrant(before, {
    name: provider.name,
    result,
    missing,
    otherAccount: flow.otherAccount,
    inUse: (await findSyncsUsing(tx, before.id, 1)).length > 0,
  });
  if ("refused" in judged) {
    if (judged.refused === "wrong_account" && result.ok) {
      await giveBack(tx, deps, { connection: before, account: result.account.id, auth, client, answer });
    }
    return judged;
  }
  const { outcome, isOther, ...judgement } = judged;
  if (!(await writeOutcome(tx, flow.id, outcome))) return { refused: "failed", because: "disconnected" };

  if (isOther) await eraseAccess(tx, deps, before, { revoke: true });
  const kept = { ...grant.kept, ...judgement.account?.kept };
  await writeSignIn(tx, before.id, { authType: auth.type, kept });
  await storeTokens(tx, deps, before.id, auth, answer, {
    grantedAt: ready.sentAt,
    sentAt: ready.sentAt,
    clientId: client.id,
    tokenUrl: tokenUrlOf(auth),
    origins: originsOf(provider, ready.config, kept),
    askedScopes: flow.scopes,
  });
  await writeJudgement(tx, before.id, before.config, { ...judgement, checkedAt: result.at });
  await recordCheck(tx, before.id, { ...judgement, trigger: "connect", tookMs: result.tookMs });
  await audit(tx, {
    actor: actorOf(visitor),
    action: "connection.connected",
    target: { kind: "connection", id: before.id, label: before.name },
    result: judgement.status === "active" ? "done" : "failed",
    before: { status: before.status, account: before.account?.label ?? null },
    after: { status: judgement.status, account: judgement.account?.label ?? null, scopes: granted, outcome },
  });
  await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
  return outcome;
}
