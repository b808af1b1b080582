import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConnectionId, newId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { secretUse } from "./access.ts";
import { browse, listDrives } from "./browse.ts";
import { createConnection } from "./create-connection.ts";
import { deleteConnection } from "./delete-connection.ts";
import { listCatalog } from "./list-catalog.ts";
import { openConnection } from "./open-connection.ts";
import { getCard } from "./read-cards.ts";
import { checkConnectionName, getConnection, listConnections } from "./read-connections.ts";
import { testConfig, testConnection } from "./test-connection.ts";
import { aWorkspace } from "./testing/a-workspace.ts";
import { updateConnection } from "./update-connection.ts";

const use = secretUse("system", "test");
let db: TestDatabase;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await db.close();
});

async function here() {
  const made = await aWorkspace(db.database);
  ends.push(made.end);
  const { deps, caller } = made;
  const connect = (name: string, config: Record<string, unknown> = { root: "documents" }) =>
    createConnection(deps, caller, { provider: "local-folder", name, config, tags: ["yard"] });
  const addSync = (id: ConnectionId, name: string) =>
    deps.database.asWorkspace(
      { workspace: caller.workspace },
      (tx) => tx.sql`
      insert into syncs (workspace_id, connection_id, name, drive_id) values (${caller.workspace}, ${id}, ${name}, 'top')`,
    );
  return { ...made, connect, addSync };
}

it("connects a provider, tests it at once and says whose account it is", async () => {
  const { connect, deps, caller, audited } = await here();

  const made = await connect("Documents");

  expect(made).toMatchObject({ name: "Documents", status: "active", tags: ["yard"], syncs: 0, failure: undefined });
  expect(made.account?.label).toContain("documents");
  expect(await getCard(deps, caller.workspace, made.id)).toEqual(made);
  expect(await audited()).toMatchObject([
    { action: "connection.created", target_label: "Documents", after: { provider: "local-folder", status: "active" } },
  ]);
});

it("keeps a connection that fails its test, in error and with the cause", async () => {
  const { connect, deps, caller } = await here();

  const made = await connect("Gone", { root: "documents", path: "not/there" });

  expect(made).toMatchObject({ status: "error", account: undefined, failure: { kind: "unavailable" } });
  await expect(openConnection(deps, caller.workspace, made.id, { use, signal: caller.signal })).rejects.toMatchObject({
    code: "connection_not_active",
  });
});

it("points at the fields of a config that the provider does not take, and keeps nothing", async () => {
  const { connect, deps, caller } = await here();

  await expect(connect("Wrong", { root: "elsewhere", secret: 1 })).rejects.toMatchObject({
    code: "invalid_request",
    errors: [{ pointer: "/config/root" }, { pointer: "/config/secret", code: "unknown_field" }],
  });
  expect((await listConnections(deps, caller.workspace, { limit: 10 })).items).toEqual([]);
});

it("gives a name to one connection only, in whatever case, and frees it with the connection", async () => {
  const { connect, deps, caller } = await here();
  const made = await connect("Documents");
  const other = await connect("Other");

  const taken = { code: "name_taken", errors: [{ pointer: "/name" }] };
  await expect(connect("DOCUMENTS")).rejects.toMatchObject(taken);
  await expect(updateConnection(deps, caller, other.id, { name: "documents" })).rejects.toMatchObject(taken);
  expect(await checkConnectionName(deps, caller.workspace, " documents ", undefined)).toBe(false);
  expect(await checkConnectionName(deps, caller.workspace, "documents", made.id)).toBe(true);

  await deleteConnection(deps, caller, made.id);
  expect(await checkConnectionName(deps, caller.workspace, "documents", undefined)).toBe(true);
  expect((await connect("documents")).name).toBe("documents");
});

it("makes one connection of two at once with the same name", async () => {
  const { connect } = await here();

  const outcomes = await Promise.allSettled([connect("Same"), connect("same")]);

  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "name_taken" } });
});

it("does not delete a connection that syncs use, and names them", async () => {
  const { connect, deps, caller, addSync } = await here();
  const { id } = await connect("Documents");
  for (const name of ["Drawings", "Letters", "Manuals", "Plans"]) await addSync(id, name);

  await expect(deleteConnection(deps, caller, id)).rejects.toMatchObject({
    code: "connection_in_use",
    message: '"Documents" is used by "Drawings", "Letters", "Manuals" and others. Delete those syncs first.',
  });
  expect((await getConnection(deps, caller.workspace, id)).syncs).toBe(4);
});

it("SR-42 stays with its account: another one in its place is an error, and is let in only while no sync counts on it", async () => {
  const { connect, deps, caller, addSync, documents } = await here();
  await mkdir(join(documents, "a"));
  await mkdir(join(documents, "b"));
  const { id, account } = await connect("Documents", { root: "documents", path: "a" });
  const moved = await updateConnection(deps, caller, id, { config: { root: "documents", path: "b" } });
  expect(moved.status).toBe("active");
  expect(moved.account?.id).not.toBe(account?.id);

  await addSync(id, "Drawings");
  await expect(updateConnection(deps, caller, id, { config: { root: "documents", path: "a" } })).rejects.toMatchObject({
    code: "connection_in_use",
  });

  await rename(join(documents, "b"), join(documents, "c"));
  await mkdir(join(documents, "b"));
  expect(await testConnection(deps, caller, id)).toMatchObject({ ok: false, failure: { kind: "wrong-account" } });
  expect(await getConnection(deps, caller.workspace, id)).toMatchObject({ status: "error", account: moved.account });

  await rename(join(documents, "b"), join(documents, "d"));
  await rename(join(documents, "c"), join(documents, "b"));
  expect(await testConnection(deps, caller, id)).toMatchObject({ ok: true });
  expect(await getConnection(deps, caller.workspace, id)).toMatchObject({ status: "active", failure: undefined });
});

