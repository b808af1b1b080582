import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SyncRunId } from "#core/ids.ts";
import { aWorkspace } from "#domain/connections/testing/a-workspace.ts";
import { openLive } from "#domain/events/live.ts";
import { createCopyTurns } from "#domain/syncs/run/copy-turns.ts";
import { executeRun } from "#domain/syncs/run/execute-run.ts";
import { findRun } from "#domain/syncs/run-rows.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import * as catalog from "../contract/catalog.ts";
import * as connections from "../contract/connections.ts";
import * as oauthClients from "../contract/oauth-clients.ts";
import type { Route } from "../contract/route.ts";
import * as syncs from "../contract/syncs.ts";
import type { Context, Handler } from "../handle.ts";
import { connectionHandlers } from "./connections.ts";
import { syncHandlers } from "./syncs.ts";

let db: TestDatabase;
let here: Awaited<ReturnType<typeof aWorkspace>>;
let handlers: Handler[];
let close: () => Promise<void>;
beforeAll(async () => {
  db = await testDatabase();
  here = await aWorkspace(db.database);
  const live = openLive({ database: db.database, readRun: findRun });
  const deps = { ...here.deps, live };
  handlers = [...connectionHandlers(deps), ...syncHandlers(deps)];
  close = live.close;
});
afterAll(async () => {
  await close();
  await here.end();
  await db.close();
});

const isRoute = (value: unknown): value is Route => typeof value === "object" && value !== null && "access" in value;
const declared = [catalog, connections, oauthClients, syncs]
  .flatMap((module): unknown[] => Object.values(module))
  .filter(isRoute);

/** Asks as the server does: what goes in and what comes out is read through the contract. */
async function ask(
  route: Route,
  wanted: { params?: Record<string, string>; query?: object; body?: object; signal?: AbortSignal } = {},
) {
  const handler = handlers.find((known) => known.route === route);
  if (!handler) throw new Error(`nobody answers ${route.name}`);
  const { workspace, caller } = here;
  const context = {
    ...caller,
    role: "owner",
    user: "id" in caller.actor ? caller.actor.id : undefined,
    params: route.params?.parse({ workspace, ...wanted.params }),
    query: route.query?.parse(wanted.query ?? {}),
    body: route.body?.parse(wanted.body ?? {}),
    client: { address: "127.0.0.1" },
    requestId: "r",
    signal: wanted.signal ?? caller.signal,
    complete: async (_: unknown, reply: unknown) => void route.reply?.parse(reply),
    header: () => {},
  };
  const reply = await handler.answer(context as unknown as Context);
  // biome-ignore lint/suspicious/noExplicitAny: each test knows which reply it asked for
  return (route.stream ? reply : route.reply?.parse(reply)) as any;
}

it("SR-54 answers every declared route of connections and syncs", () => {
  const answered = handlers.map(({ route }) => route.name).sort();

  expect(answered).toEqual(declared.map(({ name }) => name).sort());
});

