import { afterAll, beforeAll, expect, it } from "vitest";
import { type FileId, newId, type SyncId } from "#core/ids.ts";
import { aWorkspace } from "#domain/connections/testing/a-workspace.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { getFile } from "./get-file.ts";
import { listFiles } from "./list-files.ts";
import { listProblems } from "./list-problems.ts";

let db: TestDatabase;
let here: Awaited<ReturnType<typeof aWorkspace>>;
beforeAll(async () => {
  db = await testDatabase();
  here = await aWorkspace(db.database);
});
afterAll(async () => {
  await here.end();
  await db.close();
});

interface Row {
  name: string;
  folder?: string;
  state?: string;
  size?: number | null;
  held?: boolean;
  failure?: { kind: string; message: string };
}

/** A sync whose tree holds these files; `/Hull/Plans` and the like become its folders, with metadata by `system`. */
async function aTree(rows: Row[]) {
  const { workspace } = here;
  const sync = newId<SyncId>();
  const connection = newId();
  const folders = [...new Set(rows.map(({ folder = "" }) => folder))];
  await db.database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`insert into connections (workspace_id, id, provider, name) values (${workspace}, ${connection}, 'local-folder', ${sync})`;
    await tx.sql`
      insert into syncs (workspace_id, id, connection_id, name, drive_id, rules)
      values (${workspace}, ${sync}, ${connection}, ${sync}, 'top', '[{"pattern": "/{system}/**"}]')`;
    for (const path of folders) {
      const system = path.split("/")[1];
      await tx.sql`
        insert into files (workspace_id, sync_id, remote_id, name, is_folder, version, state, seen_generation, path, metadata)
        values (${workspace}, ${sync}, ${`folder ${path}`}, ${path}, true, '', 'folder', 1, ${path}, ${JSON.stringify(system ? { system } : {})})`;
    }
    for (const [index, { name, folder = "", state = "indexed", size = 1, held = false, failure }] of rows.entries()) {
      await tx.sql`
        insert into files (workspace_id, sync_id, remote_id, parent_id, name, is_folder, version, state, seen_generation, size, held, failure, changed_at)
        values (${workspace}, ${sync}, ${String(index)}, ${`folder ${folder}`}, ${name}, false, '1', ${state}, 1, ${size}, ${held},
                ${failure ? JSON.stringify(failure) : null}, now() - make_interval(mins => ${index}))`;
    }
  });
  const list = (query: Partial<Parameters<typeof listFiles>[3]> = {}) =>
    listFiles(here.deps, workspace, sync, { limit: 50, sort: "changed", ...query });
  return {
    sync,
    list,
    names: async (query: Parameters<typeof list>[0] = {}) => (await list(query)).items.map(({ name }) => name),
    async pages(query: Parameters<typeof list>[0] = {}) {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ ...query, cursor, limit: 2 });
        names.push(...page.items.map(({ name }) => name));
        cursor = page.next;
      } while (cursor);
      return names;
    },
  };
}

it("pages through files in every order, each file once", async () => {
  const { pages } = await aTree([
    { name: "b", size: 5 },
    { name: "A", size: 7 },
    { name: "c", size: null },
    { name: "a", size: 5 },
    { name: "d", size: 0 },
  ]);

  expect(await pages({ sort: "changed" })).toEqual(["b", "A", "c", "a", "d"]);
  const byName = await pages({ sort: "name" });
  expect([byName.slice(0, 2).sort(), byName.slice(2)]).toEqual([
    ["A", "a"],
    ["b", "c", "d"],
  ]);
  const bySize = await pages({ sort: "size" });
  expect([bySize[0], bySize.slice(1, 3).sort(), bySize.slice(3)]).toEqual(["A", ["a", "b"], ["d", "c"]]);
});

