import { isDeepStrictEqual } from "node:util";
import { AppError, invalidField, notFound } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { type Auth, authOfType } from "#provider-kit/auth.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { type CheckResult, checkConnected, judgeCheck } from "./check-connection.ts";
import type { Caller, Config, Connection } from "./connection.ts";
import type { ConnectionCard } from "./connection-card.ts";
import { connectionNameTaken, findConnectable } from "./connection-error.ts";
import { detachCredential, goesElsewhere } from "./detach-credential.ts";
import { recordCheck } from "./health/checks.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import {
  findBinding,
  findConnection,
  findSignInMark,
  findSyncsUsing,
  lockConnection,
  writeConnection,
  writeJudgement,
} from "./queries.ts";
import { readCard } from "./read-cards.ts";
import { originsOf } from "./tokens/credential.ts";
import { validateConfig } from "./validate-config.ts";

/**
 * Changes a connection; another config is tested at once. Another account is let in only while no sync counts on the
 * one that is pinned (SR-42). Where the config leads to other addresses, what was entered for the old ones is erased,
 * and a person is asked (SR-6).
 * @throws AppError not_found, invalid_request with pointers to the fields, name_taken, connection_in_use
 */
export async function updateConnection(
  deps: ConnectionDeps,
  caller: Caller,
  id: ConnectionId,
  change: { name?: string | undefined; config?: Config | undefined; tags?: string[] | undefined },
): Promise<ConnectionCard> {
  const { workspace, actor } = caller;
  const moved = await readMove(deps, workspace, id, change.config);
  const result = moved?.isTestable ? await checkConnected(deps, caller, moved, moved.config) : undefined;
  const by = personOf(actor);

  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      const before = await lockConnection(tx, id);
      if (!before) throw notFound();
      const after = {
        name: change.name ?? before.name,
        config: change.config ?? before.config,
        tags: change.tags ?? before.tags,
      };
      if (moved) {
        // What is stored now decides: it may have been entered since.
        const bound = await findBinding(tx, id);
        if (bound && goesElsewhere(moved.origins, bound)) {
          await detachCredential(tx, deps, before, { name: moved.provider.name, revoke: true });
        }
      }
      await writeConnection(tx, id, { ...after, by });
      // Who has disconnected it meanwhile, or signed in anew, has the last word about its status.
      if (result && (await findSignInMark(tx, id)) === moved?.mark) {
        const users = await findSyncsUsing(tx, id, 1);
        if (users.length > 0) refuseOtherAccount(before, result);
        const judgement = judgeCheck(result, users.length > 0 ? before.account : undefined);
        await writeJudgement(tx, id, after.config, { ...judgement, checkedAt: result.at });
        await recordCheck(tx, id, { ...judgement, trigger: "change", tookMs: result.tookMs });
      }
      await audit(tx, {
        actor,
        action: "connection.updated",
        target: { kind: "connection", id, label: after.name },
        before: { name: before.name, config: before.config, tags: before.tags },
        after,
      });
      await notifyLive(tx, { workspace, type: "changed", what: "connections" });
      return readCard(tx, deps, id);
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "connections_name") ? connectionNameTaken() : error;
    });
}

/** Another config, and what it means. */
interface Move {
  connection: Connection;
  config: Config;
  provider: Provider;
  auth: Auth;
  origins: string[];
  /** There is something to sign in with that may go to the addresses of the new config. */
  isTestable: boolean;
  mark: string | undefined;
}

async function readMove(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  id: ConnectionId,
  config: Config | undefined,
): Promise<Move | undefined> {
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    const connection = await findConnection(tx, id);
    if (!connection) throw notFound();
    if (!config || isDeepStrictEqual(config, connection.config)) return undefined;
    const { provider } = await findConnectable(tx, deps, connection.provider, connection.sandbox);
    const read = validateConfig(provider, config);
    const auth = authOfType(provider.auth(read), connection.authType);
    if (!auth) throw invalidField("/config", "The way this connection is signed in with does not exist for it.");
    const origins = originsOf(provider, read, connection.kept);
    const bound = await findBinding(tx, id);
    const isTestable = auth.type === "none" || (bound !== undefined && !goesElsewhere(origins, bound));
    return { connection, config, provider, auth, origins, isTestable, mark: await findSignInMark(tx, id) };
  });
}

function refuseOtherAccount(before: Connection, result: CheckResult): void {
  if (!before.account) return;
  if (!result.ok) {
    throw new AppError(
      "connection_in_use",
      `Syncs use this connection, and whether the new config still leads to "${before.account.label}" could not be found out: ${result.failure.message.replace(/\.$/, "")}. Nothing was changed.`,
    );
  }
  if (result.account.id === before.account.id) return;
  throw new AppError(
    "connection_in_use",
    `Syncs use this connection, and the new config leads to "${result.account.label}" instead of "${before.account.label}". Make a new connection for it.`,
  );
}
