// Files on their way into a bucket, from the form to the object: with the pretend Supabase, over HTTP.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ConnectionId, SyncId, SyncRunId } from "#core/ids.ts";
import { listDrives } from "#domain/connections/browse.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { deleteConnection } from "#domain/connections/delete-connection.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import { localFolder } from "#providers/local-folder/index.ts";
import { supabaseStorage } from "#providers/supabase-storage/index.ts";
import { type SupabaseSimulator, supabaseSimulator } from "#providers/supabase-storage/simulator.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { type Served, serveOnLoopback } from "../../sandbox/serve.ts";
import { aWorkspace } from "../connections/testing/a-workspace.ts";
import { createSync, type NewSync } from "./create-sync.ts";
import { listStores } from "./list-stores.ts";
import { runSync } from "./operate-sync.ts";
import { getRun } from "./read-runs.ts";
import { createCopyTurns } from "./run/copy-turns.ts";
import { executeRun } from "./run/execute-run.ts";
import { testDestination } from "./test-destination.ts";

let db: TestDatabase;
let served: Served;
let project: SupabaseSimulator;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await testDatabase();
  served = await serveOnLoopback(0, (request) => project.fetch(request));
  project = supabaseSimulator({ origin: `http://127.0.0.1:${served.port}/supabase-storage`, seed: 1 });
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(async () => {
  await served.close();
  await db.close();
});

async function here() {
  const made = await aWorkspace(db.database);
  ends.push(made.end);
  const deps = {
    ...made.deps,
    ...connectionDeps(db.database, {
      providers: [localFolder({ roots: new Map([["documents", made.documents]]) }), supabaseStorage()],
      exceptions: [`127.0.0.1:${served.port}`],
    }),
    copyTurns: createCopyTurns(8),
  };
  const { caller, workspace } = made;
  const source = await createConnection(deps, caller, {
    provider: "local-folder",
    name: "Documents",
    config: { root: "documents" },
    tags: [],
  });
  const bucket = await createConnection(deps, caller, {
    provider: "supabase-storage",
    name: "Bucket",
    config: { url: `${project.origin}/api`, bucket: "archive" },
    tags: [],
    credential: { key: project.secretKey },
  });
  expect(bucket).toMatchObject({ status: "active" });
  const [drive] = (await listDrives(deps, caller, source.id, undefined)).items;
  const into = (folder: string, connection_id: string = bucket.id) =>
    ({ kind: "store", connection_id, folder, layout: "mirror" }) as const;
  const create = (name: string, destination: NewSync["destination"]) =>
    createSync(deps, caller, {
      name,
      description: "",
      tags: [],
      enabled: true,
      connection: source.id,
      drive: { id: drive?.id ?? "", name: "Documents" },
      folders: [],
      filters: { include: [], exclude: [], types: ["*"], min_bytes: null, max_bytes: null },
      maxFilesPerRun: null,
      rules: [],
      destination,
      onDelete: "remove",
      exports: [],
      schedule: { kind: "manual" },
      handoff: null,
    });
  const run = async (sync: SyncId) => {
    const { id } = await runSync(deps, caller, sync);
    await executeRun(deps, workspace, id as SyncRunId, caller.signal);
    return getRun(deps, workspace, id);
  };
  return { ...made, deps, bucket, into, create, run };
}

const objects = (folder: string): Record<string, string> =>
  Object.fromEntries(
    [...(project.storage.buckets.get("archive")?.objects ?? [])].flatMap(([name, { bytes }]) =>
      name.startsWith(`${folder}/`) && !name.includes("/.hawser/")
        ? [[name.slice(folder.length + 1), Buffer.from(bytes).toString()]]
        : [],
    ),
  );

