import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import type { Call, FileSource, RemoteFile } from "#provider-kit/provider.ts";
import { noHttp } from "#provider-kit/provider-http.ts";
import { fileSourceSuite } from "#provider-kit/testing/file-source.suite.ts";
import type { Config } from "./config.ts";
import { localFolder } from "./index.ts";
import { editFolder, type FolderEditor } from "./testing/folder-editor.ts";

const noFeed = "the operating system keeps no lasting record of what changed";
const noWire = "it calls nobody over HTTP";
const differing = (because: string, promises: readonly string[]) => promises.map((promise) => ({ promise, because }));

fileSourceSuite(() => {
  const at = editFolder();
  const provider = localFolder({ roots: new Map([["documents", at.path]]) });
  return { provider, config: { root: "documents" }, at, close: at.close };
}, [
  ...differing(noFeed, [
    "starts a change feed from now, with nothing in it",
    "reports what was added, moved and removed, once",
    "reports a file that was renamed and moved as one that is elsewhere, with its old version",
    "reports a folder that moved with its new place, and nothing in it as gone",
    "says cursor-lost when the feed no longer reaches back that far",
  ]),
  ...differing(noWire, [
    "says cursor-lost when the place in a listing is no longer known",
    "tells the same whether pages are whole, short, empty, shuffled or said twice",
    "fails where an answer breaks off, and takes its beginning for nothing",
    "never takes the beginning of a file for the rest of it",
    "SR-18 takes the credential to nobody else, wherever an answer sends it",
    "tells a dead credential, a closed door, a rush and an outage apart",
    "refuses a reply it does not understand instead of guessing",
    "SR-75 never lets the credential into an error",
  ]),
  ...differing("a folder has no trash", ["takes what is in the trash for gone, and what comes out of it for there"]),
  ...differing("every file is what it is", ["turns a document of the provider's own into every format that it names"]),
  ...differing("folders are read one by one", [
    "lists a drive as a whole as it does folder by folder",
    "finds the folders that have a word in their name, in any case",
  ]),
]);