it("finds part of a name and part of a folder's path, in any case and taken as it is written", async () => {
  const { names } = await aTree([
    { name: "Pump.pdf", folder: "/Hull/Plans" },
    { name: "valve.pdf", folder: "/Engine/Pumps" },
    { name: "100%_done.txt", folder: "/Hull" },
    { name: "100 done.txt", folder: "/Hull" },
  ]);

  expect((await names({ search: "pump" })).sort()).toEqual(["Pump.pdf", "valve.pdf"]);
  expect(await names({ search: "0%_" })).toEqual(["100%_done.txt"]);
  expect(await names({ search: "hull/plans" })).toEqual(["Pump.pdf"]);
  expect(await names({ search: "nothing" })).toEqual([]);
});

it("finds by state, by what is held and by metadata, and counts what matches", async () => {
  const { names, list } = await aTree([
    { name: "a", folder: "/Hull" },
    { name: "b", folder: "/Engine", state: "failed" },
    { name: "c", folder: "/Engine", held: true },
    { name: "d", folder: "/Engine", state: "removed" },
  ]);

  expect(await names()).toEqual(["a", "b", "c"]);
  expect(await names({ state: "failed" })).toEqual(["b"]);
  expect(await names({ state: "held" })).toEqual(["c"]);
  expect(await names({ state: "removed" })).toEqual(["d"]);
  expect(await names({ metadata: "system=Engine" })).toEqual(["b", "c"]);
  expect(await list({ metadata: "system=Engine", limit: 1 })).toMatchObject({ total: 2 });
  await expect(list({ metadata: "Engine" })).rejects.toMatchObject({ errors: [{ pointer: "/metadata" }] });
});

it("says of a file where it lies and which rule gave which value", async () => {
  const { sync, list } = await aTree([{ name: "a.pdf", folder: "/Hull/Plans" }]);
  const [found] = (await list()).items;

  expect(await getFile(here.deps, here.workspace, sync, found?.id ?? ("" as FileId))).toMatchObject({
    name: "a.pdf",
    folder: "/Hull/Plans",
    metadata: { system: "Hull" },
    metadataFrom: [{ part: "system", value: "Hull", rule: 0, pattern: "/{system}/**" }],
  });
  await expect(getFile(here.deps, here.workspace, sync, newId<FileId>())).rejects.toMatchObject({ code: "not_found" });
});

it("groups what failed by its cause, the largest group first, with a few examples", async () => {
  const closed = { kind: "forbidden", message: "No access" };
  const { sync } = await aTree([
    ...Array.from({ length: 5 }, (_, number) => ({
      name: `${number}`,
      folder: "/Hull",
      state: "failed",
      failure: closed,
    })),
    { name: "x", folder: "/Engine", state: "failed", failure: { kind: "unavailable", message: "Try later" } },
    { name: "fine", folder: "/Engine" },
  ]);

  await db.database.asWorkspace(
    { workspace: here.workspace },
    (tx) => tx.sql`
      update files set failure = ${JSON.stringify(closed)}::jsonb where sync_id = ${sync} and remote_id = 'folder /Engine'`,
  );

  const problems = await listProblems(here.deps, here.workspace, sync);

  expect(problems.map(({ kind, message, files, folders }) => [kind, message, files, folders])).toEqual([
    ["forbidden", "No access", 5, 0],
    ["forbidden", "No access", 0, 1],
    ["unavailable", "Try later", 1, 0],
  ]);
  expect(problems[1]?.examples.map(({ name }) => name)).toEqual(["/Engine"]);
  expect(problems[0]?.examples.map(({ name, folder }) => [name, folder])).toEqual([
    ["0", "/Hull"],
    ["1", "/Hull"],
    ["2", "/Hull"],
  ]);
});

it("SR-56 shows no files of another workspace", async () => {
  const { sync } = await aTree([{ name: "a" }]);
  const other = await aWorkspace(db.database);
  const query = { limit: 10, sort: "changed" } as const;

  await expect(listFiles(other.deps, other.workspace, sync, query)).rejects.toMatchObject({ code: "not_found" });
  await expect(listProblems(other.deps, other.workspace, sync)).rejects.toMatchObject({ code: "not_found" });
  await other.end();
});