it("tests a config without keeping anything but the entry in the audit log", async () => {
  const { deps, caller, audited } = await here();

  expect(await testConfig(deps, caller, { provider: "local-folder", config: { root: "documents" } })).toMatchObject({
    ok: true,
  });
  expect((await listConnections(deps, caller.workspace, { limit: 10 })).items).toEqual([]);
  expect(await audited()).toMatchObject([{ action: "connection.config_tested", result: "done" }]);
});

it("writes down what a connection was before and after a change", async () => {
  const { connect, deps, caller, audited } = await here();
  const { id } = await connect("Documents");

  await updateConnection(deps, caller, id, { name: "Papers", tags: [] });

  expect((await audited()).at(-1)).toMatchObject({
    action: "connection.updated",
    target_label: "Papers",
    before: { name: "Documents", tags: ["yard"] },
    after: { name: "Papers", tags: [] },
  });
});

it("lists by name, page by page, and finds by part of a name, status and tag", async () => {
  const { connect, deps, caller } = await here();
  for (const name of ["delta", "Alpha", "Écho", "bravo", "100%"]) await connect(name);
  await connect("broken", { root: "documents", path: "gone" });

  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listConnections(deps, caller.workspace, { limit: 2, cursor });
    names.push(...page.items.map(({ name }) => name));
    cursor = page.next;
  } while (cursor);
  const all = await listConnections(deps, caller.workspace, { limit: 100 });

  expect(names).toHaveLength(6);
  expect(names).toEqual(all.items.map(({ name }) => name));
  const found = async (query: object) =>
    (await listConnections(deps, caller.workspace, { limit: 100, ...query })).items.map(({ name }) => name);
  expect(await found({ search: "ALPH" })).toEqual(["Alpha"]);
  expect(await found({ search: "%" })).toEqual(["100%"]);
  expect(await found({ status: "error" })).toEqual(["broken"]);
  expect(await found({ tag: "yard", provider: "local-folder" })).toHaveLength(6);
  expect(await found({ search: "YAR" })).toHaveLength(6);
  expect(await found({ tag: "none" })).toEqual([]);
});

it("SR-56 shows nothing of another workspace", async () => {
  const [mine, theirs] = [await here(), await here()];
  const { id } = await theirs.connect("Theirs");

  const refused = { code: "not_found" };
  await expect(getConnection(mine.deps, mine.workspace, id)).rejects.toMatchObject(refused);
  await expect(updateConnection(mine.deps, mine.caller, id, { name: "Mine" })).rejects.toMatchObject(refused);
  await expect(deleteConnection(mine.deps, mine.caller, id)).rejects.toMatchObject(refused);
  await expect(testConnection(mine.deps, mine.caller, id)).rejects.toMatchObject(refused);
  await expect(
    openConnection(mine.deps, mine.workspace, id, { use, signal: mine.caller.signal }),
  ).rejects.toMatchObject(refused);
  await expect(getConnection(mine.deps, mine.workspace, newId<ConnectionId>())).rejects.toMatchObject(refused);
  expect((await listConnections(mine.deps, mine.workspace, { limit: 10 })).items).toEqual([]);
});

it("SR-62 refuses to open a connection whose row holds a config that its provider does not take", async () => {
  const { connect, deps, caller, workspace } = await here();
  const { id } = await connect("Documents");
  await deps.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`update connections set config = '{"root": 3}' where id = ${id}`,
  );

  await expect(openConnection(deps, workspace, id, { use, signal: caller.signal })).rejects.toMatchObject({
    code: "connection_not_active",
  });
});

it("shows drives and folders as the source has them, folders first", async () => {
  const { connect, deps, caller, documents } = await here();
  await mkdir(join(documents, "z-folder"));
  await writeFile(join(documents, "z-folder", "inside.txt"), "x");
  await writeFile(join(documents, "a-file.txt"), "hello");
  const { id } = await connect("Documents");

  const [drive] = (await listDrives(deps, caller, id, undefined)).items;
  const top = await browse(deps, caller, id, { drive: drive?.id ?? "", foldersOnly: false });
  const folders = await browse(deps, caller, id, { drive: drive?.id ?? "", foldersOnly: true });
  const folder = top.items[0];
  const inside = await browse(deps, caller, id, {
    drive: drive?.id ?? "",
    folder: folder?.id,
    locator: folder?.locator,
    foldersOnly: false,
  });

  expect(top.items.map(({ name, size }) => [name, size])).toEqual([
    ["z-folder", undefined],
    ["a-file.txt", 5],
  ]);
  expect(folders.items.map(({ name }) => name)).toEqual(["z-folder"]);
  expect(inside.items.map(({ name }) => name)).toEqual(["inside.txt"]);
});

it("tells of each provider what it can do and how many connections there are", async () => {
  const { connect, deps, workspace } = await here();
  await connect("Documents");

  expect(await listCatalog(deps, workspace)).toMatchObject([
    {
      key: "local-folder",
      parts: ["files"],
      signIn: [{ type: "none", oauth: undefined }],
      addresses: [],
      connections: 1,
    },
  ]);
});
