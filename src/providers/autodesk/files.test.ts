// Autodesk's files, against a pretend Autodesk that keeps Autodesk's rules.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Cursor, RemoteId } from "#core/ids.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { fileSourceSuite } from "#provider-kit/testing/file-source.suite.ts";
import { failureOf } from "#provider-kit/testing/first-call.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import { autodesk } from "./index.ts";
import { canonical, instantOf } from "./instant.ts";
import type { ItemOddity } from "./simulated-tree.ts";
import { autodeskClient, autodeskSimulator } from "./simulator.ts";
import { openAutodesk } from "./testing/open-autodesk.ts";

const origin = "https://autodesk.test";
const addresses = {
  api: `${origin}/api`,
  authorize: `${origin}/authorize`,
  token: `${origin}/token`,
  revoke: `${origin}/revoke`,
};

const differing = (because: string, promises: readonly string[]) => promises.map((promise) => ({ promise, because }));

fileSourceSuite(() => {
  const service = autodeskSimulator({ origin, seed: 1, empty: true });
  const provider = autodesk(addresses);
  return { provider, config: {}, at: editSimulated({ service, provider, config: {}, client: autodeskClient }) };
}, [
  ...differing("Autodesk has no feed of changes", [
    "starts a change feed from now, with nothing in it",
    "reports what was added, moved and removed, once",
    "reports a file that was renamed and moved as one that is elsewhere, with its old version",
    "reports a folder that moved with its new place, and nothing in it as gone",
    "says cursor-lost when the feed no longer reaches back that far",
    // What they say besides of feeds is asked below.
    "takes what is in the trash for gone, and what comes out of it for there",
    "tells the same whether pages are whole, short, empty, shuffled or said twice",
    "fails where an answer breaks off, and takes its beginning for nothing",
  ]),
  ...differing("a place in a listing is a number, which cannot be lost", [
    "says cursor-lost when the place in a listing is no longer known",
  ]),
  ...differing("a new name is a new version at Autodesk, and nothing says that its bytes are the old ones", [
    "SR-87 gives a new version when the bytes change, and only then",
  ]),
  ...differing("the bytes of a version outlive the deletion of its item, and are asked for by where they lie", [
    "says not-found for a file that is gone",
  ]),
  ...differing("every file is what it is", ["turns a document of the provider's own into every format that it names"]),
  ...differing("folders are listed one by one", ["lists a drive as a whole as it does folder by folder"]),
]);

const names = (files: readonly RemoteFile[]) => files.map(({ name }) => name).toSorted();
const kindOf = (work: Promise<unknown>) => failureOf(work).then(({ kind }) => kind);

/** A folder in the main project, and what makes files in it. */
async function aFolder(options: Parameters<typeof openAutodesk>[0] = {}) {
  const at = await openAutodesk(options);
  const { tree, drive } = at.service;
  const top = tree.addFolder(drive.top, "Project Files");
  const folder = tree.addFolder(top, "Plans");
  const add = (name: string, words = "x", oddity?: ItemOddity): SimNode => {
    const node = tree.addFile(folder, name, bytesOf(words));
    if (oddity) tree.oddities.set(node, oddity);
    return node;
  };
  const listed = () => at.list({ id: folder.id as RemoteId });
  const only = async () => {
    const [file, ...more] = await listed();
    if (!file || more.length > 0) throw new Error("there is not exactly one file");
    return { ...file, drive: at.drive };
  };
  return { ...at, tree, top, folder, add, listed, only };
}

