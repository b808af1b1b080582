import { describe, expect, it } from "vitest";
import type { Cursor, RemoteId } from "#core/ids.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { fileSourceSuite } from "#provider-kit/testing/file-source.suite.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import { googleDrive } from "./index.ts";
import { googleClient, googleDriveSimulator } from "./simulator.ts";
import { kindOf, lastOf, type OpenDrive, openDrive } from "./testing/open-drive.ts";

const origin = "http://google.test/sim";
const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

describe("Google Drive", () => {
  fileSourceSuite(() => {
    const service = googleDriveSimulator({ origin, seed: 1, empty: true });
    const provider = googleDrive({
      api: `${origin}/api`,
      authorize: `${origin}/authorize`,
      token: `${origin}/token`,
    });
    return {
      provider,
      config: {},
      at: editSimulated({
        service,
        provider,
        config: {},
        client: googleClient,
        addDocument: (name, folder) => service.world.addDocument(folder, name, "document"),
      }),
    };
  });
});

describe("the drives of an account", () => {
  it("are its own by the real id, what others have shared, and the shared drives in pages", async () => {
    const { service, tree, files, call, mine } = await openDrive();
    for (let n = 1; n <= 120; n++) tree.addDrive(`Team ${n}`);
    const first = await files.drives(call);
    expect(first.items).toEqual([
      { id: mine, name: "My Drive" },
      { id: "shared-with-me", name: "Shared with me" },
    ]);
    expect(mine).toMatch(/^0A.*PVA$/);
    const names: string[] = [];
    const groups = new Set<string | undefined>();
    for (let next = first.next; next !== undefined; ) {
      const page = await files.drives(call, next);
      for (const { name, group } of page.items) {
        names.push(name);
        groups.add(group);
      }
      next = page.next;
    }
    expect(names).toEqual(["Projects", ...Array.from({ length: 120 }, (_, n) => `Team ${n + 1}`)]);
    expect([...groups]).toEqual(["Shared drives"]);
    expect(service.tree.drives.size).toBe(3 + 121);
  });
});

describe("a shared drive", () => {
  it("is listed, followed and read like one's own", async () => {
    const { projects, world, tree, addText, list, listAll, changes, read } = await openDrive();
    const folder = tree.addFolder(world.projects.top, "Plans");
    const { next } = await changes(projects);
    addText(folder, "a.txt", "hello");
    const [plans] = await list(projects);
    expect(plans).toMatchObject({ id: folder.id, name: "Plans", isFolder: true });
    expect(plans).not.toHaveProperty("folder");
    const [file] = await list(projects, plans);
    expect(file).toMatchObject({ name: "a.txt", folder: folder.id });
    expect(await listAll(projects)).toEqual([plans, file]);
    expect(lastOf((await changes(projects, next)).changes)).toEqual({ [file?.id ?? ""]: `a.txt in ${folder.id}` });
    expect(Buffer.from(await read({ drive: projects, id: file?.id as RemoteId })).toString()).toBe("hello");
  });

  it("asks for its changes with one request, and so does one's own", async () => {
    const { mine, projects, changes, asked } = await openDrive();
    for (const drive of [mine, projects]) {
      const { next } = await changes(drive);
      asked.length = 0;
      expect((await changes(drive, next)).changes).toEqual([]);
      expect(asked).toEqual(["GET /drive/v3/changes"]);
    }
  });

  it("is lost by itself: it is not found, and nothing else is affected by that", async () => {
    const { world, ana, mine, projects, list, listAll, changes, addText, top } = await openDrive();
    addText(world.projects.top, "a.txt");
    const before = { mine: (await changes(mine)).next, projects: (await changes(projects)).next };
    world.setMembers(world.projects, []);
    addText(top, "mine.txt");
    expect(await kindOf(changes(projects, before.projects))).toBe("not-found");
    expect(await kindOf(list(projects))).toBe("not-found");
    expect(await kindOf(listAll(projects))).toBe("not-found");
    expect(Object.values(lastOf((await changes(mine, before.mine)).changes))).toEqual(["mine.txt in the top"]);
    world.setMembers(world.projects, [ana]);
    expect((await list(projects)).map(({ name }) => name)).toEqual(["a.txt"]);
  });

  it("tells what moved into it and out of it, and so does the drive at the other end", async () => {
    const { mine, projects, world, tree, top, addText, changes } = await openDrive();
    const [folder, stays] = [tree.addFolder(top, "Moving"), tree.addFolder(top, "Stays")];
    const inside = addText(folder, "inside.txt");
    let at = { mine: (await changes(mine)).next, projects: (await changes(projects)).next };
    const round = async () => {
      const [one, other] = [await changes(mine, at.mine), await changes(projects, at.projects)];
      at = { mine: one.next, projects: other.next };
      return [lastOf(one.changes), lastOf(other.changes)];
    };
    const isGone = { [folder.id]: "gone", [inside.id]: "gone" };
    const file = { [inside.id]: `inside.txt in ${folder.id}` };
    tree.move(folder, world.projects.top);
    expect(await round()).toEqual([isGone, { [folder.id]: "Moving in the top", ...file }]);
    tree.move(folder, stays);
    expect(await round()).toEqual([{ [folder.id]: `Moving in ${stays.id}`, ...file }, isGone]);
    // Away and back, with something that happened to it meanwhile.
    tree.move(folder, world.projects.top);
    const late = addText(folder, "late.txt");
    tree.move(folder, stays);
    const [last] = await round();
    expect(last).toEqual({ [folder.id]: `Moving in ${stays.id}`, ...file, [late.id]: `late.txt in ${folder.id}` });
  });
});

