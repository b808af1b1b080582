import type { ConnectionId } from "#core/ids.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { type CheckResult, checkConnection, judgeCheck } from "./check-connection.ts";
import type { Caller, Config, Failure } from "./connection.ts";
import { findProvider } from "./connection-error.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { writeJudgement } from "./queries.ts";
import { getConnection } from "./read-connections.ts";

export interface TestResult {
  ok: boolean;
  account: { id: string; label: string } | undefined;
  failure: Failure | undefined;
  tookMs: number;
}

/**
 * Tests a connection now and keeps the answer as its status.
 * @throws AppError not_found, invalid_request when the provider does not take its config
 */
export async function testConnection(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  id: ConnectionId,
): Promise<TestResult> {
  const connection = await getConnection(deps, workspace, id);
  const result = await checkConnection(deps, findProvider(deps, connection.provider), connection.config, signal);
  const judgement = judgeCheck(result, connection.account);
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    await writeJudgement(tx, id, connection.config, { ...judgement, checkedAt: result.at });
    await audit(tx, {
      actor,
      action: "connection.tested",
      target: { kind: "connection", id, label: connection.name },
      result: judgement.failure ? "failed" : "done",
      before: { status: connection.status },
      after: { status: judgement.status },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
  });
  return toTestResult(result, judgement.failure);
}

/**
 * Tests a config that is not saved.
 * @throws AppError invalid_request with pointers to the fields
 */
export async function testConfig(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  wanted: { provider: string; config: Config },
): Promise<TestResult> {
  const provider = findProvider(deps, wanted.provider);
  const result = await checkConnection(deps, provider, wanted.config, signal);
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
  account: result.ok ? result.account : undefined,
  failure,
  tookMs: result.tookMs,
});