describe("a local folder", () => {
  let at: FolderEditor;
  let outside: FolderEditor;
  beforeEach(() => {
    at = editFolder();
    outside = editFolder();
  });
  let unmount = () => {};
  afterEach(() => {
    unmount();
    unmount = () => {};
    at.close();
    outside.close();
  });

  const provider = () => localFolder({ roots: new Map([["documents", at.path]]) });
  const first = (config: Config = { root: "documents" }) => ({
    http: noHttp,
    config,
    kept: {},
    auth: "none" as const,
    signal: new AbortController().signal,
  });
  /** The connected folder, as a sync would use it. */
  async function connect(config?: Config) {
    const folder = provider();
    const call: Call<Config> = { ...first(config), account: await folder.check(first(config)) };
    const files = folder.files as FileSource<Config>;
    const list = (of?: RemoteFile) =>
      Array.fromAsync(
        everyItem((cursor) =>
          files.list(call, {
            drive: at.drive,
            ...(of && { folder: of.id }),
            ...(of?.locator && { locator: of.locator }),
            ...(cursor && { cursor }),
          }),
        ),
      );
    const only = async (of?: RemoteFile) => {
      const [file, ...others] = await list(of);
      if (!file || others.length > 0) throw new Error("there is not exactly one");
      return { ...file, drive: at.drive };
    };
    return { files, call, list, only };
  }
  const names = (files: RemoteFile[]) => files.map((file) => file.name).sort();

  it("SR-85 treats a link as nothing, wherever it points", async () => {
    const inside = at.addFolder("inside");
    outside.addFile("secret.txt", new Uint8Array(1));
    symlinkSync(outside.path, join(at.path, "to outside"));
    symlinkSync(join(outside.path, "secret.txt"), join(at.path, "to a file"));
    symlinkSync(at.pathOf(inside), join(at.path, "to inside"));
    symlinkSync("/nowhere", join(at.path, "to nowhere"));
    expect(names(await (await connect()).list())).toEqual(["inside"]);
  });

  it("SR-85 does not go through a folder that was swapped for a link after it was listed", async () => {
    const { files, call, list, only } = await connect();
    const folder = at.addFolder("inside");
    at.addFile("secret.txt", new Uint8Array(1), folder);
    const listed = await only();
    const file = await only(listed);
    renameSync(at.pathOf(folder), join(outside.path, "inside"));
    symlinkSync(join(outside.path, "inside"), at.pathOf(folder));
    expect(await kindOf(list(listed))).toBe("not-found");
    expect(await kindOf(files.get(call, { ...file, drive: at.drive }))).toBe("not-found");
    expect(await kindOf(files.read(call, { ...file, drive: at.drive }))).toBe("not-found");
  });

  it.each([
    "t../secret.txt",
    "t/etc/passwd",
    "ta/../../secret.txt",
    "t.",
    "t",
    "",
    "x",
    "ta\0b",
    `b${Buffer.from("../secret.txt").toString("base64url")}`,
  ])("SR-85 answers a forged locator %j with not-found", async (locator) => {
    const { files, call } = await connect();
    const id = outside.addFile("secret.txt", new Uint8Array(1));
    expect(await kindOf(files.read(call, { drive: at.drive, id, locator }))).toBe("not-found");
    expect(await kindOf(files.list(call, { drive: at.drive, folder: id, locator }))).toBe("not-found");
  });

  it("SR-85 opens a path of the config through no link and refuses one that leads up", async () => {
    outside.addFile("secret.txt", new Uint8Array(1));
    symlinkSync(outside.path, join(at.path, "link"));
    expect(await kindOf(provider().check(first({ root: "documents", path: "link" })))).toBe("unavailable");
    for (const path of ["..", "a/../..", "/etc", "a//b", "a/", ".", "a\0b"]) {
      expect(() => provider().config?.parse({ root: "documents", path })).toThrow();
    }
    expect(() => provider().config?.parse({ root: "elsewhere" })).toThrow();
  });

  it("leaves out pipes, sockets and devices and does not wait for them", async () => {
    const { files, call, list } = await connect();
    at.addFile("a.txt", new Uint8Array(1));
    execFileSync("mkfifo", [join(at.path, "pipe")]);
    const server = createServer().listen(join(at.path, "socket"));
    await new Promise((ready) => server.once("listening", ready));
    expect(names(await list())).toEqual(["a.txt"]);
    server.close();
    const pipe = { drive: at.drive, id: "i1.1" as RemoteId, locator: "tpipe" };
    expect(await kindOf(files.read(call, pipe))).toBe("not-found");
  });

  it("lists and reads names that are no UTF-8, and tells them apart", async () => {
    const { files, call, list } = await connect();
    const raw = [[0xe9], [0xff, 0xfe], [0xc3, 0xa9], [0xed, 0xa0, 0x80], [0x6e, 0x0a, 0x6d]];
    for (const [index, name] of raw.entries()) {
      writeFileSync(Buffer.concat([Buffer.from(`${at.path}/`), Buffer.from(name)]), String(index));
    }
    const listed = await list();
    expect(names(listed)).toEqual(["n\nm", "\\xE9", "\\xED\\xA0\\x80", "\\xFF\\xFE", "é"].sort());
    const contents = listed.map(async (file) =>
      new Response((await files.read(call, { ...file, drive: at.drive })).bytes).text(),
    );
    expect((await Promise.all(contents)).sort()).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("finds what lies below folders with such names again", async () => {
    const { files, call, only } = await connect();
    const folder = Buffer.concat([Buffer.from(`${at.path}/`), Buffer.from([0xe9, 0x2d])]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from("/ü.txt")]), "deep");
    const file = await only(await only());
    expect(await files.get(call, file)).toMatchObject({ name: "ü.txt" });
  });

  it("gives hard links of one file ids of their own, which stay when a folder above moves", async () => {
    const { list, only } = await connect();
    const folder = at.addFolder("folder");
    const file = at.addFile("a.txt", new Uint8Array(1), folder);
    linkSync(at.pathOf(file), join(at.pathOf(folder), "b.txt"));
    const ids = async () => Object.fromEntries((await list(await only())).map(({ name, id }) => [name, id]));
    const before = await ids();
    expect(new Set(Object.values(before)).size).toBe(2);
    at.rename(folder, "renamed");
    expect(await ids()).toEqual(before);
  });

  it("SR-87 does not take a new file for an old one that had the same inode number", async () => {
    const { list } = await connect();
    const seen = new Set<string>();
    const time = new Date(1_700_000_000_000);
    for (let round = 0; round < 50; round++) {
      const path = join(at.path, "a.txt");
      writeFileSync(path, `content ${round % 10}`);
      utimesSync(path, time, time);
      for (const file of await list()) seen.add(`${file.id} ${file.version}`);
      unlinkSync(path);
      // Moments of birth are told apart by the tick of the file system's clock.
      await nextTick();
    }
    expect(seen.size).toBe(50);
  });

  it("sees a file that an editor saved by writing anew and renaming as another one", async () => {
    const { only } = await connect();
    at.addFile("a.txt", new Uint8Array(1));
    const before = await only();
    writeFileSync(join(at.path, "a.txt.new"), "more");
    renameSync(join(at.path, "a.txt.new"), join(at.path, "a.txt"));
    expect((await only()).id).not.toBe(before.id);
  });

  it("SR-87 does not read a file that took the place of the listed one", async () => {
    const { files, call, only } = await connect();
    at.addFile("a.txt", new Uint8Array(1));
    const listed = await only();
    renameSync(join(at.path, "a.txt"), join(at.path, "b.txt"));
    writeFileSync(join(at.path, "a.txt"), "another");
    expect(await kindOf(files.read(call, listed))).toBe("not-found");
    expect(await kindOf(files.get(call, listed))).toBe("not-found");
  });

  it("does not list a folder that took the place of the listed one", async () => {
    const { list, only } = await connect();
    const folder = at.addFolder("folder");
    const listed = await only();
    at.rename(folder, "renamed");
    mkdirSync(join(at.path, "folder"));
    expect(await kindOf(list(listed))).toBe("not-found");
  });

  it.each([
    ["is appended to", (path: string) => appendFileSync(path, "more")],
    ["is cut", (path: string) => truncateSync(path, 300_000)],
    ["is emptied", (path: string) => truncateSync(path, 0)],
    ["is overwritten", (path: string) => writeFileSync(path, new Uint8Array(1_000_000).fill(7))],
  ])("SR-87 says so when a file %s while it is read", async (_, change) => {
    const { files, call, only } = await connect();
    at.addFile("a.bin", new Uint8Array(1_000_000));
    const listed = await only();
    const reader = (await files.read(call, listed)).bytes.getReader();
    await reader.read();
    change(join(at.path, "a.bin"));
    expect(await kindOf(readToEnd(reader))).toBe("unavailable");
  });

  it("reads a file to its end that is removed meanwhile", async () => {
    const { files, call, only } = await connect();
    at.addFile("a.bin", new Uint8Array(1_000_000));
    const listed = await only();
    const reader = (await files.read(call, listed)).bytes.getReader();
    await reader.read();
    unlinkSync(join(at.path, "a.bin"));
    expect(await kindOf(readToEnd(reader))).toBe("no error");
  });

  it("reads a file of several GB from any point without holding it", async () => {
    const { files, call, only } = await connect();
    at.addFile("huge.bin", new Uint8Array(0));
    truncateSync(join(at.path, "huge.bin"), 5_000_000_000);
    appendFileSync(join(at.path, "huge.bin"), "end");
    const listed = await only();
    expect(listed.size).toBe(5_000_000_003);
    const tail = await files.read(call, listed, { from: 4_999_999_999 });
    expect(tail.size).toBe(4);
    expect(await new Response(tail.bytes).text()).toBe("\0end");
    const before = process.memoryUsage().arrayBuffers;
    const reader = (await files.read(call, listed)).bytes.getReader();
    let most = 0;
    for (let chunk = 0; chunk < 200; chunk++) {
      await reader.read();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    await reader.cancel();
    expect(most).toBeLessThan(64_000_000);
  });

  it("SR-89 calls a vanished root unavailable, and never an empty folder", async () => {
    const { list } = await connect();
    at.addFile("a.txt", new Uint8Array(1));
    renameSync(at.path, join(outside.path, "away"));
    expect(await kindOf(list())).toBe("unavailable");
    expect(await kindOf(provider().check(first()))).toBe("unavailable");
    // What an unmounted disk leaves behind.
    mkdirSync(at.path);
    expect(await kindOf(list())).toBe("unavailable");
    rmSync(at.path, { recursive: true });
    renameSync(join(outside.path, "away"), at.path);
    expect(names(await list())).toEqual(["a.txt"]);
  });

  it("SR-89 calls a root that the operator closed unavailable", async () => {
    const { call } = await connect();
    const closed = localFolder({ roots: new Map() });
    expect(await kindOf(closed.files!.list(call, { drive: at.drive }))).toBe("unavailable");
    expect(() => closed.config?.parse({ root: "documents" })).toThrow("No folder is open");
  });

  it.skipIf(process.getuid?.() !== 0)(
    "SR-90 is refused one folder and one file and goes on with the rest",
    async () => {
      const { files, call, list } = await connect();
      const closed = at.addFolder("closed");
      at.addFile("closed.txt", new Uint8Array(1));
      at.addFile("open.txt", new Uint8Array(1));
      chmodSync(at.pathOf(closed), 0);
      chmodSync(join(at.path, "closed.txt"), 0);
      process.seteuid?.("nobody");
      try {
        const listed = await list();
        const named = (name: string) => ({ ...listed.find((file) => file.name === name)!, drive: at.drive });
        expect(names(listed)).toEqual(["closed", "closed.txt", "open.txt"]);
        expect(await kindOf(list(named("closed")))).toBe("forbidden");
        expect(await kindOf(files.read(call, named("closed.txt")))).toBe("forbidden");
        expect(await kindOf(files.read(call, named("open.txt")))).toBe("no error");
      } finally {
        process.seteuid?.(0);
      }
    },
  );

  describe.skipIf(!canMount())("with another disk mounted in it", () => {
    const mounted = (type: string) => {
      const folder = at.addFolder("disk");
      execFileSync("mount", ["-t", type, "-o", "size=1m", type, at.pathOf(folder)]);
      unmount = () => void execFileSync("umount", ["-l", at.pathOf(folder)]);
      mkdirSync(join(at.pathOf(folder), "deep"));
      writeFileSync(join(at.pathOf(folder), "deep", "a.txt"), "x");
    };

    it("tells its files from those that have the same inode numbers above it", async () => {
      mounted("tmpfs");
      const { files, call, list, only } = await connect();
      const disk = await only();
      const file = await only(await only(disk));
      expect(await files.get(call, file)).toMatchObject({ name: "a.txt" });
      unmount();
      unmount = () => {};
      expect(await kindOf(list(disk))).toBe("not-found");
    });

    it("knows files by their place where inode numbers do not last", async () => {
      mounted("ramfs");
      const { files, call, only } = await connect();
      const folder = await only(await only());
      const file = await only(folder);
      expect(await files.get(call, file)).toMatchObject({ name: "a.txt" });
      expect(await kindOf(files.read(call, file))).toBe("no error");
      renameSync(join(at.path, "disk/deep/a.txt"), join(at.path, "disk/deep/b.txt"));
      expect((await only(folder)).id).not.toBe(file.id);
      renameSync(join(at.path, "disk/deep/b.txt"), join(at.path, "disk/deep/a.txt"));
      expect((await only(folder)).id).toBe(file.id);
    });
  });

  it("SR-77 names no absolute path in an error", async () => {
    const { list, files, call, only } = await connect();
    at.addFile("a.txt", new Uint8Array(1));
    const listed = await only();
    rmSync(at.path, { recursive: true });
    const ended = await Promise.allSettled([list(), files.get(call, listed), provider().check(first())]);
    for (const end of ended) {
      expect(end.status).toBe("rejected");
      expect(String(end.status === "rejected" && end.reason)).not.toContain(at.path);
    }
  });

  it("shows a subfolder of a root as a drive of its own", async () => {
    at.addFile("deep.txt", new Uint8Array(1), at.addFolder("Engineering"));
    at.addFile("top.txt", new Uint8Array(1));
    const { files, call, list } = await connect({ root: "documents", path: "Engineering" });
    expect(call.account.label).toBe("documents/Engineering");
    expect((await files.drives(call)).items).toEqual([{ id: "documents/Engineering", name: "documents/Engineering" }]);
    expect(await list()).toMatchObject([{ name: "deep.txt", locator: "tdeep.txt", mediaType: "text/plain" }]);
  });

  it("goes on with a listing after a restart, with nothing twice and nothing left out", async () => {
    const { files, call } = await connect();
    for (let n = 0; n < 2500; n++) at.addFile(`${n}.txt`, new Uint8Array(0));
    const seen: string[] = [];
    let cursor: Parameters<typeof files.list>[1]["cursor"];
    do {
      const afresh = provider().files as FileSource<Config>;
      const page = await afresh.list(call, { drive: at.drive, ...(cursor && { cursor }) });
      seen.push(...page.items.map((file) => file.name));
      cursor = page.next;
    } while (cursor);
    expect(seen.length).toBe(2500);
    expect(new Set(seen).size).toBe(2500);
  });
});

/** Whether these tests may mount a disk of their own, as root on an ordinary machine may. */
function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), "hawser-mount-"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]).status === 0;
  if (isMounted) spawnSync("umount", [place]);
  rmSync(place, { recursive: true, force: true });
  return isMounted;
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Until a file that is written now would get another time than one written before. */
async function nextTick(): Promise<void> {
  for (const start = performance.now(); performance.now() - start < 12; ) await new Promise(setImmediate);
}

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => "no error",
    (caught: unknown) => caught,
  );
  return error instanceof ProviderError ? error.kind : error;
}