describe("what others have shared", () => {
  async function withBen() {
    const open = await openDrive();
    const { world, tree, ben, ana, addText } = open;
    const home = world.home(ben).top;
    const folder = tree.addFolder(home, "From Ben");
    const deeper = tree.addFolder(folder, "Deeper");
    const file = addText(deeper, "a.txt", "hello");
    world.share(folder, ana);
    return { ...open, home, folder, deeper, file };
  }

  it("has no parents that can be seen, and lies at the top of a drive of its own", async () => {
    const { shared, mine, list, listAll, folder, deeper, file, read } = await withBen();
    const [top, ...others] = await list(shared);
    expect(others).toEqual([]);
    expect(top).toMatchObject({ id: folder.id, isFolder: true });
    expect(top).not.toHaveProperty("folder");
    const [below] = await list(shared, top);
    expect(below).toMatchObject({ id: deeper.id, folder: folder.id });
    const [deepest] = await list(shared, below);
    expect(deepest).toMatchObject({ id: file.id, folder: deeper.id });
    expect(Buffer.from(await read({ drive: shared, id: file.id as RemoteId })).toString()).toBe("hello");
    expect([await list(mine), await listAll(mine)]).toEqual([[], []]);
  });

  it("can be listed folder by folder only, which is said without a request", async () => {
    const { shared, files, call, asked } = await withBen();
    expect(await files.listAll?.(call, { drive: shared })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("SR-73 is listed to its end, however many pages have nothing of the drive that is listed", async () => {
    const { service, shared, world, ana, folder, home, addText, list, files, call } = await withBen();
    service.quirks.pageSize = 5;
    for (let n = 0; n < 60; n++) world.share(addText(folder, `Inside ${n}`), ana);
    world.share(addText(home, "Last.txt"), ana);
    expect((await list(shared)).map(({ name }) => name).toSorted()).toEqual(["From Ben", "Last.txt"]);
    // It shows now and then that it is still at work.
    for (let n = 0; n < 150; n++) world.share(addText(folder, `More ${n}`), ana);
    const pages: number[] = [];
    for (let cursor: Cursor | undefined; ; ) {
      const page = await files.list(call, { drive: shared, ...(cursor && { cursor }) });
      pages.push(page.items.length);
      cursor = page.next;
      if (!cursor) break;
    }
    expect([pages.includes(0), pages.reduce((sum, length) => sum + length)]).toEqual([true, 2]);
  });

  it("SR-73 does not hide one's own drive behind many pages of it", async () => {
    const { service, mine, world, ana, tree, home, top, addText, listAll } = await withBen();
    service.quirks.pageSize = 5;
    for (let n = 0; n < 60; n++) world.share(addText(home, `Theirs ${n}`), ana);
    tree.addFolder(top, "Mine");
    addText(top, "mine.txt");
    expect((await listAll(mine)).map(({ name }) => name)).toEqual(["Mine", "mine.txt"]);
  });

  it("is followed while its owner works on it, takes it back and shares more", async () => {
    const { shared, mine, world, ana, tree, home, folder, deeper, file, addText, changes } = await withBen();
    const before = { shared: (await changes(shared)).next, mine: (await changes(mine)).next };
    tree.edit(file, bytesOf("other words"));
    const more = addText(home, "More.txt");
    world.share(more, ana);
    const first = await changes(shared, before.shared);
    expect(lastOf(first.changes)).toEqual({ [file.id]: `a.txt in ${deeper.id}`, [more.id]: "More.txt in the top" });
    world.unshare(folder, ana);
    expect(lastOf((await changes(shared, first.next)).changes)).toEqual({ [folder.id]: "gone" });
    // To one's own drive it is nothing that lies there.
    expect(Object.values(lastOf((await changes(mine, before.mine)).changes))).not.toContain("More.txt in the top");
  });

  it("is gone when it moves out of the folder that was shared", async () => {
    const { shared, tree, home, file, changes, list, addText } = await withBen();
    const { next } = await changes(shared);
    tree.move(file, home);
    // Never seen, and of no concern: neither is an error.
    tree.move(addText(home, "private.txt"), tree.addFolder(home, "Private"));
    const last = lastOf((await changes(shared, next)).changes);
    expect(last[file.id]).toBe("gone");
    expect(new Set(Object.values(last))).toEqual(new Set(["gone"]));
    expect((await list(shared)).map(({ name }) => name)).toEqual(["From Ben"]);
  });

  it("by a link takes the key of the link besides the id", async () => {
    const { shared, world, ana, ben, addText, list, get, read, changes, tree } = await openDrive();
    const linked = addText(world.home(ben).top, "linked.txt", "by a link");
    const { next } = await changes(shared);
    world.share(linked, ana, "0-key");
    const [file] = await list(shared);
    expect(file).toMatchObject({ id: linked.id, locator: "0-key" });
    const ref = { drive: shared, id: linked.id as RemoteId };
    expect([await kindOf(get(shared, linked)), await kindOf(read(ref))]).toEqual(["not-found", "not-found"]);
    expect(await get(shared, linked, "0-key")).toEqual(file);
    expect(Buffer.from(await read({ ...ref, locator: "0-key" }, { from: 3 })).toString()).toBe("a link");
    tree.rename(linked, "renamed.txt");
    const { changes: seen } = await changes(shared, next);
    expect(seen).toMatchObject([{ kind: "changed", file: { name: "renamed.txt", locator: "0-key" } }]);
  });

  it("in a folder that is shared by a link is read by its id, and listed with the key of the folder", async () => {
    const { shared, world, ana, ben, tree, addText, list, read, files, call } = await openDrive();
    const folder = tree.addFolder(world.home(ben).top, "linked");
    addText(tree.addFolder(folder, "deeper"), "inside.txt", "hello");
    world.share(folder, ana, "0-key");
    const [top] = await list(shared);
    const [deeper] = await list(shared, top);
    const [inside] = await list(shared, deeper);
    expect(inside).toMatchObject({ name: "inside.txt", folder: deeper?.id });
    expect(inside).not.toHaveProperty("locator");
    const ref = { drive: shared, id: inside?.id as RemoteId };
    expect(Buffer.from(await read(ref)).toString()).toBe("hello");
    expect(await kindOf(files.list(call, { drive: shared, folder: folder.id as RemoteId }))).toBe("not-found");
  });
});

describe("documents of Google's own", () => {
  it.each([
    ["document", docx],
    ["spreadsheet", xlsx],
    ["presentation", pptx],
  ] as const)("a %s has neither size nor hash, and is exported, first of all to %s", async (type, first) => {
    const { mine, world, top, get, read } = await openDrive();
    const node = world.addDocument(top, "Own", type);
    const file = await get(mine, node);
    expect(file.exports[0]).toBe(first);
    expect(file.exports).toContain("application/pdf");
    for (const none of ["size", "hash", "unreadable"]) expect(file).not.toHaveProperty(none);
    const ref = { drive: mine, id: file.id };
    const bytes = Buffer.from(await read(ref, { as: first }));
    expect(bytes.subarray(0, 2).toString()).toBe("PK");
    // The same twice: other bytes. So nobody may go on in the middle of one.
    expect(Buffer.from(await read(ref, { as: first })).equals(bytes)).toBe(false);
    expect(await kindOf(read(ref, { as: first, from: 1 }))).toBe("rejected");
    expect(await kindOf(read(ref))).toBe("rejected");
  });

  it("is a new version when it was edited, and not when it was renamed, moved or shared", async () => {
    const clock = { at: Date.UTC(2026, 1, 1), now: () => new Date(clock.at) };
    const { mine, world, tree, top, ben, get } = await openDrive({ empty: true, clock });
    const node = world.addDocument(top, "Own", "document");
    const { version } = await get(mine, node);
    clock.at += 1_000;
    tree.rename(node, "Renamed");
    tree.move(node, tree.addFolder(top, "Elsewhere"));
    world.share(node, ben);
    expect((await get(mine, node)).version).toBe(version);
    tree.edit(node, { kind: "document", type: "docx", seed: 9 });
    expect((await get(mine, node)).version).not.toBe(version);
  });

  it("of more than 10 MB comes by its link, and only then is that asked for", async () => {
    const { mine, world, top, files, call, asked } = await openDrive();
    const node = world.addDocument(top, "Long", "document");
    const ref = { drive: mine, id: node.id as RemoteId };
    await (await files.read(call, ref, { as: "application/pdf" })).bytes.cancel();
    expect(asked).toEqual([`GET /drive/v3/files/${node.id}/export`]);
    asked.length = 0;
    world.set(node, { exportSize: 11_000_000 });
    const content = await files.read(call, ref, { as: "application/pdf" });
    expect(content.mediaType).toBe("application/pdf");
    const bytes = await new Response(content.bytes).bytes();
    expect(bytes.length).toBe(11_000_000);
    expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe("%PDF-");
    expect(asked).toEqual([
      `GET /drive/v3/files/${node.id}/export`,
      `GET /drive/v3/files/${node.id}`,
      "GET /feeds/download/documents/export/Export",
    ]);
  });

  it("is not the page to sign in that its link may lead to", async () => {
    const { service, mine, world, top, files, call } = await openDrive();
    const node = world.addDocument(top, "Long", "document");
    world.set(node, { exportSize: 11_000_000 });
    const ref = { drive: mine, id: node.id as RemoteId };
    const page = { status: 200, body: "<html>Sign in</html>", headers: { "content-type": "text/html; charset=utf-8" } };
    service.faults.failNext(page, { path: "/api/feeds" });
    expect(await kindOf(files.read(call, ref, { as: docx }))).toBe("unavailable");
    service.faults.failNext(page, { path: `/api/drive/v3/files/${node.id}/export` });
    expect((await files.read(call, ref, { as: "text/html" })).mediaType).toBe("text/html");
  });

  it.each([401, 403])(
    "whose link is refused with %i is a failure of its own, and not of the sign-in",
    async (status) => {
      const { service, mine, world, top, files, call } = await openDrive();
      const node = world.addDocument(top, "Long", "document");
      world.set(node, { exportSize: 11_000_000 });
      service.faults.failNext({ status, body: "<html></html>" }, { path: "/api/feeds" });
      const reading = files.read(call, { drive: mine, id: node.id as RemoteId }, { as: docx });
      expect(await kindOf(reading)).toBe("forbidden");
    },
  );

  it("has its links on a host of its own at the real service, and no other address is called", () => {
    expect(googleDrive().addresses?.({}, {})).toEqual(["https://www.googleapis.com/", "https://docs.google.com/"]);
    expect(googleDrive({ api: "http://127.0.0.1:1/x" }).addresses?.({}, {})).toEqual(["http://127.0.0.1:1/x/"]);
  });

  it.each(["form", "site", "map", "vid", "fusiontable", "of-tomorrow"])(
    "a %s can be turned into nothing",
    async (type) => {
      const { mine, world, top, list } = await openDrive();
      world.addOwn(top, "Own", type);
      expect(await list(mine)).toMatchObject([{ unreadable: "not_exportable", exports: [], isFolder: false }]);
    },
  );
});

describe("files that cannot be had", () => {
  it("are shortcuts, wherever they lead: to a file, to the folder above, to another drive, to nothing", async () => {
    const { mine, world, tree, top, addText, listAll } = await openDrive();
    const folder = tree.addFolder(top, "A");
    const targets = [addText(folder, "a.txt"), folder, addText(world.projects.top, "b.txt")];
    for (const target of targets)
      world.addShortcut(folder, "link", { id: target.id, mimeType: world.mimeType(target) });
    world.addShortcut(folder, "link", { id: "1Nothing", mimeType: "application/pdf" });
    const links = (await listAll(mine)).filter(({ name }) => name === "link");
    expect(links.map(({ unreadable }) => unreadable)).toEqual(["shortcut", "shortcut", "shortcut", "shortcut"]);
    expect(links.map(({ metadata }) => metadata?.shortcut_to)).toEqual([...targets.map(({ id }) => id), "1Nothing"]);
    expect(links.some(({ isFolder }) => isFolder)).toBe(false);
  });

  it("are those whose owner does not let them be downloaded, also documents of Google's own", async () => {
    const { mine, world, top, addText, list, read } = await openDrive();
    const nodes = [addText(top, "a.txt"), world.addDocument(top, "b", "document")];
    for (const node of nodes) world.set(node, { noDownload: true });
    const found = await list(mine);
    expect(found.map(({ unreadable, exports }) => [unreadable, exports])).toEqual([
      ["not_downloadable", []],
      ["not_downloadable", []],
    ]);
    const [one, other] = found.map(({ id }) => ({ drive: mine, id }));
    if (!one || !other) throw new Error("they are not there");
    expect([await kindOf(read(one)), await kindOf(read(other, { as: docx }))]).toEqual(["forbidden", "forbidden"]);
  });

  it.each([{ abusive: true }, { worn: true }])(
    "say so when they are read, where they cannot be told before: %j",
    async (how) => {
      const { mine, world, top, addText, get, read, files, call } = await openDrive();
      const node = world.set(addText(top, "a.txt"), how);
      const file = await get(mine, node);
      expect(file).not.toHaveProperty("unreadable");
      const ref = { drive: mine, id: file.id };
      // Of the file alone: a connection that is asked to slow down, or to sign in again, would stop all others.
      expect(await kindOf(read(ref))).toBe("forbidden");
      await expect(files.read(call, ref)).rejects.toThrow(/malware|often/);
    },
  );
});

describe("what Drive says of a file", () => {
  it("is who changed it and which revision it is, and a revision with the same bytes is no other version", async () => {
    const { mine, tree, top, addText, get } = await openDrive();
    const node = addText(top, "a.txt", "same");
    const before = await get(mine, node);
    expect(before).toMatchObject({
      mediaType: "text/plain",
      size: 4,
      hash: { algorithm: "sha256", value: expect.stringMatching(/^[0-9a-f]{64}$/) },
      link: expect.stringContaining(node.id),
      metadata: { modified_by: "ana@acme.test", revision: expect.any(String) },
    });
    tree.edit(node, bytesOf("same"));
    const after = await get(mine, node);
    expect(after.version).toBe(before.version);
    expect(after.metadata?.revision).not.toBe(before.metadata?.revision);
  });

  it("of old files is their MD5 only", async () => {
    const { mine, world, top, addText, get } = await openDrive();
    const file = await get(mine, world.set(addText(top, "a.txt"), { oldHashes: true }));
    expect(file.hash).toEqual({ algorithm: "md5", value: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(file.version).toBe(file.hash?.value);
  });

  it("can be a size that no number holds, which is refused, and one of 5 TB, which is exact", async () => {
    const { service, mine, top, addText, get } = await openDrive();
    const node = addText(top, "a.txt");
    const about = {
      id: node.id,
      name: "a",
      mimeType: "x/y",
      parents: [mine],
      modifiedTime: "2026-01-01T00:00:00.000Z",
    };
    const answered = (size: string) => {
      service.faults.failNext({ status: 200, body: { ...about, md5Checksum: "0", size } }, { path: "/api" });
      return get(mine, node);
    };
    expect(await answered("5497558138881")).toMatchObject({ size: 5_497_558_138_881 });
    expect(await kindOf(answered("9007199254740993"))).toBe("unexpected-reply");
    expect(await kindOf(answered("-1"))).toBe("unexpected-reply");
  });

  it("SR-90 keeps names with half a character, and people with them, as whole text", async () => {
    const { mine, top, tree, addText, list } = await openDrive();
    addText(top, "cut \ud83d");
    tree.addFolder(top, "\udd00\0");
    expect((await list(mine)).map(({ name }) => name).toSorted()).toEqual(["cut \ufffd", "\ufffd\ufffd"]);
  });

  it("keeps names as they are, twice in one folder and with all that no path may have", async () => {
    const { mine, top, addText, list } = await openDrive();
    const names = ["a/b\\c:d", "..", "twice.txt", "twice.txt", "dot.", " blanks ", "CON", "nul\u0000", "\u202egnp.exe"];
    for (const name of names) addText(top, name);
    const found = await list(mine);
    expect(found.map(({ name }) => name)).toEqual(names.map((name) => name.replace("\u0000", "\ufffd")));
    expect(new Set(found.map(({ id }) => id)).size).toBe(names.length);
  });
});

describe("the change feed", () => {
  it("does not lose what changes while everything is listed for the first time", async () => {
    const { mine, tree, top, addText, listAll, changes } = await openDrive();
    const { next } = await changes(mine);
    const [early, edited] = [addText(top, "early.txt"), addText(top, "edited.txt")];
    const listed = await listAll(mine);
    tree.edit(edited, bytesOf("edited while it was listed"));
    const late = addText(top, "late.txt");
    const last = lastOf((await changes(mine, next)).changes);
    expect(listed.map(({ id }) => id)).toEqual([early.id, edited.id]);
    expect(Object.keys(last).toSorted()).toEqual([early.id, edited.id, late.id].toSorted());
  });

  it("says of a folder in the trash that it is gone, and nothing of what lies in it", async () => {
    const { mine, tree, top, addText, changes, get } = await openDrive();
    const folder = tree.addFolder(top, "A");
    const inside = Array.from({ length: 5 }, (_, n) => addText(folder, `${n}.txt`));
    const { next } = await changes(mine);
    tree.trash(folder);
    const thrown = await changes(mine, next);
    expect(lastOf(thrown.changes)).toEqual({ [folder.id]: "gone" });
    expect(await kindOf(get(mine, inside[0] ?? folder))).toBe("not-found");
    tree.restore(folder);
    expect(lastOf((await changes(mine, thrown.next)).changes)).toEqual({ [folder.id]: "A in the top" });
  });

  it("tells a change of permissions, with the old version; and one of a file that says to be older than before", async () => {
    const { mine, world, ben, tree, top, addText, changes, get } = await openDrive();
    const node = addText(top, "a.txt");
    const { version } = await get(mine, node);
    const { next } = await changes(mine);
    world.share(node, ben);
    const shared = await changes(mine, next);
    expect(shared.changes).toMatchObject([{ kind: "changed", file: { id: node.id, version } }]);
    tree.edit(node, bytesOf("other"));
    node.modifiedAt = Date.UTC(1999, 0, 1);
    const { changes: edited } = await changes(mine, shared.next);
    expect(edited).toMatchObject([{ file: { modifiedAt: new Date("1999-01-01T00:00:00Z") } }]);
    expect(edited[0]?.kind === "changed" && edited[0].file.version).not.toBe(version);
  });

  it("has nothing to say of a file that lies in no folder that can be seen", async () => {
    const { mine, world, top, addText, changes, listAll, get } = await openDrive();
    const { next } = await changes(mine);
    const node = world.set(addText(top, "a.txt"), { orphan: true });
    expect(lastOf((await changes(mine, next)).changes)).toEqual({ [node.id]: "gone" });
    expect(await listAll(mine)).toEqual([]);
    expect(await kindOf(get(mine, node))).toBe("not-found");
  });

  it("is silent about a shared drive that got another name", async () => {
    const { mine, projects, world, changes } = await openDrive();
    const before = [await changes(mine), await changes(projects)];
    world.renameDrive(world.projects, "Renamed");
    expect((await changes(mine, before[0]?.next)).changes).toEqual([]);
    expect((await changes(projects, before[1]?.next)).changes).toEqual([]);
  });

  it.each(["garbage", "user:garbage", "user:", "user:1:2", ""])(
    "has lost its place with the cursor “%s”",
    async (cursor) => {
      const { mine, files, call } = await openDrive();
      const asked = files.changes?.(call, { drive: mine, since: cursor as Cursor });
      expect(await kindOf(asked ?? Promise.resolve())).toBe("cursor-lost");
    },
  );

  it("takes no cursor of another log for its own", async () => {
    const { mine, projects, changes } = await openDrive();
    const [own, other] = [(await changes(mine)).next, (await changes(projects)).next];
    const mixed = `user:${other.slice("drive:".length)}` as Cursor;
    expect(await kindOf(changes(mine, mixed))).toBe("cursor-lost");
    expect(await kindOf(changes(projects, `drive:${own.slice("user:".length)}` as Cursor))).toBe("cursor-lost");
  });

  it("SR-90 goes on where an entry tells neither what has become of a file nor that it is gone", async () => {
    const { service, mine, changes, addText, top } = await openDrive();
    const { next } = await changes(mine);
    const page = {
      newStartPageToken: "9",
      changes: [
        { changeType: "file", removed: false, fileId: "1Silent" },
        { changeType: "file", removed: true, fileId: "1Gone" },
      ],
    };
    service.faults.failNext({ status: 200, body: page }, { path: "/api/drive/v3/changes" });
    expect((await changes(mine, next)).changes).toEqual([{ kind: "gone", id: "1Gone" }]);
    addText(top, "a.txt");
    expect((await changes(mine, next)).changes).toHaveLength(1);
  });

  it("refuses a page that says neither where to go on nor that it ends", async () => {
    const { service, mine, changes } = await openDrive();
    const { next } = await changes(mine);
    service.faults.failNext({ status: 200, body: { changes: [] } }, { path: "/api" });
    expect(await kindOf(changes(mine, next))).toBe("unexpected-reply");
  });
});

describe("listings", () => {
  it("of a whole drive bring all folders before all files", async () => {
    const { mine, tree, top, addText, listAll, service } = await openDrive();
    service.quirks.pageSize = 3;
    for (let n = 0; n < 8; n++) addText(tree.addFolder(top, `F${n}`), `${n}.txt`);
    const found = await listAll(mine);
    expect(found.map(({ isFolder }) => isFolder)).toEqual([...Array(8).fill(true), ...Array(8).fill(false)]);
  });

  it("SR-89 that did not search everything are no listings", async () => {
    const { service, mine, files, call } = await openDrive();
    const [folders, found] = ["user:folders:", "user:"] as Cursor[];
    const works = [
      files.list(call, { drive: mine }),
      files.listAll?.(call, { drive: mine, ...(folders && { cursor: folders }) }),
      files.findFolders?.(call, { drive: mine, text: "x", ...(found && { cursor: found }) }),
    ];
    service.faults.failNext({ status: 200, body: { incompleteSearch: true, files: [] } }, { path: "/api" }, 3);
    for (const work of works) expect(await kindOf(work ?? Promise.resolve())).toBe("unavailable");
  });

  it("SR-89 of a folder that is gone are not empty, also where Google says so", async () => {
    const { service, mine, tree, top, addText, list, files, call } = await openDrive();
    const folder = tree.addFolder(top, "A");
    addText(folder, "a.txt");
    const [before] = await list(mine);
    service.google.missingFolders = "empty";
    tree.trash(folder);
    expect(await kindOf(list(mine, before))).toBe("not-found");
    tree.delete(folder);
    expect(await kindOf(list(mine, before))).toBe("not-found");
    expect(await kindOf(files.list(call, { drive: "0ALostPVA" as RemoteId }))).toBe("not-found");
  });

  it.each(["garbage", "user:folders", "drive:neither:x"])(
    "have lost their place with the cursor “%s”",
    async (text) => {
      const { mine, files, call } = await openDrive();
      const cursor = text as Cursor;
      expect(await kindOf(files.list(call, { drive: mine, cursor }))).toBe("cursor-lost");
      expect(await kindOf(files.listAll?.(call, { drive: mine, cursor }) ?? Promise.resolve())).toBe("cursor-lost");
      expect(await kindOf(files.drives(call, cursor))).toBe("cursor-lost");
    },
  );

  it("find folders with quotes in their names, in any of the three sorts of drives", async () => {
    const { mine, projects, shared, world, tree, ana, ben, top, files, call } = await openDrive();
    const name = `it's \\ one`;
    const made = [top, world.projects.top, world.home(ben).top].map((place) => tree.addFolder(place, name));
    if (made[2]) world.share(made[2], ana);
    const found = [];
    for (const drive of [mine, projects, shared]) {
      const page = await files.findFolders?.(call, { drive, text: "it's \\" });
      found.push(page?.items.map(({ id }) => id));
    }
    expect(found).toEqual(made.map(({ id }) => [id]));
  });
});

describe("reading", () => {
  it("of a file that has become shorter meanwhile can be tried again", async () => {
    const { mine, tree, top, addText, read } = await openDrive();
    const node = addText(top, "a.txt", "hello world");
    tree.edit(node, bytesOf("hi"));
    expect(await kindOf(read({ drive: mine, id: node.id as RemoteId }, { from: 8 }))).toBe("unavailable");
  });

  it("of what is beyond the end can be tried again, also where no more than the status says so", async () => {
    const { service, mine, top, addText, read } = await openDrive();
    const ref = { drive: mine, id: addText(top, "a.txt", "hello world").id as RemoteId };
    service.faults.failNext({ status: 416, body: "<html></html>" }, { path: "/api" });
    expect(await kindOf(read(ref, { from: 6 }))).toBe("unavailable");
  });

  it("SR-87 refuses a part that was not asked for", async () => {
    const { service, mine, top, addText, read } = await openDrive();
    const ref = { drive: mine, id: addText(top, "a.txt", "hello world").id as RemoteId };
    for (const range of ["bytes 0-10/11", "bytes 50-60/11", "nonsense"]) {
      service.faults.failNext({ status: 206, body: "hello", headers: { "content-range": range } }, { path: "/api" });
      expect(await kindOf(read(ref, { from: 6 }))).toBe("unexpected-reply");
    }
  });
});

describe("the planted drive", () => {
  it("is the same after every start, and can be read from end to end", async () => {
    const seen = async (open: OpenDrive) => {
      const found = [...(await open.listAll(open.mine)), ...(await open.listAll(open.projects))];
      return found.map(({ id, name, version, folder }) => ({ id, name, version, folder }));
    };
    const [one, other] = [await openDrive({}), await openDrive({})];
    const files = await seen(one);
    expect(files).toEqual(await seen(other));
    expect(files.length).toBeGreaterThan(300);
    for (const file of await one.listAll(one.mine)) {
      if (file.isFolder || file.unreadable || /malware|too often/.test(file.name)) continue;
      const [as] = file.exports;
      const bytes = await one.read({ drive: one.mine, id: file.id }, as === undefined ? {} : { as });
      expect(file.size ?? bytes.length).toBe(bytes.length);
    }
  });
});
