import type { ConnectionId } from "#core/ids.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { EnteredCredential } from "#provider-kit/credential.ts";
import { type CheckResult, checkConnected, judgeCheck } from "./check-connection.ts";
import { loadConnected } from "./connected.ts";
import type { Caller, Config, Failure } from "./connection.ts";
import { findConnectable } from "./connection-error.ts";
import { recordCheck } from "./health/checks.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findSignInMark, lockConnection, writeJudgement } from "./queries.ts";
import { checkEntered, chooseSignIn, refuseIncomplete } from "./sign-in.ts";
import { validateConfig } from "./validate-config.ts";

export interface TestResult {
  ok: boolean;
  account: { id: string; label: string } | undefined;
  failure: Failure | undefined;
  tookMs: number;
}

/**
 * Tests a connection now and keeps the answer as its status. One that nobody has signed in to yet stays as it is.
 * @throws AppError not_found, connection_not_active, invalid_request when the provider does not take its config
 */
export async function testConnection(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  id: ConnectionId,
): Promise<TestResult> {
  const connected = await deps.database.asWorkspace({ workspace }, async (tx) => ({
    ...(await loadConnected(tx, deps, id)),
    mark: await findSignInMark(tx, id),
  }));
  const { connection, auth, mark } = connected;
  const { config, status: before } = connection;
  const result = await checkConnected(deps, { workspace, actor, signal }, connected);
  const judgement = judgeCheck(result, connection.account);
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    const now = await lockConnection(tx, id);
    // Somebody may have disconnected it meanwhile, or signed in anew: then this is about what is no more (SR-96).
    const isKept = now && (await findSignInMark(tx, id)) === mark && (auth.type === "none" || mark !== undefined);
    if (isKept) {
      await writeJudgement(tx, id, config, { ...judgement, checkedAt: result.at });
      await recordCheck(tx, id, { ...judgement, trigger: "person", tookMs: result.tookMs });
    }
    await audit(tx, {
      actor,
      action: "connection.tested",
      target: { kind: "connection", id, label: connection.name },
      result: judgement.failure ? "failed" : "done",
      before: { status: before },
      after: { status: isKept ? judgement.status : (now?.status ?? before) },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
  });
  return toTestResult(result, judgement.failure);
}

/**
 * Tests a config, and a credential for it, that are not saved.
 * @throws AppError invalid_request with pointers to the fields, connection_needs_authorization, sandbox_off
 */
export async function testConfig(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  wanted: {
    provider: string;
    config: Config;
    auth?: AuthType | undefined;
    credential?: EnteredCredential | undefined;
    sandbox?: boolean | undefined;
  },
): Promise<TestResult> {
  const { provider } = await deps.database.asWorkspace({ workspace }, (tx) =>
    findConnectable(tx, deps, wanted.provider, wanted.sandbox ?? false),
  );
  const signIn = chooseSignIn(provider, validateConfig(provider, wanted.config), wanted);
  refuseIncomplete(signIn, provider);
  const target = { provider, config: wanted.config, kept: {}, ...signIn };
  const result = await checkEntered(deps, { workspace, actor, signal }, target);
  await deps.database.asWorkspace({ workspace }, (tx) =>
    audit(tx, {
      actor,
      action: "connection.config_tested",
      target: { kind: "provider", id: provider.key, label: provider.name },
      result: result.ok ? "done" : "failed",
    }),
  );
  return toTestResult(result, result.ok ? undefined : result.failure);
}

const toTestResult = (result: CheckResult, failure: Failure | undefined): TestResult => ({
  ok: failure === undefined,
  account: result.ok ? { id: result.account.id, label: result.account.label } : undefined,
  failure,
  tookMs: result.tookMs,
});
