import { AppError, ProviderError } from "#core/errors.ts";
import { checkDatabase, type Finding } from "#db/check-database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { browse } from "#domain/connections/browse.ts";
import type { Caller, ConnectionInUse, Failure } from "#domain/connections/connection.ts";
import { listConnections } from "#domain/connections/read-connections.ts";
import { testConnection } from "#domain/connections/test-connection.ts";
import { listSyncs } from "#domain/syncs/read-syncs.ts";
import type { Sync } from "#domain/syncs/sync.ts";
import { testDestination } from "#domain/syncs/test-destination.ts";
import type { Rooms } from "../../app.ts";
import { wordsFor } from "../fail.ts";
import { CommandFailed } from "../outcome.ts";
import { type OutputOptions, print } from "../output.ts";
import { withInstallation, withRooms } from "../rooms.ts";
import { chooseWorkspaces, everyPage, type NamedWorkspace } from "../workspaces.ts";

export const database = (options: OutputOptions): Promise<void> =>
  withInstallation(async ({ installation }) => {
    const findings = await checkDatabase(installation.ownerUrl, installation).catch((error: unknown): Finding[] => {
      const words = error instanceof Error ? wordsFor(error) : undefined;
      if (words === undefined) throw error;
      return [{ check: "reachable", ok: false, found: words }];
    });
    const ok = findings.every((finding) => finding.ok);
    print(options, { ok, findings }, () =>
      findings.flatMap(({ ok, found, advice }) => [`${ok ? "✓" : "✗"} ${found}`, ...(advice ? [`  ${advice}`] : [])]),
    );
    if (!ok) process.exitCode = 1;
  });

interface CheckOptions extends OutputOptions {
  provider: string;
  workspace?: string;
}

interface Outcome {
  ok: boolean;
  failure: { kind: string; message: string } | null;
  took_ms: number;
}

/** Tests every connection of a provider; the answers become the connections' status. */
export const connection = (options: CheckOptions): Promise<void> =>
  checkEach(options, "connection", async (rooms, caller, { id, name }) => [
    { connection: name, ...(await timed(async () => (await testConnection(rooms, caller, id)).failure)) },
  ]);

/** Goes the way of each sync of a provider once: its connection, the top of its drive, its destination. */
export const sync = (options: CheckOptions): Promise<void> =>
  checkEach(options, "sync", async (rooms, caller, { id, name }) => {
    const { workspace } = caller;
    const found = [];
    for await (const sync of everyPage((page) => listSyncs(rooms, workspace, { ...page, connection: id }))) {
      found.push({ sync: sync.name, connection: name, ...(await timed(() => tryOut(rooms, caller, sync))) });
    }
    return found;
  });

async function tryOut(rooms: Rooms, caller: Caller, sync: Sync): Promise<Failure | undefined> {
  const tested = await testConnection(rooms, caller, sync.connection.id);
  if (tested.failure) return tested.failure;
  await browse(rooms, caller, sync.connection.id, { drive: sync.drive.id, foldersOnly: true });
  return sync.destination.kind === "none"
    ? undefined
    : (await testDestination(rooms, caller, sync.destination)).failure;
}

async function timed(work: () => Promise<Failure | undefined>): Promise<Outcome> {
  const begun = performance.now();
  const failure = await work().catch((error: unknown) => {
    if (error instanceof AppError) return { kind: error.code, message: error.message };
    if (error instanceof ProviderError) return { kind: error.kind, message: error.message };
    throw error;
  });
  return {
    ok: failure === undefined,
    failure: failure ? { kind: failure.kind, message: failure.message } : null,
    took_ms: Math.round(performance.now() - begun),
  };
}

const checkEach = <T extends Outcome & { connection: string; sync?: string }>(
  options: CheckOptions,
  what: "connection" | "sync",
  check: (rooms: Rooms, caller: Caller, connection: ConnectionInUse) => Promise<T[]>,
): Promise<void> =>
  withRooms(async ({ rooms, actor, signal }) => {
    const { provider } = options;
    const workspaces = await chooseWorkspaces(rooms.database, options.workspace);
    const checked: (T & { workspace: string })[] = [];
    for (const workspace of workspaces) {
      const caller = callerIn(workspace, actor, signal);
      for await (const found of everyPage((page) => listConnections(rooms, workspace.id, { ...page, provider }))) {
        const outcomes = await check(rooms, caller, found);
        checked.push(...outcomes.map((outcome) => ({ workspace: workspace.slug, ...outcome })));
      }
    }
    if (checked.length === 0) throw new CommandFailed(`No ${what} of the provider "${provider}" was found.`);
    const ok = checked.every((one) => one.ok);
    print(options, { ok, checked }, () =>
      checked.map((one) => {
        const place = workspaces.length > 1 ? `${one.workspace}: ` : "";
        const said = one.failure ? `: ${one.failure.message}` : ` (${one.took_ms} ms)`;
        return `${one.ok ? "✓" : "✗"} ${place}${one.sync ?? one.connection}${said}`;
      }),
    );
    if (!ok) process.exitCode = 1;
  });

const callerIn = ({ id }: NamedWorkspace, actor: Actor, signal: AbortSignal): Caller => ({
  workspace: id,
  actor,
  signal,
});