describe("a search for folders", () => {
  const search = async (at: Awaited<ReturnType<typeof openAutodesk>>, text: string) => {
    const { files, call, drive, asked } = at;
    const found: RemoteFile[] = [];
    const pages: { cursor: number; requests: number }[] = [];
    for (let cursor: Cursor | undefined; ; ) {
      const before = asked.length;
      const page = await files.findFolders?.(call, { drive, text, ...(cursor && { cursor }) });
      found.push(...(page?.items ?? []));
      pages.push({ cursor: page?.next?.length ?? 0, requests: asked.length - before });
      if (page?.next === undefined) return { found, pages };
      cursor = page.next;
    }
  };

  it("walks a project of any shape in bounded steps, each folder once, with a short place to go on from", async () => {
    const at = await openAutodesk();
    const { tree, drive } = at.service;
    const wanted = new Set<string>();
    const add = (parent: SimNode, name: string) => {
      const node = tree.addFolder(parent, name);
      if (name.includes("engine")) wanted.add(node.id);
      return node;
    };
    const top = add(drive.top, "Project Files");
    // Wide at the top, wide further down, and as deep as folders ever lie.
    for (let n = 0; n < 250; n++) add(add(top, `Lot ${n}`), n % 50 === 0 ? "engine drawings" : "Other");
    let deep = add(top, "Deep");
    for (let n = 0; n < 60; n++) {
      for (let side = 0; side < 3; side++) add(deep, `Side ${side}`);
      deep = add(deep, `Level ${n}`);
    }
    for (let n = 0; n < 220; n++) add(deep, `engine ${n}`);
    tree.trash(add(top, "Old engines"));
    wanted.delete([...tree.nodes.values()].find(({ name }) => name === "Old engines")?.id ?? "");
    tree.addFile(top, "engine.txt", bytesOf("x"));

    const { found, pages } = await search(at, "ENGINE");
    expect(found).toHaveLength(wanted.size);
    expect(new Set(found.map(({ id }) => id))).toEqual(wanted);
    expect(found.every(({ isFolder, folder }) => isFolder && folder !== undefined)).toBe(true);
    expect(Math.max(...pages.map(({ requests }) => requests))).toBeLessThanOrEqual(32);
    expect(Math.max(...pages.map(({ cursor }) => cursor))).toBeLessThan(4096);
    const folders = [...tree.nodes.values()].filter(({ isFolder }) => isFolder).length;
    // What is asked again to go on from is a part of it.
    expect(pages.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThan(folders * 1.3);
  });

  it("passes over what is closed or has gone meanwhile, and takes the place of nobody else's search", async () => {
    const at = await openAutodesk();
    const { tree, drive } = at.service;
    const top = tree.addFolder(drive.top, "Project Files");
    const lots = Array.from({ length: 40 }, (_, n) => tree.addFolder(top, `Lot ${n}`));
    const last = tree.addFolder(lots.at(-1) as SimNode, "Engine");
    const { files, call } = at;
    const first = await files.findFolders?.(call, { drive: at.drive, text: "engine" });
    expect(first).toMatchObject({ items: [], next: expect.any(String) });
    for (const lot of lots.slice(0, -1)) tree.trash(lot);
    const second = await files.findFolders?.(call, { drive: at.drive, text: "engine", cursor: first?.next as Cursor });
    expect(second?.items.map(({ id }) => id)).toEqual([last.id]);
    expect(second?.next).toBeUndefined();
    for (const cursor of ["x", "a b c", ".x 1 0/200 1", ",", ".x 1 0"] as Cursor[]) {
      expect(await kindOf(Promise.resolve(files.findFolders?.(call, { drive: at.drive, text: "e", cursor })))).toBe(
        "cursor-lost",
      );
    }
  });
});

describe("projects", () => {
  it("are drives, grouped by their accounts; an archived one is in no list, and not empty", async () => {
    const { files, call, service } = await openAutodesk();
    const drives = async () => Array.fromAsync(everyItem((cursor) => files.drives(call, cursor)));
    expect((await drives()).map(({ name, group }) => [name, group])).toEqual([
      ["Tower North", "Harbour Construction"],
      ["Quay Wall", "Harbour Construction"],
      ["Schleuse Ost", "Hafenbau Nord"],
    ]);
    const { id } = service.drive;
    const project = [...service.tree.projects.values()].find((one) => one.drive.id === id);
    if (!project) throw new Error("it has no project");
    project.active = false;
    expect((await drives()).map((drive) => drive.id)).not.toContain(id);
    expect(await kindOf(files.list(call, { drive: id as RemoteId }))).toBe("forbidden");
    project.active = true;
    expect((await drives()).map((drive) => drive.id)).toContain(id);
  });

  it("come in pages, however many there are", async () => {
    const { files, call, service } = await openAutodesk();
    const [first] = service.tree.projects.values();
    if (!first) throw new Error("there are no projects");
    for (let n = 10; n < 460; n++) service.tree.addProject(first.hub, `Project ${n}`, n);
    const drives = await Array.fromAsync(everyItem((cursor) => files.drives(call, cursor)));
    expect(new Set(drives.map(({ id }) => id)).size).toBe(453);
  });

  it("are asked for, where no account lets the app in, from who can help", async () => {
    const { files, call, service } = await openAutodesk();
    service.autodesk.provisioned = false;
    await expect(files.drives(call)).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("Custom integrations"),
    });
  });

  it("leave out an account that is closed, and fail where all are", async () => {
    const { files, call, service } = await openAutodesk();
    const closed = {
      status: 403,
      body: { errors: [{ status: "403", code: "BIM360DM_ERROR", title: "", detail: "" }] },
    };
    const path = "/api/project/v1/hubs/b.622cb5d1-581b-4a46-a6d9-4ebc68ea4051";
    service.faults.failNext(closed, { path });
    expect((await files.drives(call)).items.map(({ name }) => name)).toEqual(["Schleuse Ost"]);
    service.faults.failNext(closed, { path: "/api/project/v1/hubs/" }, 2);
    expect(await kindOf(files.drives(call))).toBe("forbidden");
  });

  it("of other regions are read as any, in their own environment and bucket", async () => {
    const { files, call, service, text } = await openAutodesk({ planted: true });
    const drives = await Array.fromAsync(everyItem((cursor) => files.drives(call, cursor)));
    const drive = drives.find(({ group }) => group === "Hafenbau Nord")?.id;
    if (!drive) throw new Error("there is no project in Europe");
    const [top] = (await files.list(call, { drive })).items;
    const inside = (await files.list(call, { drive, ...(top && { folder: top.id }) })).items;
    const file = inside.find(({ isFolder }) => !isFolder);
    if (!file) throw new Error("it has no file");
    expect(file.id).toContain("urn:adsk.wipemea:");
    expect(file.locator).toContain("wip.dm.emea.2");
    expect((await text({ ...file, drive })).length).toBe(file.size);
    expect(await files.get(call, { ...file, drive })).toEqual(file);
    expect(service.drive.id).not.toBe(drive);
  });
});

