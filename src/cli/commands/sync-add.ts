import { newSync } from "#api/contract/syncs.ts";
import { toSyncView } from "#api/views/sync.ts";
import type { ConnectionId } from "#core/ids.ts";
import { listDrives } from "#domain/connections/browse.ts";
import type { Caller, Config, ConnectionInUse } from "#domain/connections/connection.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { listConnections } from "#domain/connections/read-connections.ts";
import { testConfig } from "#domain/connections/test-connection.ts";
import { createSync } from "#domain/syncs/create-sync.ts";
import { describePush } from "#domain/syncs/push/describe-push.ts";
import { getSync } from "#domain/syncs/read-syncs.ts";
import type { Rooms } from "../../app.ts";
import { CommandFailed, WrongUsage } from "../outcome.ts";
import { print } from "../output.ts";
import { withRooms } from "../rooms.ts";
import { endOf } from "../run-progress.ts";
import { runAndReport } from "../run-sync.ts";
import { parseDestination, parseSchedule, scheduleInWords } from "../sync-options.ts";
import { chooseWorkspace, everyPage } from "../workspaces.ts";
import type { SyncOptions } from "./sync.ts";

export interface AddOptions extends SyncOptions {
  name: string;
  connection?: string;
  provider?: string;
  root?: string;
  path?: string;
  drive?: string;
  destination: string;
  layout: "mirror" | "ids";
  schedule: string;
  include?: string[];
  exclude?: string[];
  types?: string[];
  rule?: string[];
  onDelete: "mark" | "remove";
  maxFiles?: number;
  run?: boolean;
  wait?: boolean;
}

export async function add(options: AddOptions): Promise<void> {
  // Before anything is opened: what is written wrong needs no database to be told so.
  const destination = parseDestination(options.destination, options.layout);
  const schedule = parseSchedule(options.schedule);
  if ((options.connection === undefined) === (options.provider === undefined)) {
    throw new WrongUsage("Name either an existing connection with --connection, or a provider with --provider.");
  }
  await withRooms(async (opened) => {
    const { rooms, actor, signal } = opened;
    const workspace = await chooseWorkspace(rooms.database, options.workspace);
    const caller = { workspace: workspace.id, actor, signal };
    const connection = await chooseConnection(rooms, caller, options);
    const drive = await chooseDrive(rooms, caller, connection, options.drive);
    const { connection_id, max_files_per_run, on_delete, ...wanted } = parse({
      name: options.name,
      connection_id: connection.id,
      drive,
      destination,
      schedule,
      filters: {
        include: options.include ?? [],
        exclude: options.exclude ?? [],
        ...(options.types && { types: options.types }),
      },
      rules: (options.rule ?? []).map((pattern) => ({ pattern })),
      on_delete: options.onDelete,
      max_files_per_run: options.maxFiles ?? null,
    });
    const made = await createSync(rooms, caller, {
      ...wanted,
      connection: connection_id as ConnectionId,
      maxFilesPerRun: max_files_per_run,
      onDelete: on_delete,
    });
    const first = options.run ? await runAndReport(opened, workspace.id, made, options) : undefined;
    const sync = first ? await getSync(rooms, workspace.id, made.id) : made;
    print(options, toSyncView(sync, describePush(rooms, sync)), () => [
      `Added ${sync.name}: ${connection.name} → ${options.destination}, ${scheduleInWords(sync.schedule)}.`,
      ...(first?.waited ? endOf(sync.name, first.run) : []),
      ...(first && !first.waited ? ['Its first run is queued. "hawser sync watch" shows how it goes.'] : []),
    ]);
    if (first?.waited && first.run.status !== "done") process.exitCode = 1;
  });
}

/** The same rules as the API's. @throws CommandFailed */
function parse(wanted: unknown) {
  const result = newSync.safeParse(wanted);
  if (result.success) return result.data;
  throw new CommandFailed(result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}

async function chooseConnection(rooms: Rooms, caller: Caller, options: AddOptions): Promise<ConnectionInUse> {
  const { workspace } = caller;
  const all = await Array.fromAsync(everyPage((page) => listConnections(rooms, workspace, page)));
  if (options.provider === undefined) {
    const name = options.connection?.toLowerCase();
    const found = all.find((one) => one.name.toLowerCase() === name || one.id === name);
    if (!found) throw new CommandFailed(`There is no connection "${options.connection}" in this workspace.`);
    return found;
  }
  const config: Config = {
    ...(options.root !== undefined && { root: options.root }),
    ...(options.path !== undefined && { path: options.path }),
  };
  const fitting = all.find((one) => one.provider === options.provider && isSame(one.config, config));
  return fitting ?? connect(rooms, caller, { provider: options.provider, config, taken: all.map(({ name }) => name) });
}

const isSame = (one: Config, other: Config): boolean =>
  Object.keys({ ...one, ...other }).every((name) => (one[name] ?? "") === (other[name] ?? ""));

/** Only one that works is kept: nobody is here to mend it. */
async function connect(
  rooms: Rooms,
  caller: Caller,
  { provider, config, taken }: { provider: string; config: Config; taken: string[] },
): Promise<ConnectionInUse> {
  const { failure, account } = await testConfig(rooms, caller, { provider, config });
  if (failure) throw new CommandFailed(`The connection does not work: ${failure.message}`);
  const label = account?.label ?? provider;
  const used = new Set(taken.map((name) => name.toLowerCase()));
  let name = label;
  for (let number = 2; used.has(name.toLowerCase()); number++) name = `${label} ${number}`;
  return createConnection(rooms, caller, { provider, name, config, tags: [] });
}

async function chooseDrive(
  rooms: Rooms,
  caller: Caller,
  connection: ConnectionInUse,
  wanted: string | undefined,
): Promise<{ id: string; name: string }> {
  const drives = await Array.fromAsync(
    everyPage(({ cursor }) => listDrives(rooms, caller, connection.id, cursor)),
    ({ id, name }) => ({ id: String(id), name }),
  );
  const [only, ...others] = drives.filter(({ id, name }) => wanted === undefined || wanted === id || wanted === name);
  if (!only) throw new CommandFailed(wanted ? `There is no drive "${wanted}".` : `${connection.name} has no drive.`);
  if (others.length === 0) return only;
  throw new WrongUsage(`Name the drive with --drive: ${[only, ...others].map(({ name }) => name).join(", ")}`);
}
