import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import { type Destination, DestinationError, type PutOptions } from "../destination.ts";
import { mirrorKey } from "../object-key.ts";
import { nameInStore, objectStoreDestination } from "../object-store.ts";
import type { Store } from "../store.ts";

export interface StoreUnderTest {
  /** A store whose bucket has nothing in the folders that the suite uses. */
  store: Store;
  /** Puts something there that is not ours. */
  plant(name: string, text: string): Promise<void>;
  /** Whether the service can store under a condition; one that cannot replaces what it does not know. */
  knowsConditions: boolean;
  /** How many bytes of parts have been sent so far. */
  sent(): number;
  /** Of a part. Objects of some parts are sent and sent again. */
  partBytes: number;
  /** Lets an upload that has begun be forgotten. */
  lose(name: string, upload: string): Promise<void>;
}

const { signal } = new AbortController();

/** What every bucket has to keep as a destination. */
export function objectStoreSuite(open: () => Promise<StoreUnderTest>): void {
  describe("as a destination", () => {
    let under: StoreUnderTest;
    let folder = 0;
    let now = new Date();

    const destinationIn = async (
      more: { identity?: string; folder?: string; mayChange?: () => void; store?: Store } = {},
    ): Promise<Destination> => {
      under ??= await open();
      return objectStoreDestination({
        store: under.store,
        label: "Archive",
        folder: `suite ${folder}/é`,
        clock: { now: () => now },
        ...more,
      });
    };
    const fresh = async () => {
      folder += 1;
      now = new Date();
      return destinationIn();
    };
    const put = (at: Destination, path: string, text: string) =>
      at.put(key(path), sourceOf(Buffer.from(text)), { signal });
    const stored = async (at: Destination, path: string) => {
      const found = await at.read(key(path));
      return (
        found &&
        Buffer.from(await new Response(found.bytes as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer()).toString()
      );
    };

    it("SR-86 stores the bytes it was given under their name, and says their length and hash", async () => {
      const at = await fresh();
      for (const name of ["a/b.txt", "é ü/日本 #1 [x] 100%.txt", "q=1&r~2;(3)'!*.txt", "+ plus/ü", "empty"]) {
        const text = name === "empty" ? "" : `bytes of ${name}`;
        const told = { size: Buffer.byteLength(text), sha256: sha256(text) };
        expect(await put(at, name, text), name).toEqual(told);
        expect(await stored(at, name), name).toBe(text);
        expect(await at.verify(key(name), signal), name).toEqual(told);
      }
      expect(await stored(at, "nothing")).toBeUndefined();
      expect(await at.verify(key("nothing"), signal)).toBeUndefined();
    });

    it("SR-84 takes names that are too long for it, each under a name of its own", async () => {
      const at = await fresh();
      const long = Array.from({ length: 8 }, (_, n) => `${n}`.repeat(200)).join("/");
      await put(at, `${long}/a.txt`, "a");
      await put(at, `${long}/b.txt`, "b");
      expect([await stored(at, `${long}/a.txt`), await stored(at, `${long}/b.txt`)]).toEqual(["a", "b"]);
      await at.remove(key(`${long}/a.txt`));
      expect([await stored(at, `${long}/a.txt`), await stored(at, `${long}/b.txt`)]).toEqual([undefined, "b"]);
    });

    it("SR-84 names nothing longer than it takes, in bytes, whatever the folder is called", async () => {
      const folder = "日本".repeat(20);
      const deep = await destinationIn({ folder });
      const long = Array.from({ length: 8 }, (_, n) => `${n}`.repeat(200)).join("/");
      await put(deep, `${long}/a.txt`, "a");
      await deep.remove(key(`${long}/a.txt`));
      await put(deep, `${long}/a.txt`, "b");
      const prefix = nameInStore(under.store.names, folder, key("a")).slice(0, -1);
      const { items } = await under.store.list({ prefix });
      // All but the identity.
      expect(items.filter(({ name }) => name.includes("1".repeat(100)))).toHaveLength(2);
      for (const { name } of items) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(under.store.names.longest);
      expect(await stored(deep, `${long}/a.txt`)).toBe("b");
    });

    it("SR-86 refuses other bytes than were announced and keeps what it had", async () => {
      const at = await fresh();
      await put(at, "a.txt", "before");
      const wrong = [
        { expectedSize: 4 },
        { expectedSize: 12 },
        { expectedHash: { algorithm: "md5", value: "0".repeat(32) } as const },
      ];
      for (const expected of wrong) {
        const failing = at.put(key("a.txt"), sourceOf(Buffer.from("hello")), { ...expected, signal });
        expect(await kindOf(failing)).toBe("mismatch");
      }
      expect(await stored(at, "a.txt")).toBe("before");
      await put(at, "a.txt", "after");
      expect(await stored(at, "a.txt")).toBe("after");
    });

    it("SR-86 passes on why a source failed, which is no failure of its own", async () => {
      const at = await fresh();
      const large = 2 * under.partBytes + 5;
      for (const kind of ["not-found", "reauthorize", "unavailable"] as const) {
        const failure = new ProviderError(kind, "The source has failed");
        const closed = { open: () => Promise.reject(failure) };
        for (const [size, told] of [
          [5, true],
          [5, false],
          [large, true],
          [large, false],
        ] as const) {
          const source = breaking(new Uint8Array(size), size - 3, failure);
          const options = { ...(told && { expectedSize: size }), signal };
          await expect(at.put(key("a"), source, options), `${kind} ${size}`).rejects.toBe(failure);
          await expect(at.put(key("a"), closed, options)).rejects.toBe(failure);
        }
      }
      const short = at.put(key("a"), sourceOf(new Uint8Array(large)), {
        expectedHash: { algorithm: "md5", value: "0".repeat(32) },
        signal,
      });
      expect(await kindOf(short)).toBe("mismatch");
      expect(await at.read(key("a"))).toBeUndefined();
    });

    it("leaves alone what is not its own", async () => {
      const at = await fresh();
      await put(at, "a.txt", "x");
      if (!under.knowsConditions) return;
      await under.plant(`${await prefixOf(at, under.store)}theirs.txt`, "theirs");
      expect(await kindOf(put(at, "theirs.txt", "ours"))).toBe("obstructed");
      expect(await kindOf(at.move(key("a.txt"), key("theirs.txt")))).toBe("obstructed");
      expect(await stored(at, "theirs.txt")).toBe("theirs");
    });

    it("SR-90 stores files whatever their source says that they are", async () => {
      const at = await fresh();
      for (const mediaType of ["text/\ufffd", "a\r\nx: y", "plain", "", "MULTIPART/form-data; boundary=x"]) {
        const told = at.put(key("a.txt"), sourceOf(Buffer.from(mediaType)), { mediaType, signal });
        expect(await told, mediaType).toMatchObject({ size: Buffer.byteLength(mediaType) });
        expect(await stored(at, "a.txt")).toBe(mediaType);
      }
    });

    it("SR-89 does not remove what is not its own, though it was to lie there", async () => {
      const at = await fresh();
      await put(at, "a.txt", "x");
      const prefix = await prefixOf(at, under.store);
      await under.plant(`${prefix}theirs.txt`, "theirs");
      await at.remove(key("theirs.txt"));
      expect(await stored(at, "theirs.txt")).toBe("theirs");
      expect((await under.store.list({ prefix: `${prefix}.hawser/removed/` })).items).toEqual([]);
    });

    it("moves, replaces nothing by it, and is content with a move that has been done", async () => {
      const at = await fresh();
      await put(at, "a.txt", "a");
      await put(at, "b.txt", "b");
      expect(await kindOf(at.move(key("a.txt"), key("b.txt")))).toBe("obstructed");
      await at.move(key("a.txt"), key("c/d.txt"));
      await at.move(key("a.txt"), key("c/d.txt"));
      expect([await stored(at, "a.txt"), await stored(at, "b.txt"), await stored(at, "c/d.txt")]).toEqual([
        undefined,
        "b",
        "a",
      ]);
      expect(await kindOf(at.move(key("a.txt"), key("e.txt")))).toBe("missing");
    });

    it("SR-89 keeps what was removed for its time, every one of it", async () => {
      const at = await fresh();
      now = new Date("2026-03-01T12:00:00Z");
      for (const text of ["one", "two"]) {
        await put(at, "a.txt", text);
        await at.remove(key("a.txt"));
      }
      await at.remove(key("a.txt"));
      now = new Date("2026-03-03T12:00:00Z");
      await put(at, "b.txt", "three");
      await at.remove(key("b.txt"));
      expect(await stored(at, "a.txt")).toBeUndefined();
      const prefix = `${await prefixOf(at, under.store)}.hawser/removed/`;
      const kept = async () => (await under.store.list({ prefix })).items.length;
      expect(await kept()).toBe(3);
      expect(await at.collectRemoved(new Date("2026-03-01T23:00:00Z"))).toBe(0);
      expect(await at.collectRemoved(new Date("2026-03-02T00:00:00Z"))).toBe(1);
      expect(await kept()).toBe(1);
    });

    it("checks by writing, and tells its bucket from another one", async () => {
      const at = await fresh();
      const { identity } = await at.check();
      expect((await (await destinationIn()).check()).identity).toBe(identity);
      const chosen = await destinationIn({ identity });
      await put(chosen, "a.txt", "x");
      const other = await destinationIn({ identity: "another" });
      expect(await kindOf(put(other, "b.txt", "x"))).toBe("unavailable");
      expect(await kindOf(other.check())).toBe("unavailable");
      expect(await stored(at, "b.txt")).toBeUndefined();
    });

    it("SR-83 changes nothing once that is not its to do any more", async () => {
      const at = await fresh();
      await put(at, "a.txt", "x");
      const lost = await destinationIn({
        mayChange: () => {
          throw new Error("the lease is lost");
        },
      });
      await expect(put(lost, "a.txt", "y")).rejects.toThrow("lease");
      await expect(lost.remove(key("a.txt"))).rejects.toThrow("lease");
      expect(await stored(at, "a.txt")).toBe("x");
    });

    describe("a large object", () => {
      const part = () => under.partBytes;
      let whole: Buffer;
      let told: { size: number; sha256: string };
      let expectedHash: { algorithm: "sha1"; value: string };
      let options: PutOptions;
      beforeAll(async () => {
        under ??= await open();
        whole = randomBytes(4 * part() + 12_345);
        told = { size: whole.length, sha256: createHash("sha256").update(whole).digest("hex") };
        expectedHash = { algorithm: "sha1", value: createHash("sha1").update(whole).digest("hex") };
        options = { expectedSize: whole.length, expectedHash, signal };
      });
      const memory = () => {
        const upload = {
          version: "1",
          every: 2 * part(),
          state: undefined as unknown,
          async save(state: unknown) {
            upload.state = JSON.parse(JSON.stringify(state));
          },
        };
        return upload;
      };

      it("SR-86 is not there before all of it has come and is right", async () => {
        const at = await fresh();
        const wrong = { ...options, expectedHash: { ...expectedHash, value: "0".repeat(40) } };
        expect(await kindOf(at.put(key("large"), sourceOf(whole), wrong))).toBe("mismatch");
        expect(await at.read(key("large"))).toBeUndefined();
      });

      it("goes on in another process, and sends no more than the last chunk again", async () => {
        const at = await fresh();
        const upload = memory();
        const broken = new Error("as if the process had been killed");
        const first = breaking(whole, 4 * part() - 5, broken);
        const before = under.sent();
        await expect(at.put(key("large"), first, { ...options, upload })).rejects.toBe(broken);
        const opened: number[] = [];
        const again = sourceOf(whole, (from) => opened.push(from));
        expect(await (await destinationIn()).put(key("large"), again, { ...options, upload })).toEqual(told);
        expect(opened).toEqual([expect.any(Number)]);
        expect(opened[0]).toBeGreaterThanOrEqual(2 * part());
        expect(under.sent() - before).toBeLessThanOrEqual(whole.length + 2 * part());
        expect(await at.verify(key("large"), signal)).toEqual(told);
        // The process died before it could write down that it was done.
        expect(await (await destinationIn()).put(key("large"), again, { ...options, upload })).toEqual(told);
        expect(opened).toHaveLength(1);
        await at.remove(key("large"));
        expect(await at.read(key("large"))).toBeUndefined();
      });

      it("begins anew where its upload is gone, or was of another version", async () => {
        const at = await fresh();
        const small = whole.subarray(0, 3 * part() + 100);
        const broken = new Error("as if the process had been killed");
        const upload = memory();
        const expected = { expectedSize: small.length, signal };
        await expect(at.put(key("large"), breaking(small, 3 * part(), broken), { ...expected, upload })).rejects.toBe(
          broken,
        );
        const { name, upload: id } = upload.state as { name: string; upload: string };
        await under.lose(name, id);
        const opened: number[] = [];
        const again = sourceOf(small, (from) => opened.push(from));
        const done = await at.put(key("large"), again, { ...expected, upload });
        expect(done.size).toBe(small.length);
        expect(opened.at(-1)).toBe(0);
        upload.version = "2";
        await put(at, "large", "a small one now");
        expect(await at.put(key("large"), again, { ...expected, upload })).toMatchObject({ size: small.length });
      });

      it("SR-86 begins anew where a hash is announced that was not reckoned up until now", async () => {
        const at = await fresh();
        const upload = memory();
        const broken = new Error("as if the process had been killed");
        const first = breaking(whole, 4 * part() - 5, broken);
        await expect(at.put(key("large"), first, { expectedSize: whole.length, signal, upload })).rejects.toBe(broken);
        const opened: number[] = [];
        const again = sourceOf(whole, (from) => opened.push(from));
        expect(await (await destinationIn()).put(key("large"), again, { ...options, upload })).toEqual(told);
        expect(opened).toEqual([0]);
      });

      it("comes without its length, too", async () => {
        const at = await fresh();
        const bytes = whole.subarray(0, 2 * part() + 100);
        const expected = { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
        expect(await at.put(key("large"), sourceOf(bytes), { signal })).toEqual(expected);
        expect(await at.verify(key("large"), signal)).toEqual(expected);
      });
    });
  });
}

const key = (path: string) => mirrorKey(path.split("/") as [string, ...string[]]);

/** Where a destination has its objects: its identity lies at the top of it. */
async function prefixOf(at: Destination, store: Store): Promise<string> {
  const { identity } = await at.check();
  for (let cursor: string | undefined; ; ) {
    const page = await store.list({ prefix: "suite ", ...(cursor !== undefined && { cursor }) });
    for (const { name } of page.items.filter((item) => item.name.endsWith(".hawser/identity"))) {
      const { bytes } = await store.read(name);
      const text = await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).text();
      if (text === identity) return name.slice(0, -".hawser/identity".length);
    }
    if (page.next === undefined) throw new Error("no identity is there");
    cursor = page.next;
  }
}

const sourceOf = (bytes: Uint8Array, opened: (from: number) => void = () => {}) => ({
  open: async (from: number) => {
    opened(from);
    return piecesOf(bytes.subarray(from));
  },
});

const breaking = (bytes: Uint8Array, at: number, error: Error) => ({
  open: async () =>
    (async function* () {
      yield* piecesOf(bytes.subarray(0, at));
      throw error;
    })(),
});

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => "no error",
    (caught: unknown) => caught,
  );
  return error instanceof DestinationError ? error.kind : error;
}
