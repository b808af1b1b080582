import { AppError, invalidField, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { EnteredCredential } from "#provider-kit/credential.ts";
import { type CheckResult, judgeCheck } from "./check-connection.ts";
import { loadConnected } from "./connected.ts";
import type { Caller, Connection } from "./connection.ts";
import type { ConnectionCard } from "./connection-card.ts";
import { recordCheck } from "./health/checks.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findSyncsUsing, lockConnection, writeJudgement, writeSignIn } from "./queries.ts";
import { readCard } from "./read-cards.ts";
import { checkEntered, chooseSignIn, refuseIncomplete } from "./sign-in.ts";
import { originsOf, storeCredential } from "./tokens/credential.ts";
import { eraseAccess } from "./tokens/erase.ts";

/**
 * Replaces the credential of a connection, after a test. One that the provider refuses, or that does not lead to the
 * pinned account for certain (SR-42), replaces nothing. Where none is pinned yet and the provider cannot be asked, it is
 * kept untested.
 * @throws AppError not_found, invalid_request below /credential, conflict, connection_in_use, connection_not_active,
 * provider_failed
 */
export async function setCredential(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  id: ConnectionId,
  wanted: { auth?: AuthType | undefined; credential: EnteredCredential; otherAccount: boolean },
): Promise<ConnectionCard> {
  const { connection, provider, config } = await deps.database.asWorkspace({ workspace }, (tx) =>
    loadConnected(tx, deps, id),
  );
  const signIn = chooseSignIn(provider, config, { ...wanted, auth: wanted.auth ?? connection.authType });
  refuseIncomplete(signIn, provider);
  const { auth, fields = {} } = signIn;
  const result = await checkEntered(
    deps,
    { workspace, actor, signal },
    { provider, config: connection.config, kept: connection.kept, ...signIn },
  );
  if (!result.ok && result.failure.kind === "reauthorize") {
    throw invalidField("/credential", result.failure.message, "refused");
  }
  if (!result.ok && connection.account) {
    throw new AppError(
      "provider_failed",
      `Whether this credential is "${connection.account.label}"'s could not be found out: ${result.failure.message.replace(/\.$/, "")}. Nothing was changed.`,
    );
  }
  const by = personOf(actor);

  return deps.database.asWorkspace({ workspace }, async (tx) => {
    const before = await lockConnection(tx, id);
    if (!before) throw notFound();
    const isOther = leadsElsewhere(before, result);
    if (isOther) refuseOther(wanted.otherAccount, before, isOther.label, await findSyncsUsing(tx, id, 1));
    // Tokens of an earlier sign-in at the provider are given back.
    if (before.authType !== auth.type || isOther) await eraseAccess(tx, deps, before, { revoke: true });
    const kept = { ...(isOther ? {} : before.kept), ...(result.ok ? result.account.kept : {}) };
    await writeSignIn(tx, id, { authType: auth.type, kept });
    await storeCredential(tx, deps, id, auth, fields, { origins: originsOf(provider, config, kept), by });
    const judgement = judgeCheck(result, isOther ? undefined : before.account);
    await writeJudgement(tx, id, connection.config, { ...judgement, checkedAt: result.at });
    await recordCheck(tx, id, { ...judgement, trigger: "change", tookMs: result.tookMs });
    await audit(tx, {
      actor,
      action: "connection.credential_set",
      target: { kind: "connection", id, label: before.name },
      before: { auth: before.authType ?? null, status: before.status, account: before.account?.label ?? null },
      after: { auth: auth.type, status: judgement.status, account: judgement.account?.label ?? null },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
    return readCard(tx, deps, id);
  });
}

const leadsElsewhere = ({ account }: Connection, result: CheckResult) =>
  account && result.ok && result.account.id !== account.id ? result.account : undefined;

function refuseOther(isWanted: boolean, { name, account }: Connection, other: string, syncs: readonly string[]): void {
  if (!isWanted) {
    throw new AppError(
      "conflict",
      `This credential is "${other}"'s; "${name}" is "${account?.label}"'s. Nothing was changed.`,
    );
  }
  if (syncs.length === 0) return;
  throw new AppError(
    "connection_in_use",
    `Syncs count on the account of "${account?.label}". Make a new connection for "${other}".`,
  );
}