it("brings files into the bucket, follows them there, and keeps what it takes away for a while", async () => {
  const { create, into, run, documents, deps, caller, workspace, bucket } = await here();
  expect((await listStores(deps, workspace)).map(({ name }) => name)).toEqual(["Bucket"]);
  expect(await testDestination(deps, caller, into("first"))).toMatchObject({ ok: true });
  const sync = await create("Drawings", into("first"));
  await writeFile(join(documents, "ä.txt"), "one");
  await writeFile(join(documents, "b.txt"), "two");
  // Of fewer files one that is gone would wait for a person.
  for (const n of [1, 2, 3, 4]) await writeFile(join(documents, `${n}.txt`), String(n));
  const others = { "1.txt": "1", "2.txt": "2", "3.txt": "3", "4.txt": "4" };
  expect(await run(sync.id)).toMatchObject({ status: "done", counts: { created: 6 } });
  expect(objects("first")).toEqual({ "=C3=A4.txt": "one", "b.txt": "two", ...others });

  await writeFile(join(documents, "b.txt"), "changed");
  await rm(join(documents, "ä.txt"));
  expect(await run(sync.id)).toMatchObject({ status: "done", counts: { updated: 1, deleted: 1 } });
  expect(objects("first")).toEqual({ "b.txt": "changed", ...others });
  const kept = [...(project.storage.buckets.get("archive")?.objects.keys() ?? [])];
  expect(kept.filter((name) => name.startsWith("first/.hawser/removed/"))).toHaveLength(1);

  await expect(deleteConnection(deps, caller, bucket.id)).rejects.toMatchObject({ code: "connection_in_use" });
});

it("SR-42 SR-91 rests while another bucket lies in the place of the chosen one", async () => {
  const { create, into, run, documents } = await here();
  const sync = await create("Drawings", into("second"));
  await writeFile(join(documents, "a.txt"), "one");
  expect(await run(sync.id)).toMatchObject({ status: "done" });
  const bucket = project.storage.buckets.get("archive");
  const before = new Map(bucket?.objects);
  bucket?.objects.clear();
  await writeFile(join(documents, "b.txt"), "two");
  expect(await run(sync.id)).toMatchObject({ status: "paused", failure: { kind: "destination_unavailable" } });
  expect(objects("second")).toEqual({});
  for (const [name, object] of before) bucket?.objects.set(name, object);
});

it("SR-62 says what is wrong with a row that names a connection of nobody's", async () => {
  const { create, into, run, deps, workspace } = await here();
  const sync = await create("Drawings", into("fourth"));
  await deps.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      update syncs set destination = destination || ${JSON.stringify({ connection_id: crypto.randomUUID() })}::jsonb
       where id = ${sync.id}`,
  );
  expect(await run(sync.id)).toMatchObject({ status: "failed", failure: { kind: "connection_not_active" } });
});

it("SR-56 knows no connection of others, and none that stores nothing", async () => {
  const [one, other] = [await here(), await here()];
  await expect(one.create("Theirs", one.into("x", other.bucket.id))).rejects.toMatchObject({
    code: "invalid_request",
    errors: [{ pointer: "/destination/connection_id", code: "not_found" }],
  });
  await expect(testDestination(one.deps, one.caller, one.into("x", other.bucket.id))).rejects.toMatchObject({
    errors: [{ pointer: "/destination/connection_id" }],
  });
  const source = (await one.create("Mine", { kind: "none" })).connection.id;
  await expect(one.create("Source", one.into("x", source))).rejects.toMatchObject({
    errors: [{ pointer: "/destination/connection_id", code: "invalid" }],
  });
});

it("gives a folder of a bucket to one sync alone, whichever connection leads there", async () => {
  const { create, into, deps, caller } = await here();
  await create("Drawings", into("third"));
  const again = await createConnection(deps, caller, {
    provider: "supabase-storage",
    name: "The same bucket",
    config: { url: `${project.origin}/api`, bucket: "archive" },
    tags: [],
    credential: { key: project.secretKey },
  });
  await expect(create("Twice", into("Third/below", again.id as ConnectionId))).rejects.toMatchObject({
    code: "destination_in_use",
  });
});
