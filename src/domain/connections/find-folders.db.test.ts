import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "#core/clock.ts";
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { FileSource, Provider, RemoteFile } from "#provider-kit/provider.ts";
import { type SimNode, SimTree } from "#provider-kit/sim/tree.ts";
import { localFolder } from "#providers/local-folder/index.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { browse, listDrives } from "./browse.ts";
import { createConnection } from "./create-connection.ts";
import { findFolders } from "./find-folders.ts";
import { aWorkspace } from "./testing/a-workspace.ts";
import { connectionDeps } from "./testing/connection-deps.ts";

let db: TestDatabase;
let end: () => Promise<void>;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  await end();
  await db.close();
});

it("finds folders anywhere in a drive, each with the way to it, and asks for a folder above several of them once", async () => {
  const tree = new SimTree({ clock: systemClock, newId: (n) => `f${n}` });
  const drive = tree.addDrive("Yard");
  const engineering = tree.addFolder(drive.top, "02_Engineering");
  for (const engine of ["Main engine", "Generators"]) {
    tree.addFolder(tree.addFolder(engineering, engine), "Drawings of the yard");
  }
  const hidden = tree.addFolder(drive.top, "Hidden");
  tree.addFolder(hidden, "Drawings that somebody shared");
  const asked: string[] = [];
  const { deps, caller, ...made } = await aWorkspace(db.database);
  end = made.end;
  const providers = [pretendProvider({ tree, hidden, asked }), ...deps.providers.values()];
  const withIt = { ...deps, ...connectionDeps(db.database, { providers }) };
  const { id } = await createConnection(withIt, caller, { provider: "pretend", name: "Yard", config: {}, tags: [] });

  const first = await findFolders(withIt, caller, id, { drive: drive.id, text: "DRAWINGS" });
  const second = await findFolders(withIt, caller, id, { drive: drive.id, text: "DRAWINGS", cursor: first.next });

  const ways = [...first.items, ...second.items].map(({ folder, above }) => [
    above?.map(({ name }) => name).join(" / "),
    folder.name,
  ]);
  expect(ways).toEqual([
    ["02_Engineering / Main engine", "Drawings of the yard"],
    ["02_Engineering / Generators", "Drawings of the yard"],
    [undefined, "Drawings that somebody shared"],
  ]);
  expect(second.next).toBeUndefined();
  expect(asked.filter((folder) => folder === engineering.id)).toHaveLength(1);
  expect((await listDrives(withIt, caller, id, undefined)).findsFolders).toBe(true);
  expect((await browse(withIt, caller, id, { drive: drive.id, foldersOnly: true })).files).toEqual({
    total: 2,
    exported: 1,
    unreadable: 1,
  });
});

it("says of a source that cannot be searched that it cannot", async () => {
  const { deps, caller, end: ended } = await aWorkspace(db.database);
  const made = await createConnection(deps, caller, {
    provider: localFolder({ roots: new Map() }).key,
    name: "Documents",
    config: { root: "documents" },
    tags: [],
  });
  await expect(findFolders(deps, caller, made.id, { drive: "x", text: "y" })).rejects.toMatchObject({
    code: "invalid_request",
  });
  await ended();
});

/** Two found folders a page, and one folder that nobody may look at. */
function pretendProvider({ tree, hidden, asked }: { tree: SimTree; hidden: SimNode; asked: string[] }): Provider {
  const toRemote = (node: SimNode): RemoteFile => ({
    id: node.id as RemoteId,
    name: node.name,
    ...(node.parent !== node.drive.top && { folder: node.parent?.id as RemoteId }),
    isFolder: true,
    modifiedAt: new Date(0),
    version: "1",
    exports: [],
  });
  const document = { isFolder: false, modifiedAt: new Date(0), version: "1" } as const;
  const files: FileSource = {
    drives: async () => ({ items: [...tree.drives.values()].map(({ id, name }) => ({ id: id as RemoteId, name })) }),
    list: async () => ({
      items: [
        { ...document, id: "d" as RemoteId, name: "Notes", exports: ["application/pdf"] },
        { ...document, id: "s" as RemoteId, name: "There", exports: [], unreadable: "shortcut" },
      ],
    }),
    async findFolders(_call, { drive, text, cursor }) {
      const found = [...tree.nodes.values()].filter(
        (node) => node.drive.id === drive && node.name.toLowerCase().includes(text.toLowerCase()),
      );
      const from = Number(cursor ?? 0);
      const more = from + 2 < found.length ? { next: String(from + 2) as Cursor } : {};
      return { items: found.slice(from, from + 2).map(toRemote), ...more };
    },
    async get(_call, { id }) {
      asked.push(id);
      const node = tree.get(id);
      if (!node || node === hidden) throw new ProviderError("not-found", "There is no such folder");
      return toRemote(node);
    },
    read: async () => {
      throw new ProviderError("not-found", "There is nothing to read");
    },
  };
  return {
    key: "pretend",
    name: "Pretend",
    description: "A drive to be searched.",
    category: "files",
    glyph: { letters: "PR", hue: "teal" },
    auth: () => [{ type: "none" }],
    check: async () => ({ id: "1", label: "Yard" }),
    files,
  };
}
