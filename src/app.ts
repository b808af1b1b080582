// Puts the rooms together: for the command line and for tests.
import { hostname } from "node:os";
import { activityHandlers } from "#api/handlers/activity.ts";
import { callHandlers } from "#api/handlers/calls.ts";
import { connectionHandlers } from "#api/handlers/connections.ts";
import { handoffHandlers } from "#api/handlers/handoffs.ts";
import { identityHandlers } from "#api/handlers/identity.ts";
import { instanceHandlers } from "#api/handlers/instance.ts";
import { providerHandlers } from "#api/handlers/providers.ts";
import { secretHandlers } from "#api/handlers/secrets.ts";
import { syncHandlers } from "#api/handlers/syncs.ts";
import { transferHandlers } from "#api/handlers/transfer.ts";
import { workspaceHandlers } from "#api/handlers/workspaces.ts";
import { createServer, type HawserServer } from "#api/server.ts";
import type { InstanceStatus } from "#api/server-deps.ts";
import { type Clock, systemClock } from "#core/clock.ts";
import { openAuthDatabase } from "#db/auth-database.ts";
import { type Database, openDatabase, type WorkspaceTx } from "#db/database.ts";
import { auditRefusals } from "#domain/audit/audit-refusals.ts";
import type { OperatorClient, Sandbox } from "#domain/catalog/find-provider.ts";
import { findSecretUsers } from "#domain/catalog/find-secret-users.ts";
import { finishConnect } from "#domain/connections/connect/finish-connect.ts";
import { eraseSecrets } from "#domain/connections/erase-secrets.ts";
import { openUses } from "#domain/connections/health/uses.ts";
import { lookAfterConnections, workOnConnections } from "#domain/connections/jobs.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { providerChanged } from "#domain/connections/provider-changed.ts";
import { createFlights } from "#domain/connections/tokens/flights.ts";
import { type Live, openLive } from "#domain/events/live.ts";
import { openIdentity } from "#domain/identity/identity.ts";
import { countConnections, listInstanceWorkspaces, readDatabaseFigures } from "#domain/instance/read-instance.ts";
import { lookAfterHandoffs, workOnHandoffs } from "#domain/syncs/handoffs/jobs.ts";
import { openResults } from "#domain/syncs/handoffs/take-result.ts";
import { recoverRuns, startScheduledRun, workOnSyncs } from "#domain/syncs/jobs.ts";
import { purgeDeletedSyncs, purgeOldRunLogs } from "#domain/syncs/purge.ts";
import { forgetChannels } from "#domain/syncs/push/forget-channels.ts";
import { startHintedRuns } from "#domain/syncs/push/hints.ts";
import { lookAfterChannels, workOnPush } from "#domain/syncs/push/jobs.ts";
import { purgeRunsInVain } from "#domain/syncs/push/purge-runs.ts";
import { openNotices } from "#domain/syncs/push/take-notice.ts";
import { type CopyTurns, createCopyTurns } from "#domain/syncs/run/copy-turns.ts";
import { findRun } from "#domain/syncs/run-rows.ts";
import type { SyncRun } from "#domain/syncs/sync.ts";
import { readQueueFigures } from "#jobs/figures.ts";
import { type Jobs, openJobs } from "#jobs/queue.ts";
import { runSchedules } from "#jobs/schedule.ts";
import { createOutbound } from "#outbound/client.ts";
import type { Resolve } from "#outbound/connect.ts";
import { createHostHealth } from "#outbound/host-health.ts";
import { createPace } from "#outbound/pace.ts";
import type { OutboundPolicy } from "#outbound/policy.ts";
import { createPatientSender } from "#outbound/send-patiently.ts";
import { builtInProviders } from "#providers/index.ts";
import { createKeyedHash } from "#vault/keyed-hash.ts";
import type { Keyring } from "#vault/keyring.ts";
import { createVault } from "#vault/seal.ts";
import { Secret } from "#vault/secret.ts";
import { createTextSigner } from "#vault/signed-text.ts";
import type { ProviderSetup } from "./provider-settings.ts";
import type { OpenSandbox } from "./sandbox/sandbox.ts";

/** How long after the end of its lease a dead process's run waits at the most to be taken up again. */
const RECOVER_EVERY_MS = 2_000;
/** How long a change that waits for the end of a run, or for its turn, waits longer at the most. */
const FOLLOW_HINTS_EVERY_MS = 2_000;
/** How long after its time a token is renewed, or a connection checked, at the most. */
const LOOK_AFTER_EVERY_MS = 5_000;
/** How long after its time a file is handed over at the most, where its receiver is not busy. */
const HAND_OVER_EVERY_MS = 2_000;
/** Files under way in this process, whatever their workspaces. */
const COPIES_AT_ONCE = 64;
const PURGE_EVERY_MS = 60 * 60 * 1000;