describe("who asks", () => {
  it("is shown as an app's user where the connection names one", async () => {
    const options = { auth: "oauth2_client_credentials" as const, config: { user: "F6E5D4C3B2A1" } };
    const at = await aFolder(options);
    at.add("a.txt");
    at.service.autodesk.grants.set("F6E5D4C3B2A1", new Set());
    expect(names(await at.list())).toEqual([]);
    expect(at.lastHeaders().get("x-user-id")).toBe("F6E5D4C3B2A1");
    at.service.autodesk.grants.delete("F6E5D4C3B2A1");
    expect(names(await at.list())).toEqual(["Project Files"]);
  });

  it("sees the highest folders that he may, wherever they lie, and later more of the same", async () => {
    const at = await aFolder({ account: "F6E5D4C3B2A1" });
    const { service, tree, top, folder, files, call, drive } = at;
    const deep = tree.addFolder(folder, "Structural");
    tree.addFile(deep, "a.txt", bytesOf("x"));
    service.autodesk.grants.set("F6E5D4C3B2A1", new Set([deep.id]));
    const [shown, ...others] = await at.list();
    if (!shown) throw new Error("nothing is shown");
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ id: deep.id, name: "Structural", metadata: { path: "Project Files/Plans" } });
    expect(shown.folder).toBeUndefined();
    // By its id alone nothing is told of what lies above it.
    const { metadata: _, ...told } = shown;
    expect(await files.get(call, { ...shown, drive })).toEqual(told);
    expect(await kindOf(files.list(call, { drive, folder: folder.id as RemoteId }))).toBe("forbidden");
    service.autodesk.grants.delete("F6E5D4C3B2A1");
    const all = await at.walk();
    expect(all.map(({ id }) => id).toSorted()).toEqual(
      [top, folder, deep, ...(deep.children ?? [])].map(({ id }) => id).toSorted(),
    );
  });

  it("may lose sight of something, of which no roll-up tells", async () => {
    const at = await aFolder();
    at.add("a.txt");
    const [before] = await at.list();
    at.service.autodesk.closed.add(at.folder.id);
    const [after] = await at.list();
    expect(after?.rollup).toBe(before?.rollup);
    expect(names(await at.walk())).toEqual(["Project Files"]);
    expect(await kindOf(at.listed())).toBe("forbidden");
    const ref = { drive: at.drive, id: at.folder.id as RemoteId };
    expect(await kindOf(at.files.get(at.call, ref))).toBe("not-found");
  });
});

