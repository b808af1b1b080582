import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ByteSource, type Destination, DestinationError } from "./destination.ts";
import { localFolderDestination } from "./local-folder.ts";
import { mirrorKey } from "./object-key.ts";

const { signal } = new AbortController();

describe("a local folder as destination", () => {
  let home: string;
  let root: string;
  let now: Date;
  let destination: Destination;
  let unmount = () => {};

  const open = (more: { identity?: string; root?: string } = {}) =>
    localFolderDestination({
      roots: new Map([["archive", root]]),
      root: "archive",
      workspace: "w1",
      folder: "Ship/Documents",
      clock: { now: () => now },
      ...more,
    });

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "hawser-destination-"));
    chmodSync(home, 0o755);
    root = join(home, "root");
    mkdirSync(root);
    now = new Date("2026-03-01T12:00:00Z");
    destination = open();
  });
  afterEach(() => {
    unmount();
    unmount = () => {};
    rmSync(home, { recursive: true, force: true });
  });

  const base = () => join(root, "w1", "Ship", "Documents");
  const key = (path: string) => mirrorKey(path.split("/") as [string, ...string[]]);
  const put = (path: string, text: string) => destination.put(key(path), bytes(text), { signal });
  const read = (path: string) => readFileSync(join(base(), path), "utf8");
  /** All objects, without what is the destination's own. */
  const objects = () => filesBelow(base()).filter((path) => !path.startsWith(".hawser/"));
  const temporaries = () => filesBelow(join(base(), ".hawser/temporary"));

  it("SR-86 stores the bytes it was given and says their length and hash", async () => {
    expect(await put("a/b/c.txt", "hello world")).toEqual({ size: 11, sha256: sha256("hello world") });
    expect(read("a/b/c.txt")).toBe("hello world");
    expect(await destination.verify(key("a/b/c.txt"), signal)).toEqual({ size: 11, sha256: sha256("hello world") });
    expect(temporaries()).toEqual([]);
  });

  it("stores nothing as an object of no bytes", async () => {
    expect(await put("empty", "")).toEqual({ size: 0, sha256: sha256("") });
    expect(read("empty")).toBe("");
  });

  it("stores a stream that is a web stream", async () => {
    await destination.put(key("a"), { open: async () => new Blob(["streamed"]).stream() }, { expectedSize: 8, signal });
    expect(read("a")).toBe("streamed");
  });

  it.each([
    ["too few bytes", { expectedSize: 12 }],
    ["too many bytes", { expectedSize: 10 }],
    ["another SHA-256", { expectedHash: { algorithm: "sha256", value: sha256("other") } }],
    ["another MD5", { expectedHash: { algorithm: "md5", value: "0".repeat(32) } }],
  ] as const)("SR-86 refuses %s and keeps what it had", async (_, expected) => {
    await put("a.txt", "before");
    const failing = destination.put(key("a.txt"), bytes("hello world"), { ...expected, signal });
    expect(await kindOf(failing)).toBe("mismatch");
    expect(read("a.txt")).toBe("before");
    expect(temporaries()).toEqual([]);
  });

  it("SR-86 takes bytes that have the announced hash", async () => {
    for (const algorithm of ["md5", "sha1", "sha256"] as const) {
      const value = createHash(algorithm).update("hello").digest("hex");
      await destination.put(key(algorithm), bytes("hello"), { expectedHash: { algorithm, value }, signal });
    }
    expect(objects()).toEqual(["md5", "sha1", "sha256"]);
  });

  it("SR-86 leaves nothing behind when the source fails, and passes on why", async () => {
    const reason = new Error("the source broke");
    async function* broken() {
      yield new Uint8Array(10);
      throw reason;
    }
    await expect(destination.put(key("a"), { open: async () => broken() }, { signal })).rejects.toBe(reason);
    expect([objects(), temporaries()]).toEqual([[], []]);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    async function* endless() {
      for (let n = 0; ; n++) {
        if (n === 3) stop.abort(new Error("stopped"));
        yield new Uint8Array(1000);
      }
    }
    await expect(destination.put(key("a"), { open: async () => endless() }, { signal: stop.signal })).rejects.toThrow(
      "stopped",
    );
    expect([objects(), temporaries()]).toEqual([[], []]);
  });

  it("opens no source that it has no place for", async () => {
    rmSync(root, { recursive: true });
    let opened = false;
    const open = async () => {
      opened = true;
      return chunks("x");
    };
    expect(await kindOf(destination.put(key("a"), { open }, { signal }))).toBe("unavailable");
    expect(opened).toBe(false);
  });

  describe("an upload that is broken off", () => {
    const MB = 1024 * 1024;
    const whole = Buffer.alloc(19 * MB, "0123456789abcdefghi");
    const broken = new Error("the source broke");
    /** What has been opened, and where it breaks the first time. */
    const breaking = (at: number) => {
      const opened: number[] = [];
      const open = async (from: number) => {
        opened.push(from);
        const end = opened.length === 1 ? at : whole.length;
        return (async function* () {
          for (let place = from; place < end; place += MB) yield whole.subarray(place, Math.min(end, place + MB));
          if (end < whole.length) throw broken;
        })();
      };
      return { opened, source: { open } };
    };
    const memory = (version = "1") => {
      const upload = {
        version,
        every: 4 * MB,
        state: undefined as unknown,
        async save(state: unknown) {
          upload.state = JSON.parse(JSON.stringify(state));
        },
      };
      return upload;
    };
    const expectedHash = { algorithm: "md5", value: createHash("md5").update(whole).digest("hex") } as const;
    const stored = { size: whole.length, sha256: createHash("sha256").update(whole).digest("hex") };

    it("goes on behind what is durable, and checks all of it", async () => {
      const { opened, source } = breaking(15 * MB);
      const upload = memory();
      await expect(destination.put(key("a"), source, { expectedHash, upload, signal })).rejects.toBe(broken);
      expect([objects(), temporaries().length]).toEqual([[], 1]);
      expect(await open().put(key("a"), source, { expectedHash, upload, signal })).toEqual(stored);
      expect(opened[1]).toBeGreaterThanOrEqual(15 * MB - 4 * MB);
      expect([objects(), temporaries()]).toEqual([["a"], []]);
      // Its process was killed before it could write down that it was done.
      expect(await open().put(key("a"), source, { expectedHash, upload, signal })).toEqual(stored);
      expect(opened).toHaveLength(2);
    });

    it("begins anew for another version, another key and a file that is not the one it left", async () => {
      for (const change of ["version", "key", "file"] as const) {
        const { opened, source } = breaking(15 * MB);
        const upload = memory();
        await expect(destination.put(key("a"), source, { upload, signal })).rejects.toBe(broken);
        if (change === "version") upload.version = "2";
        if (change === "file") {
          const [name = ""] = temporaries();
          const path = join(base(), ".hawser/temporary", name);
          renameSync(path, `${path}-moved`);
          writeFileSync(path, Buffer.alloc(15 * MB));
          rmSync(`${path}-moved`);
        }
        const to = change === "key" ? "b" : "a";
        expect(await destination.put(key(to), source, { upload, signal })).toEqual(stored);
        expect(opened, change).toEqual([0, 0]);
        if (change !== "file") expect(temporaries(), change).toEqual([]);
      }
    });

    it("SR-86 finds out what was changed in the part that it had", async () => {
      const { source } = breaking(15 * MB);
      const upload = memory();
      await expect(destination.put(key("a"), source, { expectedHash, upload, signal })).rejects.toBe(broken);
      const [name = ""] = temporaries();
      const file = openSync(join(base(), ".hawser/temporary", name), "r+");
      writeSync(file, "planted", 1000);
      closeSync(file);
      expect(await kindOf(destination.put(key("a"), source, { expectedHash, upload, signal }))).toBe("mismatch");
      expect([objects(), temporaries()]).toEqual([[], []]);
      expect(await destination.put(key("a"), source, { expectedHash, upload, signal })).toEqual(stored);
    });

    it("SR-90 is left alone for a day, and no longer", async () => {
      const { source } = breaking(15 * MB);
      await expect(destination.put(key("a"), source, { upload: memory(), signal })).rejects.toBe(broken);
      now = new Date();
      expect(await destination.collectTemporaries(new Date(now.getTime() + 60_000))).toBe(0);
      now = new Date(Date.now() + 25 * 60 * 60 * 1000);
      expect(await destination.collectTemporaries(new Date(now.getTime() - 60_000))).toBe(1);
    });
  });

  it("stores many at once in the same new folders", async () => {
    const paths = Array.from({ length: 200 }, (_, n) => `d${n % 3}/e${n % 5}/${n}.txt`);
    await Promise.all(paths.map((path) => put(path, path)));
    expect(objects()).toEqual(paths.toSorted());
    expect(paths.every((path) => read(path) === path)).toBe(true);
  });

  it("SR-85 follows no link on the way, to no folder and no file", async () => {
    const outside = join(home, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "victim.txt"), "untouched");
    await put("real.txt", "x");
    symlinkSync(outside, join(base(), "linked"));
    symlinkSync(join(outside, "victim.txt"), join(base(), "link.txt"));
    expect(await kindOf(put("linked/new.txt", "planted"))).toBe("obstructed");
    expect(await kindOf(put("link.txt", "planted"))).toBe("obstructed");
    expect(await kindOf(destination.move(key("real.txt"), key("linked/moved.txt")))).toBe("obstructed");
    expect(await kindOf(destination.remove(key("linked/victim.txt")))).toBe("obstructed");
    expect(await destination.verify(key("link.txt"), signal)).toBeUndefined();
    expect(readdirSync(outside)).toEqual(["victim.txt"]);
    expect(readFileSync(join(outside, "victim.txt"), "utf8")).toBe("untouched");
  });

  it.each(["w1", "w1/Ship", "w1/Ship/Documents", "w1/Ship/Documents/.hawser", "w1/Ship/Documents/.hawser/temporary"])(
    "SR-85 refuses a link planted at %s",
    async (place) => {
      const outside = join(home, "outside");
      mkdirSync(outside);
      mkdirSync(join(root, place, ".."), { recursive: true });
      symlinkSync(outside, join(root, place));
      expect(await kindOf(put("a.txt", "x"))).toBe("obstructed");
      expect(readdirSync(outside)).toEqual([]);
    },
  );

  it("SR-85 lets the operator's root itself be a link", async () => {
    renameSync(root, join(home, "disk"));
    symlinkSync(join(home, "disk"), root);
    await put("a.txt", "x");
    expect(filesBelow(join(home, "disk/w1/Ship/Documents"))).toContain("a.txt");
  });

  it("SR-85 never leaves the workspace's folder, whatever the folder is called", async () => {
    for (const folder of ["../w2", "..", "/etc", "a/../../..", ".hawser"]) {
      const other = localFolderDestination({
        roots: new Map([["archive", root]]),
        root: "archive",
        workspace: "w1",
        folder,
        clock: { now: () => now },
      });
      await other.put(key("a.txt"), bytes("x"), { signal });
    }
    expect(readdirSync(root)).toEqual(["w1"]);
    expect(existsSync(join(root, "w1/.hawser"))).toBe(false);
  });

  it("replaces an object as a whole", async () => {
    await put("a.txt", "one");
    await put("a.txt", "two, longer");
    expect(read("a.txt")).toBe("two, longer");
  });

  it("puts nothing in the place of a folder, and no folder in the place of an object", async () => {
    await put("a/b.txt", "x");
    expect(await kindOf(put("a", "file"))).toBe("obstructed");
    expect(await kindOf(put("a/b.txt/c", "file"))).toBe("obstructed");
    expect(objects()).toEqual(["a/b.txt"]);
  });

  describe("moving", () => {
    it("takes the bytes along without copying, and empty folders away", async () => {
      await put("old/deep/a.txt", "x");
      const inode = statSync(join(base(), "old/deep/a.txt")).ino;
      await destination.move(key("old/deep/a.txt"), key("new/b.txt"));
      expect(objects()).toEqual(["new/b.txt"]);
      expect(statSync(join(base(), "new/b.txt")).ino).toBe(inode);
      expect(existsSync(join(base(), "old"))).toBe(false);
    });

    it("never replaces another object", async () => {
      await put("a.txt", "a");
      await put("b.txt", "b");
      expect(await kindOf(destination.move(key("a.txt"), key("b.txt")))).toBe("obstructed");
      expect([read("a.txt"), read("b.txt")]).toEqual(["a", "b"]);
    });

    it("is finished by repeating it, wherever it was broken off", async () => {
      await put("a.txt", "x");
      execFileSync("ln", [join(base(), "a.txt"), join(base(), "b.txt")]);
      await destination.move(key("a.txt"), key("b.txt"));
      expect(objects()).toEqual(["b.txt"]);
      await destination.move(key("a.txt"), key("b.txt"));
      expect(objects()).toEqual(["b.txt"]);
    });

    it("does nothing to an object that is there already", async () => {
      await put("a.txt", "x");
      await destination.move(key("a.txt"), key("a.txt"));
      expect(read("a.txt")).toBe("x");
    });

    it("says so when there is nothing to move", async () => {
      expect(await kindOf(destination.move(key("none/a.txt"), key("b.txt")))).toBe("missing");
    });

    it("goes on while its folders come and go", async () => {
      const paths = Array.from({ length: 60 }, (_, n) => `${n}.txt`);
      await Promise.all(paths.map((path) => put(`x/y/${path}`, path)));
      await Promise.all(
        paths.map(async (path) => {
          await destination.move(key(`x/y/${path}`), key(`z/${path}`));
          await destination.move(key(`z/${path}`), key(`x/y/${path}`));
        }),
      );
      expect(objects()).toEqual(paths.map((path) => `x/y/${path}`).toSorted());
    });
  });

  describe("removing", () => {
    it("SR-89 keeps removed bytes until they are collected, to the day", async () => {
      await put("a/b.txt", "kept");
      await destination.remove(key("a/b.txt"));
      expect(objects()).toEqual([]);
      expect(existsSync(join(base(), "a"))).toBe(false);
      const kept = join(base(), ".hawser/removed/2026-03-01");
      expect(filesBelow(kept)).toEqual(["1/a/b.txt"]);
      expect(await destination.collectRemoved(new Date("2026-03-01T23:59:59Z"))).toBe(0);
      expect(readFileSync(join(kept, "1/a/b.txt"), "utf8")).toBe("kept");
      expect(await destination.collectRemoved(new Date("2026-03-02T00:00:00Z"))).toBe(1);
      expect(existsSync(kept)).toBe(false);
    });

    it("SR-89 removes what lies below a name under which an object was removed the same day", async () => {
      await put("x", "a file");
      await destination.remove(key("x"));
      await put("x/y.txt", "in a folder");
      await destination.remove(key("x/y.txt"));
      await put("x", "a file again");
      await destination.remove(key("x"));
      expect(existsSync(join(base(), "x"))).toBe(false);
      const kept = readdirSync(join(base(), ".hawser/removed/2026-03-01"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
      expect(kept.sort()).toEqual(["a file", "a file again", "in a folder"]);
    });

    it("SR-89 keeps each of several objects that had the same key on one day", async () => {
      for (const text of ["one", "two", "three"]) {
        await put("a.txt", text);
        await destination.remove(key("a.txt"));
      }
      const kept = join(base(), ".hawser/removed/2026-03-01");
      expect(filesBelow(kept).map((path) => readFileSync(join(kept, path), "utf8"))).toEqual(["one", "two", "three"]);
    });

    it("is content with what is gone already", async () => {
      await destination.remove(key("none/a.txt"));
      await destination.remove(key("a.txt"));
    });

    it("SR-85 follows no link when it collects", async () => {
      const outside = join(home, "outside");
      mkdirSync(outside);
      writeFileSync(join(outside, "victim.txt"), "untouched");
      await put("a.txt", "x");
      await destination.remove(key("a.txt"));
      symlinkSync(outside, join(base(), ".hawser/removed/2026-03-01/1/link"));
      symlinkSync(outside, join(base(), ".hawser/removed/2026-02-01"));
      expect(await destination.collectRemoved(new Date("2026-06-01"))).toBe(2);
      expect(readdirSync(outside)).toEqual(["victim.txt"]);
    });
  });

  it("SR-90 collects temporaries that nobody has written to for long, and no others", async () => {
    await put("a.txt", "x");
    for (const [name, age] of [
      ["old", "2026-02-27T12:00:00Z"],
      ["young", "2026-03-01T11:00:00Z"],
    ] as const) {
      writeFileSync(join(base(), ".hawser/temporary", name), "x");
      utimesSync(join(base(), ".hawser/temporary", name), new Date(age), new Date(age));
    }
    expect(await destination.collectTemporaries(new Date("2026-02-28T12:00:00Z"))).toBe(1);
    expect(temporaries()).toEqual(["young"]);
    expect(read("a.txt")).toBe("x");
  });

  it("checks by writing, and says what is free", async () => {
    const state = await destination.check();
    expect(state.freeBytes).toBeGreaterThan(0);
    expect([objects(), temporaries()]).toEqual([[], []]);
  });

  it("SR-86 is unavailable when another place lies where the chosen one was", async () => {
    const { identity } = await destination.check();
    const chosen = open({ identity });
    await chosen.put(key("a.txt"), bytes("x"), { signal });
    // An unmounted disk leaves an empty folder behind.
    renameSync(root, join(home, "disk"));
    mkdirSync(root);
    const later = open({ identity });
    expect(await kindOf(later.put(key("b.txt"), bytes("x"), { signal }))).toBe("unavailable");
    expect(await kindOf(later.verify(key("a.txt"), signal))).toBe("unavailable");
    expect(readdirSync(root)).toEqual([]);
  });

  it("never makes a root that is not there, nor uses one that the operator does not name", async () => {
    rmSync(root, { recursive: true });
    expect(await kindOf(destination.check())).toBe("unavailable");
    expect(existsSync(root)).toBe(false);
    expect(await kindOf(open({ root: "elsewhere" }).check())).toBe("unavailable");
  });

  it("SR-77 names no absolute path in an error", async () => {
    rmSync(root, { recursive: true });
    const error = await put("a", "x").catch((caught: Error) => caught);
    expect(String(error)).not.toContain(home);
  });

  it.skipIf(process.getuid?.() !== 0)("tells a folder it may not write to", async () => {
    process.seteuid?.("nobody");
    try {
      expect(await kindOf(destination.check())).toBe("forbidden");
    } finally {
      process.seteuid?.(0);
    }
  });

  describe.skipIf(!canMount())("on a disk of its own", () => {
    const mount = (...options: string[]) => {
      execFileSync("mount", ["-t", "tmpfs", "-o", options.join(","), "tmpfs", root]);
      unmount = () => void spawnSync("umount", ["-l", root]);
    };

    it("SR-91 says full, keeps what is stored, and goes on when there is space", async () => {
      mount("size=1m");
      await put("a.txt", "kept");
      const large = "x".repeat(2_000_000);
      expect(await kindOf(put("large.bin", large))).toBe("full");
      expect([objects(), temporaries()]).toEqual([["a.txt"], []]);
      execFileSync("mount", ["-o", "remount,size=8m", root]);
      await put("large.bin", large);
      expect(objects()).toEqual(["a.txt", "large.bin"]);
    });

    it("says read-only", async () => {
      mount("size=1m");
      await put("a.txt", "kept");
      execFileSync("mount", ["-o", "remount,ro", root]);
      expect(await kindOf(put("b.txt", "x"))).toBe("read-only");
      expect(await kindOf(destination.check())).toBe("read-only");
      expect(await destination.verify(key("a.txt"), signal)).toMatchObject({ size: 4 });
    });
  });
});

const bytes = (text: string): ByteSource => ({ open: async () => chunks(text) });

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 100_000) yield Buffer.from(text.slice(at, at + 100_000));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort()
    : [];

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => "no error",
    (caught: unknown) => caught,
  );
  return error instanceof DestinationError ? error.kind : error;
}

/** Whether these tests may mount a disk of their own, as root on an ordinary machine may. */
function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), "hawser-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]).status === 0;
  if (mounted) spawnSync("umount", [place]);
  rmSync(place, { recursive: true, force: true });
  return mounted;
}