export interface RoomsOptions {
  appUrl: string;
  /** Of the application's role, without a pooler, where `appUrl` leads through one. */
  listenUrl?: string | undefined;
  /** Roots that the operator names: name → absolute path. */
  sourceRoots: ReadonlyMap<string, string>;
  destinationRoots: ReadonlyMap<string, string>;
  leaseSeconds: number;
  keyring: Keyring;
  publicUrl: string;
  /** What the operator has set for providers, by their keys. */
  providerSetups?: ReadonlyMap<string, ProviderSetup>;
  /** The sandbox, while it is on. */
  simulators?: Simulators | undefined;
  outbound: OutboundPolicy;
  /** How names of hosts are looked up; as the machine does unless said. */
  resolve?: Resolve;
  log: Log;
  clock?: Clock;
}

/** What the use cases of the domain work with. */
export interface Rooms extends ConnectionDeps {
  queue: Jobs;
  live: Live<SyncRun>;
  destinationRoots: ReadonlyMap<string, string>;
  copyTurns: CopyTurns;
  /** What runs may end or goes back (SR-97); then everything is closed. */
  close(): Promise<void>;
}

/** Database, queue, providers and the way out, without HTTP and without working on jobs. Migrations have run. */
export async function openRooms(options: RoomsOptions): Promise<Rooms> {
  const { appUrl, log, clock = systemClock } = options;
  const hears = (through: boolean) => {
    if (through) log.info({}, "notices of the database get through again");
    else
      log.warn(
        {},
        "notices of the database do not get through: pages follow some seconds late, see HAWSER_LISTEN_DATABASE_URL",
      );
  };
  const database = openDatabase({ appUrl, listenUrl: options.listenUrl, maxConnections: 16, hears });
  let queue: Jobs;
  try {
    queue = await openJobs({ appUrl, database, log });
  } catch (failure) {
    await database.close();
    throw failure;
  }
  const { outbound: policy, resolve } = options;
  const outbound = createOutbound({ policy, ...(resolve && { resolve }) });
  const setups: ReadonlyMap<string, ProviderSetup> = options.providerSetups ?? new Map();
  const builtIn = builtInProviders({
    localFolders: options.sourceRoots,
    addressesOf: (key) => setups.get(key)?.addresses ?? {},
  });
  const live = openLive({ database, readRun: findRun });
  const uses = openUses({ database });
  const flights = createFlights();
  return {
    database,
    queue,
    outbound,
    sendPatiently: createPatientSender({ outbound, pace: createPace(), health: createHostHealth() }),
    vault: createVault({ keyring: options.keyring, onRefusal: auditRefusals({ database, log }) }),
    providers: new Map(builtIn.map((provider) => [provider.key, provider])),
    operatorClients: clientsOf([...setups].flatMap(([key, { client }]) => (client ? [[key, client]] : []))),
    sandbox: options.simulators && sandboxOf(options.simulators),
    uses,
    flights,
    clock,
    copyTurns: createCopyTurns(COPIES_AT_ONCE),
    live,
    publicUrl: options.publicUrl,
    destinationRoots: options.destinationRoots,
    holder: `${hostname()}:${process.pid}:${crypto.randomUUID()}`,
    leaseSeconds: options.leaseSeconds,
    async close() {
      // A token that is being refreshed is not lost for want of a few seconds.
      await Promise.all([queue.stop({ withinMs: 8_000 }), flights.close(8_000)]);
      await uses.close();
      await live.close();
      await outbound.close("now");
      await database.close();
    },
  };
}

const clientsOf = (clients: Iterable<[string, { id: string; secret?: string }]>): ReadonlyMap<string, OperatorClient> =>
  new Map(
    [...clients].map(([key, { id, secret }]) => [
      key,
      { id, ...(secret !== undefined && { secret: new Secret(secret) }) },
    ]),
  );

type Simulators = Pick<OpenSandbox, "providers" | "clients"> & Partial<Pick<OpenSandbox, "origin">>;

const sandboxOf = ({ providers, clients, origin }: Simulators): Sandbox => ({
  providers,
  clients: clientsOf(clients),
  ...(origin !== undefined && { origin }),
});

export interface AppOptions extends RoomsOptions {
  authUrl: string;
  /** The database runs inside this installation. */
  embedded: boolean;
  role: "api" | "worker" | "all";
  signUp: "open" | "invited";
  corsOrigins: readonly string[];
  trustedProxies: readonly string[];
  portalFolder?: string | undefined;
  version: string;
  /** For the instance admin: the limits in force and where each comes from. */
  limits: InstanceStatus["limits"];
}

/** pino's loggers fit. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface App {
  database: Database;
  queue: Jobs;
  server: HawserServer;
  /** Begins to work on jobs and schedules, where the role says so. */
  work(): Promise<void>;
  /** No new work; what runs may end or goes back; within 10 seconds (SR-97). */
  stop(): Promise<void>;
}

