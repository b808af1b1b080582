import { AppError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { notifyLive } from "#domain/events/live.ts";
import { checkConnected, judgeCheck } from "../check-connection.ts";
import { loadConnected } from "../connected.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { findSignInMark, lockConnection, writeJudgement } from "../queries.ts";
import { recordCheck } from "./checks.ts";
import { nextCheckIn } from "./next-check.ts";
import { loseAuthorization } from "./note-health.ts";
import { isCheckDue, writeNextCheck } from "./queries.ts";

/**
 * Tests a connection whose test is due, and keeps the answer as its status. One that cannot be tested at all, such as
 * one of a provider that was switched off or one that nobody is signed in to, keeps the status it has.
 */
export async function checkIfDue(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  id: ConnectionId,
  signal: AbortSignal,
): Promise<void> {
  const connected = await deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await isCheckDue(tx, id))) return undefined;
    try {
      const found = await loadConnected(tx, deps, id);
      const mark = await findSignInMark(tx, id);
      if (found.auth.type === "none" || mark !== undefined) return { ...found, mark };
      await writeNextCheck(tx, id, { inSeconds: undefined, failed: false });
      return undefined;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await writeNextCheck(tx, id, { inSeconds: undefined, failed: true });
      return undefined;
    }
  });
  if (!connected) return;
  const { connection, mark } = connected;
  const by = { workspace, actor: "system", signal } as const;
  const result = await checkConnected(deps, by, connected).catch(async (error: unknown) => {
    signal.throwIfAborted();
    // What cannot be tested would be due for ever, and keep others from being found.
    await deps.database.asWorkspace({ workspace }, (tx) =>
      writeNextCheck(tx, id, { inSeconds: nextCheckIn("error", Math.random()), failed: true }),
    );
    if (error instanceof AppError) return undefined;
    throw error;
  });
  if (!result) return;
  const judgement = judgeCheck(result, connection.account);
  const { status, failure } = judgement;
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    // Somebody may have disconnected it meanwhile, or signed in anew: then this is about what is no more (SR-96).
    if (!(await lockConnection(tx, id)) || (await findSignInMark(tx, id)) !== mark) return;
    if (status === "needs_authorization" && failure) await loseAuthorization(tx, connection, failure);
    await writeJudgement(tx, id, connection.config, { ...judgement, checkedAt: result.at });
    await recordCheck(tx, id, { trigger: "schedule", tookMs: result.tookMs, failure, status });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
  });
}