it("answers everything as the contract says, from connecting a folder to its last file", async () => {
  await mkdir(join(here.documents, "Hull", "Plans"), { recursive: true });
  for (const name of ["a.pdf", "b.pdf", "c.tmp"]) await writeFile(join(here.documents, "Hull", "Plans", name), name);

  expect((await ask(catalog.listProviders)).items[0]).toMatchObject({ key: "local-folder", connections: 0 });
  const config = { root: "documents" };
  expect(await ask(connections.testConfig, { body: { provider: "local-folder", config } })).toMatchObject({ ok: true });
  const connection = await ask(connections.createConnection, {
    body: { provider: "local-folder", name: "Documents", config },
  });
  const ofConnection = { params: { id: connection.id } };
  expect(await ask(connections.getConnection, ofConnection)).toEqual(connection);
  expect(await ask(connections.updateConnection, { ...ofConnection, body: { tags: ["yard"] } })).toMatchObject({
    tags: ["yard"],
    status: "active",
  });
  expect(await ask(connections.testConnection, ofConnection)).toMatchObject({ ok: true });
  expect((await ask(connections.listConnections)).items).toHaveLength(1);
  expect(await ask(connections.checkName, { query: { kind: "connection", name: "documents" } })).toEqual({
    free: false,
  });
  expect(await ask(connections.checkName, { query: { kind: "sync", name: "documents", except: "x" } })).toEqual({
    free: true,
  });
  const [{ group: _group, ...drive }] = (await ask(connections.listDrives, ofConnection)).items;
  const [folder] = (await ask(connections.browse, { ...ofConnection, query: { drive: drive.id } })).items;
  expect(folder).toMatchObject({ name: "Hull", is_folder: true });

  const selection = {
    connection_id: connection.id,
    folders: [{ id: folder.id, locator: folder.locator, path: "Hull" }],
    filters: { exclude: ["*.tmp"] },
    rules: [{ pattern: "/{system}/{kind}" }],
  };
  expect(await ask(syncs.previewSelection, { body: { ...selection, drive: drive.id } })).toMatchObject({
    files_seen: 3,
    files_kept: 2,
    paths: [{ path: "/Hull/Plans", values: { system: "Hull", kind: "Plans" } }],
  });
  const destination = { kind: "local-folder", root: "target", folder: "Drawings" };
  expect((await ask(syncs.listDestinations)).roots).toEqual([{ kind: "local-folder", root: "target" }]);
  expect(await ask(syncs.testDestination, { body: { destination } })).toMatchObject({ ok: true, failure: null });
  const schedule = { kind: "interval", minutes: 15 };
  expect((await ask(syncs.upcomingTicks, { body: { schedule } })).next).toHaveLength(5);

  const leaving = new AbortController();
  const events: AsyncIterator<{ type: string }> = (await ask(syncs.live, { signal: leaving.signal }))[
    Symbol.asyncIterator
  ]();
  const firstEvent = events.next();
  const sync = await ask(syncs.createSync, {
    query: { run: "true" },
    body: { ...selection, drive, name: "Drawings", destination, schedule },
  });
  expect(sync).toMatchObject({ status: "queued", folders: [{ path: "/Hull" }], filters: { types: ["*"] } });
  expect((await ask(syncs.home)).running).toMatchObject([{ sync: { name: "Drawings" }, run: { status: "queued" } }]);
  const run: SyncRunId = sync.open_run.id;
  const deps = { ...here.deps, holder: "test", leaseSeconds: 30, copyTurns: createCopyTurns(8) };
  await executeRun(deps, here.workspace, run, here.caller.signal);
  expect(syncs.liveEvent.parse((await firstEvent).value)).toBeDefined();
  leaving.abort();

  const ofSync = { params: { id: sync.id } };
  expect(await ask(syncs.getSync, ofSync)).toMatchObject({
    status: "active",
    totals: { files: 2, stored: 2, skipped: 1, bytes: 10 },
    last_run: { id: run, status: "done" },
  });
  expect((await ask(syncs.listSyncs)).items).toHaveLength(1);
  const files = await ask(syncs.listFiles, {
    ...ofSync,
    query: { metadata: "kind=Plans", state: "stored", sort: "name" },
  });
  expect(files).toMatchObject({ total: 2, items: [{ name: "a.pdf", folder: "/Hull/Plans" }, { name: "b.pdf" }] });
  expect(await ask(syncs.getFile, { params: { sync: sync.id, id: files.items[0].id } })).toMatchObject({
    object: { size: 5 },
    stored_version: files.items[0].version,
    export_as: null,
    metadata_from: [
      { part: "system", value: "Hull" },
      { part: "kind", value: "Plans" },
    ],
  });
  const ofFile = { params: { sync: sync.id, id: files.items[0].id } };
  expect((await ask(syncs.fileHistory, ofFile)).items).toMatchObject([
    { what: "stored", run: { id: run, trigger: "manual", status: "done" } },
    { what: "found", run: { id: run } },
  ]);
  expect((await ask(syncs.listProblems, ofSync)).items).toEqual([]);
  expect((await ask(syncs.listRuns, ofSync)).items).toMatchObject([{ id: run }]);
  expect(await ask(syncs.getRun, { params: { id: run } })).toMatchObject({
    counts: { found: 3, created: 2, skipped: 1 },
  });
  await ask(syncs.runLog, { params: { id: run } });
  expect(await ask(syncs.home)).toMatchObject({
    attention: [],
    files: { total: 2, bytes: 10 },
    first_steps: { connected: true, sync_made: true, file_synced: true },
  });

  expect(await ask(syncs.updateSync, { ...ofSync, body: { name: "Plans" } })).toMatchObject({ name: "Plans" });
  expect(await ask(syncs.runSync, ofSync)).toMatchObject({ status: "queued" });
  expect(await ask(syncs.pauseSync, ofSync)).toMatchObject({ status: "paused" });
  expect(await ask(syncs.resumeSync, ofSync)).toMatchObject({ status: "queued" });
  expect(await ask(syncs.cancelRun, ofSync)).toMatchObject({ status: "cancelled" });
  await expect(ask(syncs.retryFailed, { ...ofSync, body: {} })).rejects.toMatchObject({ code: "conflict" });
  await expect(ask(syncs.decideRemovals, { ...ofSync, body: { decision: "keep" } })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(ask(connections.deleteConnection, ofConnection)).rejects.toMatchObject({ code: "connection_in_use" });
  await ask(syncs.deleteSync, ofSync);
  await ask(connections.deleteConnection, ofConnection);
  expect((await ask(connections.listConnections)).items).toEqual([]);
});
