import { AppError, ProviderError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { DestinationError } from "#destinations/destination.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { browse } from "#domain/connections/browse.ts";
import type { Caller, ConnectionInUse } from "#domain/connections/connection.ts";
import { getCard } from "#domain/connections/read-cards.ts";
import { getConnection, listConnections } from "#domain/connections/read-connections.ts";
import { testConnection } from "#domain/connections/test-connection.ts";
import { listSyncs, type SyncOverview } from "#domain/syncs/read-syncs.ts";
import { testDestination } from "#domain/syncs/test-destination.ts";
import type { Rooms } from "../../app.ts";
import { adviceForConnection, adviceForDestination, adviceForDrive, type Wrong } from "../advice.ts";
import { CommandFailed } from "../outcome.ts";
import { type OutputOptions, print } from "../output.ts";
import { withRooms } from "../rooms.ts";
import { chooseWorkspaces, everyPage, type NamedWorkspace } from "../workspaces.ts";

interface CheckOptions extends OutputOptions {
  provider?: string;
  workspace?: string;
}

/** One thing that was tried. */
interface Step {
  step: "settings" | "connection" | "drive" | "folder" | "destination";
  /** What it is called. */
  name: string;
  ok: boolean;
  failure: Wrong | null;
  advice: string | null;
  took_ms: number;
}

interface Checked {
  workspace: string;
  sync?: string;
  connection: string;
  provider: string;
  ok: boolean;
  /** The first that is wrong. */
  failure: Wrong | null;
  took_ms: number;
  steps: Step[];
}

interface Place {
  rooms: Rooms;
  caller: Caller;
  workspace: NamedWorkspace;
}

type Stored = Exclude<SyncOverview["destination"], { kind: "none" }>;

/** Of the folders that a sync has chosen, so many are looked at. */
const mostFolders = 20;

/** Tests connections; the answers become their status. */
export const connection = (name: string | undefined, options: CheckOptions): Promise<void> =>
  checkEach(options, { what: "connection", name }, async (place, of) =>
    isNamed(of, name) ? [{ steps: [await tryConnection(place, of)] }] : [],
  );

/** Goes the way of each sync once: its connection, its drive and folders, its destination. Nothing is copied. */
export const sync = (name: string | undefined, options: CheckOptions): Promise<void> =>
  checkEach(options, { what: "sync", name }, async (place, of) => {
    const found = [];
    const { rooms, workspace } = place;
    for await (const one of everyPage((page) => listSyncs(rooms, workspace.id, { ...page, connection: of.id }))) {
      if (isNamed(one, name)) found.push({ sync: one.name, steps: await trySync(place, of, one) });
    }
    return found;
  });

const isNamed = (one: { id: string; name: string }, name: string | undefined): boolean =>
  name === undefined || one.id === name || one.name.toLowerCase() === name.toLowerCase();

async function trySync(place: Place, of: ConnectionInUse, sync: SyncOverview): Promise<Step[]> {
  const page = pageOf(place, `syncs/${sync.id}`);
  const wrong = sync.unusable ?? sync.scheduleFailure;
  if (wrong !== undefined) {
    const failure = { kind: "invalid_request", message: wrong };
    const advice = `Put it right on the page of the sync, or in its row: ${page}`;
    return [{ step: "settings", name: "settings", ok: false, failure, advice, took_ms: 0 }];
  }
  const connected = await tryConnection(place, of);
  const source = connected.ok ? await trySource(place, of, sync, page) : [];
  const { destination } = sync;
  if (destination.kind === "none") return [connected, ...source];
  const { name: into, page: intoPage } = await placeOf(place, destination, page);
  const written = await tryOut("destination", into, async () => {
    const { failure } = await testDestination(place.rooms, place.caller, destination);
    return failure && { failure };
  });
  if (written.failure) written.advice = adviceForDestination(written.failure, { page: intoPage });
  return [connected, ...source, written];
}

/** What a destination is called, and the page on which it is put right. */
async function placeOf(place: Place, destination: Stored, syncPage: string): Promise<{ name: string; page: string }> {
  if (destination.kind === "local-folder") return { name: `${destination.root}/${destination.folder}`, page: syncPage };
  const id = destination.connection_id as ConnectionId;
  const bucket = await getConnection(place.rooms, place.caller.workspace, id).catch(() => undefined);
  if (!bucket) return { name: `bucket/${destination.folder}`, page: syncPage };
  return { name: `${bucket.name}/${destination.folder}`, page: pageOf(place, `connections/${id}`) };
}

async function trySource(place: Place, of: ConnectionInUse, sync: SyncOverview, page: string): Promise<Step[]> {
  const { rooms, caller } = place;
  const folders = sync.folders.slice(0, mostFolders);
  const places = [
    { step: "drive" as const, name: sync.drive.name || sync.drive.id, at: {} },
    ...folders.map(({ id, locator, path }) => ({
      step: "folder" as const,
      name: path,
      at: { folder: id, locator: locator ?? undefined },
    })),
  ];
  const steps: Step[] = [];
  for (const { step, name, at } of places) {
    const tried = await tryOut(step, name, async () => {
      await browse(rooms, caller, of.id, { drive: sync.drive.id, ...at, foldersOnly: true });
    });
    if (tried.failure) tried.advice = adviceForDrive(tried.failure, { account: of.account?.label, page });
    steps.push(tried);
  }
  return steps;
}

async function tryConnection(place: Place, of: ConnectionInUse): Promise<Step> {
  const { rooms, caller } = place;
  const tried = await tryOut("connection", of.name, async () => {
    const { failure } = await testConnection(rooms, caller, of.id);
    return failure && { failure };
  });
  if (!tried.failure) return tried;
  const { mend } = await getCard(rooms, caller.workspace, of.id);
  const about = { mend, sandboxIsOff: of.sandbox && !rooms.sandbox, page: pageOf(place, `connections/${of.id}`) };
  return { ...tried, advice: adviceForConnection(tried.failure, about) };
}

async function tryOut(
  step: Step["step"],
  name: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: nothing is what went well
  work: () => Promise<{ failure: Wrong } | undefined | void>,
): Promise<Step> {
  const begun = performance.now();
  const wrong = await work().catch((error: unknown) => ({ failure: readWrong(error) }));
  const failure = wrong ? { kind: wrong.failure.kind, message: wrong.failure.message } : null;
  return { step, name, ok: !wrong, failure, advice: null, took_ms: Math.round(performance.now() - begun) };
}

function readWrong(error: unknown): Wrong {
  if (error instanceof AppError) return { kind: error.code, message: error.message };
  if (error instanceof ProviderError || error instanceof DestinationError) {
    return { kind: error.kind, message: error.message };
  }
  throw error;
}

const checkEach = (
  options: CheckOptions,
  wanted: { what: "connection" | "sync"; name: string | undefined },
  check: (place: Place, connection: ConnectionInUse) => Promise<{ sync?: string; steps: Step[] }[]>,
): Promise<void> =>
  withRooms(async ({ rooms, actor, signal }) => {
    const { provider } = options;
    const workspaces = await chooseWorkspaces(rooms.database, options.workspace);
    const checked: Checked[] = [];
    for (const workspace of workspaces) {
      const place = { rooms, workspace, caller: callerIn(workspace, actor, signal) };
      const ofProvider = provider === undefined ? {} : { provider };
      for await (const of of everyPage((page) => listConnections(rooms, workspace.id, { ...page, ...ofProvider }))) {
        for (const { sync, steps } of await check(place, of)) checked.push(summed(workspace, of, sync, steps));
      }
    }
    if (checked.length === 0) throw new CommandFailed(nothingFound(wanted, provider));
    const ok = checked.every((one) => one.ok);
    print(options, { ok, checked }, () =>
      checked.flatMap((one) => linesOf(one, workspaces.length > 1 ? `${one.workspace}: ` : "")),
    );
    if (!ok) process.exitCode = 1;
  });

function summed(
  { slug }: NamedWorkspace,
  { name, provider }: ConnectionInUse,
  sync: string | undefined,
  steps: Step[],
): Checked {
  return {
    workspace: slug,
    ...(sync !== undefined && { sync }),
    connection: name,
    provider,
    ok: steps.every((step) => step.ok),
    failure: steps.find((step) => !step.ok)?.failure ?? null,
    took_ms: steps.reduce((sum, step) => sum + step.took_ms, 0),
    steps,
  };
}

function linesOf({ sync, steps }: Checked, place: string): string[] {
  const [first] = steps;
  if (sync === undefined && first) return lineOf(first, `${place}${first.name}`);
  const lines = steps.flatMap((step) => {
    const name = step.name === step.step ? step.name : `${step.step} ${step.name}`;
    return lineOf(step, name).map((line) => `  ${line}`);
  });
  return [`${steps.every(({ ok }) => ok) ? "✓" : "✗"} ${place}${sync}`, ...lines];
}

const lineOf = (step: Step, name: string): string[] =>
  step.failure
    ? [`✗ ${name}: ${step.failure.message}`, ...(step.advice === null ? [] : [`  ${step.advice}`])]
    : [`✓ ${name} (${step.took_ms} ms)`];

function nothingFound({ what, name }: { what: string; name: string | undefined }, provider: string | undefined) {
  const ofProvider = provider === undefined ? "" : ` of the provider "${provider}"`;
  return name === undefined ? `No ${what}${ofProvider} was found.` : `There is no ${what} "${name}"${ofProvider}.`;
}

const pageOf = ({ rooms, workspace }: Place, path: string): string => `${rooms.publicUrl}/w/${workspace.slug}/${path}`;

const callerIn = ({ id }: NamedWorkspace, actor: Actor, signal: AbortSignal): Caller => ({
  workspace: id,
  actor,
  signal,
});