describe("a listing", () => {
  it("leaves out what was deleted, at the top and below, until it is taken back", async () => {
    const at = await aFolder();
    const { tree, top, folder } = at;
    const file = at.add("a.txt");
    const inner = tree.addFolder(folder, "Inner");
    for (const node of [file, inner]) tree.trash(node);
    expect(await at.listed()).toEqual([]);
    const ref = { drive: at.drive, id: file.id as RemoteId };
    expect(await kindOf(at.files.get(at.call, ref))).toBe("not-found");
    expect(await kindOf(at.files.get(at.call, { ...ref, id: inner.id as RemoteId }))).toBe("not-found");
    for (const node of [file, inner]) tree.restore(node);
    expect(names(await at.listed())).toEqual(["Inner", "a.txt"]);
    tree.trash(top);
    expect(await at.list()).toEqual([]);
  });

  it.each([
    ["short", { pageSize: 7 }],
    ["empty in the middle", { pageSize: 7, emptyPages: true }],
    ["shuffled", { pageSize: 7, shuffled: true }],
    ["said twice", { pageSize: 7, duplicates: true }],
    ["all of it", { pageSize: 7, emptyPages: true, shuffled: true, duplicates: true }],
  ] as const)("tells the same where pages are %s, and links whole or not", async (_, quirks) => {
    const at = await aFolder();
    const made = Array.from({ length: 40 }, (__, n) => at.add(`${n}.txt`));
    Object.assign(at.service.quirks, quirks);
    for (const plainLinks of [false, true]) {
      at.service.autodesk.plainLinks = plainLinks;
      expect((await at.listed()).map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    }
  });

  it("gets past any number of pages on which everything was deleted", async () => {
    const at = await aFolder();
    const made = Array.from({ length: 1_500 }, (_, n) => at.add(`${n}.txt`));
    for (const node of made.slice(50, 1_450)) at.tree.trash(node);
    expect((await at.listed()).length).toBe(100);
  });

  it("SR-18 follows a link to a next page nowhere but here, and SR-73 not back", async () => {
    const at = await aFolder();
    at.add("a.txt");
    const page = (next: string) => ({ status: 200, body: { data: [], links: { next: { href: next } } } });
    const path = "/api/data/v1/projects/";
    at.service.faults.failNext(page("https://stranger.test/x?page%5Bnumber%5D=1"), { path });
    at.asked.length = 0;
    await at.listed();
    expect(at.asked.every((asked) => asked.includes(" https://developer.api.autodesk.com/"))).toBe(true);
    for (const link of ["/x", "/x?page[number]=0", "/x?page[number]=-1", "https://stranger.test/"]) {
      at.service.faults.failNext(page(link), { path });
      expect(await kindOf(at.listed())).toBe("unexpected-reply");
    }
  });

  it.each([
    [{ status: 404, body: { errors: [{ status: "404", code: "NOT_FOUND", title: "", detail: "" }] } }, "not-found"],
    [{ status: 502, body: "<html>Bad Gateway</html>" }, "unavailable"],
    [{ status: 429, body: { developerMessage: "Quota limit exceeded." } }, "rate-limited"],
    [{ status: 423 }, "unavailable"],
    [{ status: 200, body: { data: "nothing" } }, "unexpected-reply"],
    [{ truncateAfter: 40 }, "unexpected-reply"],
    // The next try may bring all of it.
    [{ cutAfter: 40 }, "unavailable"],
  ] as const)("SR-89 fails whole where one page does: %j", async (fault, kind) => {
    const at = await aFolder();
    for (let n = 0; n < 30; n++) at.add(`${n}.txt`);
    at.service.quirks.pageSize = 10;
    const place = { drive: at.drive, folder: at.folder.id as RemoteId };
    const { next } = await at.files.list(at.call, place);
    at.service.faults.failNext(fault, { path: "/api/data/" });
    expect(await kindOf(at.files.list(at.call, { ...place, ...(next && { cursor: next }) }))).toBe(kind);
  });

  it("waits for a project that was just made", async () => {
    const at = await aFolder();
    const [project] = at.tree.projects.values();
    at.service.autodesk.settling.set(project?.id ?? "", 1);
    expect(await kindOf(at.listed())).toBe("unavailable");
    expect(await at.listed()).toEqual([]);
  });

  it("is as slow as the service wants, and says until when", async () => {
    const at = await aFolder();
    at.service.autodesk.limits = true;
    for (let n = 0; n < 300; n++) await at.listed();
    const failure = await failureOf(at.listed());
    expect(failure).toMatchObject({ kind: "rate-limited", retryAt: expect.any(Date) });
    at.clock.at += 60_000;
    expect(await at.listed()).toEqual([]);
  });

  it("gets through 10,000 items and 50 levels", async () => {
    const at = await aFolder();
    for (let n = 0; n < 10_000; n++) at.add(`${n}.txt`);
    let folder = at.folder;
    for (let level = 0; level < 50; level++) folder = at.tree.addFolder(folder, `Level ${level}`);
    at.tree.addFile(folder, "deepest.txt", bytesOf("x"));
    expect((await at.walk()).length).toBe(10_053);
  });
});

describe("a file", () => {
  it("is called as its version is, and known by its item", async () => {
    const at = await aFolder();
    const node = at.add("Model A.rvt", "one", { displayName: "Model", reserved: true });
    const file = await at.only();
    expect(file).toMatchObject({
      id: node.id,
      name: "Model A.rvt",
      folder: at.folder.id,
      size: 3,
      link: expect.stringContaining("https://acc.autodesk.com/"),
      metadata: { version_number: 1, modified_by: "Ines Carvalho", file_type: "rvt", locked: true },
    });
    expect(file.version).toMatch(/^urn:adsk\.wipprod:fs\.file:vf\..+\?version=1$/);
    expect(file.unreadable).toBeUndefined();
  });

  it("SR-90 is a row where half a character is in a name, and where its storage is told without a place", async () => {
    const at = await aFolder();
    const tip = { type: "versions", id: "urn:adsk.wipprod:fs.file:vf.x?version=1" };
    const at2026 = { lastModifiedTime: "2026-02-01T11:15:22Z" };
    const page = {
      data: [
        {
          type: "items",
          id: "urn:adsk.wipprod:dm.lineage:x",
          attributes: at2026,
          relationships: { tip: { data: tip }, parent: { data: null } },
        },
      ],
      included: [
        {
          ...tip,
          attributes: { ...at2026, name: "cut \ud83d", lastModifiedUserName: "\udc00" },
          relationships: { storage: { meta: { link: { href: "https://x.test" } } } },
        },
      ],
    };
    at.service.faults.failNext({ status: 200, body: page }, { path: "/api/data" });
    expect(await at.listed()).toMatchObject([
      { name: "cut \ufffd", metadata: { modified_by: "\ufffd" }, unreadable: "not_exportable" },
    ]);
    const [data] = page.data;
    at.service.faults.failNext({ status: 200, body: { ...page, data } }, { path: "/api/data" });
    const asked = await at.files.get(at.call, { drive: at.drive, id: data?.id as RemoteId });
    // Its place is not known: it does not lie at the top for that.
    expect(asked.folder).toBeDefined();
  });

  it("SR-87 has another version whenever there is one, also of as many bytes and under another name", async () => {
    const at = await aFolder();
    const node = at.add("a.txt", "one");
    const one = await at.only();
    at.tree.edit(node, bytesOf("two"));
    const two = await at.only();
    expect([two.size, two.name]).toEqual([one.size, one.name]);
    expect(two.version).not.toBe(one.version);
    at.tree.rename(node, "b.txt");
    const three = await at.only();
    expect(three).toMatchObject({ id: one.id, name: "b.txt" });
    expect(three.version).not.toBe(two.version);
    at.tree.move(node, at.top);
    const [moved] = (await at.walk()).filter(({ isFolder }) => !isFolder);
    expect(moved).toMatchObject({ id: one.id, version: three.version, folder: at.top.id });
  });

  it("is another one where it was copied", async () => {
    const at = await aFolder();
    const node = at.add("a.txt", "one");
    at.tree.copy(node, at.folder);
    const [one, two] = await at.listed();
    expect(two?.name).toBe(one?.name);
    expect(two?.id).not.toBe(one?.id);
    expect(two?.version).not.toBe(one?.version);
  });

  it.each([
    [{ withoutStorage: true, processState: "PROCESSING" }, "not_ready"],
    [{ withoutStorage: true, type: "C4RModel" }, "not_ready"],
    [{ withoutStorage: true, type: "C4RModel", composite: true }, "package"],
    [{ withoutStorage: true, type: "Document" }, "not_exportable"],
  ] as const)("says why it has no bytes: %j is %s", async (oddity, why) => {
    const at = await aFolder();
    at.add("a.rvt", "one", oddity);
    const file = await at.only();
    expect(file.unreadable).toBe(why);
    expect([file.size, file.mediaType, file.locator]).toEqual([undefined, undefined, undefined]);
    expect(await kindOf(at.files.read(at.call, file))).toBe("rejected");
  });

  it("may have no size, and a page may come without its version", async () => {
    const at = await aFolder();
    at.add("a.txt", "one", { withoutSize: true });
    const file = await at.only();
    expect(file.size).toBeUndefined();
    expect(await at.text(file)).toBe("one");
    const bare = {
      type: "items",
      id: file.id,
      attributes: { displayName: "a", lastModifiedTime: "2026-02-01T11:15:22.000Z" },
      relationships: { tip: { data: { type: "versions", id: file.version } } },
    };
    at.service.faults.failNext({ status: 200, body: { data: [bare], links: {} } }, { path: "/api/data/" });
    const known = await at.only();
    expect(known).toMatchObject({ name: "a", version: file.version, folder: at.folder.id });
    expect(known.unreadable).toBeUndefined();
    expect(await at.text(known)).toBe("one");
  });

  it("is gone where a hub writes deletions down as versions", async () => {
    const at = await aFolder();
    at.add("a.txt");
    at.service.faults.failNext({
      status: 200,
      body: {
        data: [
          {
            type: "items",
            id: "urn:adsk.wipprod:dm.lineage:x",
            attributes: { displayName: "a.txt", lastModifiedTime: "2026-02-01T11:15:22Z" },
            relationships: { tip: { data: { id: "v" } } },
          },
        ],
        included: [
          { type: "versions", id: "v", attributes: { extension: { type: "versions:autodesk.core:Deleted" } } },
        ],
      },
    });
    expect(await at.listed()).toEqual([]);
  });
});

describe("roll-ups", () => {
  const rollups = async (at: Awaited<ReturnType<typeof aFolder>>) => {
    const folders = (await at.walk()).filter(({ isFolder }) => isFolder);
    return new Map(folders.map(({ name, rollup }) => [name, rollup]));
  };

  it("move on above everything that changes, and nowhere else", async () => {
    const at = await aFolder();
    const other = at.tree.addFolder(at.top, "Other");
    const file = at.add("a.txt");
    at.clock.at += 600_000;
    const acts = [
      () => at.tree.edit(file, bytesOf("two")),
      () => at.tree.rename(file, "b.txt"),
      () => at.tree.trash(file),
      () => at.tree.restore(file),
      () => at.tree.addFolder(at.folder, "New"),
    ];
    for (const act of acts) {
      const before = await rollups(at);
      act();
      const after = await rollups(at);
      for (const name of ["Project Files", "Plans"]) expect(after.get(name)).not.toBe(before.get(name));
      expect(after.get("Other")).toBe(before.get("Other"));
    }
    const before = await rollups(at);
    at.tree.move(file, other);
    const after = await rollups(at);
    for (const name of ["Project Files", "Plans", "Other"]) expect(after.get(name)).not.toBe(before.get(name));
  });

  it("may not tell of a deletion, which a whole walk finds", async () => {
    const at = await aFolder();
    const file = at.add("a.txt");
    const before = await rollups(at);
    at.tree.rollsUp.trashed = false;
    at.tree.trash(file);
    expect(await rollups(at)).toEqual(before);
    expect(names(await at.walk())).toEqual(["Plans", "Project Files"]);
  });

  it("say something else once they have settled: within a second two changes look like one", async () => {
    const at = await aFolder();
    at.tree.rollupDigits = 0;
    at.clock.at = Math.ceil(at.clock.at / 1000) * 1000;
    at.add("a.txt");
    const first = (await rollups(at)).get("Plans");
    at.add("b.txt");
    expect((await rollups(at)).get("Plans")).toBe(first);
    at.clock.at += 120_000;
    const settled = (await rollups(at)).get("Plans");
    expect(settled).not.toBe(first);
    at.clock.at += 1_000_000;
    expect((await rollups(at)).get("Plans")).toBe(settled);
  });
});

describe("times", () => {
  it.each([
    ["2026-02-01T11:15:22.000Z", "2026-02-01T11:15:22.000Z"],
    ["2026-02-01T11:15:22.1234567Z", "2026-02-01T11:15:22.123Z"],
    ["2026-02-01T11:15:22+00:00", "2026-02-01T11:15:22.000Z"],
    ["2026-02-01T12:15:22+0100", "2026-02-01T11:15:22.000Z"],
    ["2026-02-01", undefined],
    ["soon", undefined],
  ])("%s is %s", (text, iso) => {
    expect(instantOf(text)?.toISOString()).toBe(iso);
  });

  it("are the same text for the same moment, to the last digit", () => {
    expect(canonical("2026-02-01T12:15:22.5+01:00")).toBe("2026-02-01T11:15:22.5000000Z");
    expect(canonical("2026-02-01T11:15:22.5Z")).toBe(canonical("2026-02-01T11:15:22.5000000Z"));
    expect(canonical("2026-02-01T11:15:22.5000001Z")).not.toBe(canonical("2026-02-01T11:15:22.5000000Z"));
  });
});

describe("a download", () => {
  it("SR-18 takes two requests, of which the one to storage carries no credential", async () => {
    const at = await aFolder();
    at.add("a.txt", "hello");
    const file = await at.only();
    at.asked.length = 0;
    expect(await at.text(file)).toBe("hello");
    expect(at.asked).toEqual([
      expect.stringMatching(/^GET https:\/\/developer\.api\.autodesk\.com\/oss\/v2\/.*\/signeds3download\?.* signed$/),
      expect.stringMatching(/^GET https:\/\/cdn\.us\.oss\.api\.autodesk\.com\/storage\/[^ ]*$/),
    ]);
  });

  it("is of the version that was listed, whatever comes after it, and says which one that is", async () => {
    const at = await aFolder();
    const node = at.add("a.txt", "one");
    const before = await at.only();
    at.tree.edit(node, bytesOf("two"));
    const content = await at.files.read(at.call, before);
    expect(content.version).toBe(before.version);
    expect(await new Response(content.bytes).text()).toBe("one");
    expect(await at.text({ drive: at.drive, id: before.id })).toBe("two");
  });

  it("goes on where it was, by a new address, when the old one has run out", async () => {
    const at = await aFolder();
    at.add("a.txt", "hello world");
    const file = await at.only();
    // Between the address and its use there is a wait that was too long.
    at.service.faults.failNext(
      {
        status: 403,
        headers: { "content-type": "application/xml" },
        body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
      },
      { path: "/api/storage" },
    );
    const failure = await failureOf(at.files.read(at.call, file, { from: 6 }));
    expect(failure.kind).toBe("unavailable");
    expect(JSON.stringify([failure, String(failure.message)])).not.toMatch(/Signature|storage\//);
    expect(await at.text(file, 6)).toBe("world");
  });

  it("is found by where it lies, whatever its object is called", async () => {
    const at = await aFolder();
    at.add("of 98 words", "hello");
    const file = await at.only();
    const named = (key: string) => ({
      ...file,
      locator: `${file.version} urn:adsk.objects:os.object:wip.dm.prod/${key}`,
    });
    for (const key of ["a b.txt", "a/b?c=d#e.txt", "ä%20.txt"]) {
      at.asked.length = 0;
      expect(await kindOf(at.files.read(at.call, named(key)))).toBe("unavailable");
      expect(at.asked).toEqual([expect.stringContaining(`/objects/${encodeURIComponent(key)}/signeds3download?`)]);
    }
    expect(await at.text(file)).toBe("hello");
  });

  it("comes in parts while the object is put together, in the order of its bytes", async () => {
    const at = await aFolder();
    const words = "0123456789abcdefghijklmnopqrstuvwxyz";
    at.add("a.txt", words, { assembling: "chunked" });
    at.service.autodesk.storage.partBytes = 5;
    const file = await at.only();
    for (const from of [0, 1, 4, 5, 17, 35, 36]) expect(await at.text(file, from)).toBe(words.slice(from));
    at.service.autodesk.storage.withoutRanges = true;
    expect(await at.text(file, 17)).toBe(words.slice(17));
    at.tree.oddities.set([...(at.folder.children ?? [])][0] as SimNode, { assembling: "fallback" });
    expect(await at.text(file, 17)).toBe(words.slice(17));
  });

  it.each<[Record<string, string>, string]>([
    [{ "0-4": "a", "6-9": "b" }, "a gap"],
    [{ "0-4": "a", "4-9": "b" }, "an overlap"],
    [{ "0-4": "a", "5-8": "b" }, "no end"],
    [{ "1-9": "a" }, "no beginning"],
    [{}, "nothing"],
  ])("refuses parts that do not make up the whole: %j has %s", async (parts) => {
    const at = await aFolder();
    at.add("a.txt", "0123456789");
    const file = await at.only();
    const urls = Object.fromEntries(
      Object.entries(parts).map(([range, name]) => [range, `https://x.s3.amazonaws.com/${name}`]),
    );
    at.service.faults.failNext({ status: 200, body: { status: "chunked", urls, params: {}, size: 10 } });
    expect(await kindOf(at.files.read(at.call, file))).toBe("unexpected-reply");
  });

  it("comes with its SHA-1 where that is told, from any byte on, and a cut one is not whole", async () => {
    const at = await aFolder();
    at.service.autodesk.storage.sha1 = true;
    at.add("a.txt", "hello world");
    const file = await at.only();
    for (const from of [0, 6]) {
      const { hash, bytes } = await at.files.read(at.call, file, { from });
      await bytes.cancel();
      expect(hash).toEqual({ algorithm: "sha1", value: createHash("sha1").update("hello world").digest("hex") });
    }
    at.service.faults.failNext({ cutAfter: 5 }, { path: "/api/storage" });
    expect(await kindOf(at.text(file))).not.toBe("none");
  });

  it("SR-14 goes to Autodesk's storage and no other host", async () => {
    const at = await aFolder();
    at.add("a.txt", "hello");
    const file = await at.only();
    for (const url of ["https://stranger.test/x", "http://bucket.s3.amazonaws.com/x", "https://amazonaws.com.test/x"]) {
      at.service.faults.failNext({ status: 200, body: { status: "complete", url, params: {}, size: 5 } });
      expect(await kindOf(at.files.read(at.call, file))).toBe("rejected");
    }
  });

  it.each([
    [400, "<Error><Code>InvalidArgument</Code><Message>Secret</Message></Error>"],
    [401, "<html>Secret</html>"],
    [403, "<html>Secret</html>"],
    [404, "<Error><Code>NoSuchKey</Code><Key>Secret</Key></Error>"],
    [410, "Secret"],
    [416, "<Error><Code>InvalidRange</Code></Error>"],
  ])(
    "is tried again by a new address where storage answers %i, which says nothing of the sign-in or the file: %s",
    async (status, body) => {
      const at = await aFolder({ others: async () => new Response(body, { status }) });
      at.add("a.txt", "hello");
      at.add("b.txt", "hello", { assembling: "chunked" });
      for (const file of await at.listed()) {
        const failure = await failureOf(at.text({ ...file, drive: at.drive }, 1));
        expect(failure.kind).toBe("unavailable");
        expect(JSON.stringify([failure, String(failure.message)])).not.toContain("Secret");
      }
    },
  );

  it("takes another part than the one that was asked for as no part at all", async () => {
    const others = async () => new Response("lo", { status: 206, headers: { "content-range": "bytes 2-4/5" } });
    const at = await aFolder({ others });
    at.add("a.txt", "hello");
    const file = await at.only();
    expect(await kindOf(at.files.read(at.call, file, { from: 3 }))).toBe("unexpected-reply");
  });

  it("is tried again later where the object of a new version is not found yet", async () => {
    const at = await aFolder();
    at.add("a.txt", "hello");
    const file = await at.only();
    at.service.faults.failNext({ status: 404, body: { reason: "Object not found" } }, { path: "/api/oss" });
    expect(await kindOf(at.files.read(at.call, file))).toBe("unavailable");
    expect(await kindOf(at.files.read(at.call, { ...file, locator: "elsewhere" }))).toBe("none");
    expect(await kindOf(at.files.read(at.call, { ...file, locator: "v urn:adsk.other:x" }))).toBe("not-found");
  });
});