/** Everything but the ports and the database server. Migrations have run. */
export async function openApp(options: AppOptions): Promise<App> {
  const { authUrl, keyring, publicUrl, log } = options;
  const rooms = await openRooms(options);
  const { database, queue } = rooms;
  const startedAt = rooms.clock.now();
  const auth = openAuthDatabase({ authUrl });
  const identity = openIdentity({ auth, signUp: options.signUp, keyring, publicUrl });
  const deps = { ...rooms, db: database, identity, policy: options.outbound };

  const readStatus = async (): Promise<InstanceStatus> => {
    const [figures, queued, connections] = await Promise.all([
      readDatabaseFigures(database),
      readQueueFigures(database),
      countConnections(database),
    ]);
    const { workspaces, ...databaseFigures } = figures;
    return {
      version: options.version,
      started_at: startedAt.toISOString(),
      database: { ok: true, embedded: options.embedded, ...databaseFigures },
      queue: {
        waiting: queued.waiting,
        active: queued.active,
        failed: queued.failed,
        oldest_waiting_s: queued.oldestWaitingSeconds,
      },
      process: { role: options.role, memory_bytes: process.memoryUsage.rss(), node: process.version },
      providers: connections,
      workspaces,
      limits: options.limits,
    };
  };

  const server = createServer({
    ...deps,
    handlers: [
      ...identityHandlers(deps),
      ...workspaceHandlers({ ...deps, eraseSecrets: (tx) => eraseAllSecrets(tx, deps) }),
      ...connectionHandlers(deps),
      ...callHandlers(deps),
      ...providerHandlers(deps),
      ...secretHandlers({ ...deps, secretUsers: findSecretUsers }),
      ...transferHandlers({ ...deps, providerMoved: (tx, key) => providerChanged(tx, deps, key) }),
      ...syncHandlers(deps),
      ...handoffHandlers(deps),
      ...activityHandlers(deps),
      ...instanceHandlers({ readStatus, listInstanceWorkspaces: () => listInstanceWorkspaces(database) }),
    ],
    cursors: createTextSigner(keyring, "cursor"),
    hashRequest: createKeyedHash(keyring),
    log,
    finishConnect: (visitor, callback) => finishConnect(rooms, visitor, callback),
    takeNotice: openNotices(rooms),
    takeResult: openResults(rooms),
    readStatus,
    version: options.version,
    portalFolder: options.portalFolder,
    corsOrigins: options.corsOrigins,
    trustedProxies: options.trustedProxies,
  });

  let stopWork = async () => {};
  return {
    database,
    queue,
    server,
    async work() {
      if (options.role === "api") return;
      await workOnSyncs(queue, rooms);
      await workOnConnections(queue, rooms);
      await workOnPush(queue, rooms);
      await workOnHandoffs(queue, rooms);
      const schedules = runSchedules({ database, log, fire: startScheduledRun(queue) });
      const recovering = every(RECOVER_EVERY_MS, () =>
        recoverRuns(rooms).catch((failure: unknown) =>
          log.error({ err: failure }, "looking for abandoned runs failed"),
        ),
      );
      const following = every(FOLLOW_HINTS_EVERY_MS, () =>
        startHintedRuns(rooms).catch((failure: unknown) =>
          log.error({ err: failure }, "looking for syncs whose source has changed failed"),
        ),
      );
      const lookingAfter = every(LOOK_AFTER_EVERY_MS, () =>
        lookAfterConnections(rooms).catch((failure: unknown) =>
          log.error({ err: failure }, "looking for connections that need something failed"),
        ),
      );
      const pushing = every(LOOK_AFTER_EVERY_MS, () =>
        lookAfterChannels(rooms).catch((failure: unknown) =>
          log.error({ err: failure }, "looking for push channels that need something failed"),
        ),
      );
      const handingOver = every(HAND_OVER_EVERY_MS, () =>
        lookAfterHandoffs(rooms).catch((failure: unknown) =>
          log.error({ err: failure }, "looking for files that are to be handed over failed"),
        ),
      );
      const stopping = new AbortController();
      const purging = every(PURGE_EVERY_MS, () =>
        purge(database, stopping.signal).catch((failure: unknown) => {
          if (!stopping.signal.aborted) log.error({ err: failure }, "taking away what deleted syncs left failed");
        }),
      );
      stopWork = async () => {
        for (const watch of [recovering, following, lookingAfter, pushing, handingOver]) watch.stop();
        purging.stop();
        stopping.abort();
        await schedules.stop();
      };
    },
    async stop() {
      await Promise.all([server.close(), stopWork()]);
      await rooms.close();
      await auth.close();
    },
  };
}

async function eraseAllSecrets(tx: WorkspaceTx, deps: ConnectionDeps): Promise<void> {
  await forgetChannels(tx);
  await eraseSecrets(tx, deps);
}

async function purge(database: Database, signal: AbortSignal): Promise<void> {
  await purgeDeletedSyncs(database, signal);
  await purgeRunsInVain(database, signal);
  await purgeOldRunLogs(database, signal);
}

function every(ms: number, work: () => Promise<unknown>): { stop(): void } {
  void work();
  const timer = setInterval(() => void work(), ms);
  return { stop: () => clearInterval(timer) };
}
