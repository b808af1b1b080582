import { StorageClient } from "@supabase/storage-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mirrorKey } from "#destinations/object-key.ts";
import { objectStoreDestination } from "#destinations/object-store.ts";
import { objectStoreSuite, type StoreUnderTest } from "#destinations/testing/object-store.suite.ts";
import { bindStore } from "#domain/syncs/bind-store.ts";
import { callFor } from "#domain/syncs/testing/store-call.ts";
import type { ObjectStore } from "#provider-kit/provider.ts";
import { ConnectionLost } from "#provider-kit/sim/faults.ts";
import { answerOf, callInto } from "#provider-kit/testing/first-call.ts";
import { type Served, serveOnLoopback } from "../../sandbox/serve.ts";
import { uploadUrl } from "./address.ts";
import { supabaseStorage } from "./index.ts";
import { type SupabaseSimulator, supabaseSimulator } from "./simulator.ts";
import { store } from "./store.ts";

let served: Served;
let project: SupabaseSimulator;
let url: string;
/** Whether the answer that is just being given gets lost. */
let loseNow = () => false;

beforeAll(async () => {
  served = await serveOnLoopback(0, async (request) => {
    const answer = await project.fetch(request);
    if (loseNow()) throw new ConnectionLost("the answer is lost");
    return answer;
  });
  const origin = `http://127.0.0.1:${served.port}/supabase-storage`;
  project = supabaseSimulator({ origin, seed: 1 });
  url = `${origin}/api`;
});
afterAll(() => served.close());
beforeEach(() => {
  project.faults.clear();
  project.storage.mostBytes = 2 ** 40;
});

const call = (more: { bucket?: string; key?: string } = {}) =>
  callFor(supabaseStorage(), {
    config: { url, bucket: more.bucket ?? "archive" },
    credential: { key: more.key ?? project.secretKey },
  });
const CHUNK = 6 * 1024 * 1024;
const object = (text: string, replace = false) => ({
  bytes: new TextEncoder().encode(text),
  mediaType: "text/plain",
  mark: `hawser ${crypto.randomUUID()}`,
  replace,
});

describe("with the pretend project", () => {
  it("is pinned to project and bucket, and tells a wrong key from a bucket that is not there", async () => {
    expect((await call()).account).toEqual({ id: `archive@127.0.0.1:${served.port}`, label: "archive" });
    await expect(call({ key: "sb_secret_another" })).rejects.toMatchObject({ kind: "reauthorize" });
    await expect(call({ bucket: "nowhere" })).rejects.toMatchObject({ message: "There is no such bucket." });
  });

  objectStoreSuite(async (): Promise<StoreUnderTest> => {
    const at = await call();
    const bound = bindStore(store as ObjectStore, at);
    let sent = 0;
    return {
      store: {
        ...bound,
        part(name, upload, part) {
          sent += part.bytes.length;
          return bound.part(name, upload, part);
        },
      },
      knowsConditions: true,
      plant: async (name, text) => {
        const bucket = project.storage.buckets.get("archive");
        const bytes = new TextEncoder().encode(text);
        if (bucket)
          project.storage.store(bucket, name, {
            ...object(text),
            bytes,
            cacheControl: "",
            metadata: {},
            at: new Date(),
          });
      },
      sent: () => sent,
      partBytes: CHUNK,
      lose: async (_, upload) => void project.storage.uploads.delete(upload),
    };
  });

  it("says what stands in the way: room, rights, size, type", async () => {
    const at = await call();
    project.storage.mostBytes = 10;
    await expect(store.put(at, "a", object("more than there is room for"))).rejects.toMatchObject({ storage: "full" });
    project.storage.mostBytes = 2 ** 40;
    project.storage.add("small", { sizeLimit: 10, mediaTypes: ["image/*"] });
    const small = await call({ bucket: "small" });
    await expect(store.put(small, "a", { ...object("x".repeat(11)), mediaType: "image/png" })).rejects.toMatchObject({
      storage: "too-large",
    });
    await expect(store.begin(small, "a", { ...object(""), mediaType: "image/png", size: 11 })).rejects.toMatchObject({
      storage: "too-large",
    });
    await expect(store.put(small, "a", object("x"))).rejects.toMatchObject({ kind: "rejected" });
    await expect(store.put(at, "é", object("x"))).rejects.toMatchObject({ kind: "rejected", code: "InvalidKey" });
  });

  it("SR-81 sends a chunk whose answer was lost once, however often it tries", async () => {
    const at = await call();
    const bound = bindStore(store as ObjectStore, at);
    const upload = await bound.begin("lost", { ...object(""), size: CHUNK + 5 });
    project.faults.failNext({ loseAnswer: true }, { method: "PATCH" });
    await expect(bound.part("lost", upload, { number: 1, start: 0, bytes: new Uint8Array(CHUNK) })).rejects.toThrow();
    expect(await bound.received?.("lost", upload)).toBe(CHUNK);
    await bound.part("lost", upload, { number: 2, start: CHUNK, bytes: new Uint8Array(5) });
    expect(await bound.head("lost")).toMatchObject({ size: CHUNK + 5 });
  });

  it("SR-81 comes to the same end whichever answer on the way is lost, when a thing is repeated", async () => {
    const at = await call();
    const large = Buffer.alloc(CHUNK + 7, "0123456789");
    const destination = () =>
      objectStoreDestination({
        store: bindStore(store as ObjectStore, at),
        label: "Archive",
        folder: "lossy",
        clock: { now: () => new Date() },
      });
    const key = (name: string) => mirrorKey([name]);
    const put = (name: string, bytes: Uint8Array) =>
      destination().put(
        key(name),
        { open: async (from) => new Blob([bytes.subarray(from) as BlobPart]).stream() },
        {
          expectedSize: bytes.length,
          signal: at.signal,
        },
      );
    const small = Buffer.from("small");
    const works: Record<string, () => Promise<unknown>> = {
      "a small put": () => put("a", small),
      "a large put": () => put("b", large),
      "a move": () => destination().move(key("a"), key("c")),
      "a removal": () => destination().remove(key("c")),
    };
    for (const [what, work] of Object.entries(works)) {
      for (let lost = 1; lost <= 12; lost++) {
        let count = 0;
        loseNow = () => ++count === lost;
        const failed = await work().then(
          () => false,
          () => true,
        );
        const isOver = count < lost;
        loseNow = () => false;
        if (failed) await work();
        const has = (name: string) => destination().verify(key(name), at.signal);
        if (what === "a small put") expect(await has("a"), `${what} ${lost}`).toMatchObject({ size: 5 });
        if (what === "a large put") expect(await has("b"), `${what} ${lost}`).toMatchObject({ size: large.length });
        if (what === "a move") {
          expect([await has("a"), (await has("c"))?.size], `${what} ${lost}`).toEqual([undefined, 5]);
          if (!isOver) await destination().move(key("c"), key("a"));
        }
        if (what === "a removal") {
          expect(await has("c"), `${what} ${lost}`).toBeUndefined();
          if (!isOver) await put("c", small);
        }
        if (isOver) break;
      }
    }
  });

  it("SR-86 goes on once more behind a process that found more there than had been written down", async () => {
    const at = await call();
    const bytes = Buffer.alloc(4 * CHUNK + 7, "0123456789");
    const killed = new Error("as if the process had been killed");
    let state: unknown;
    const opened: number[] = [];
    const put = (diesAt: { saving?: number; reading?: number }) =>
      objectStoreDestination({
        store: bindStore(store as ObjectStore, at),
        label: "Archive",
        folder: "twice",
        clock: { now: () => new Date() },
      }).put(
        mirrorKey(["large"]),
        {
          open: async (from) => {
            opened.push(from);
            return (async function* () {
              yield bytes.subarray(from, diesAt.reading);
              if (diesAt.reading !== undefined) throw killed;
            })();
          },
        },
        {
          expectedSize: bytes.length,
          signal: at.signal,
          upload: {
            version: "1",
            every: CHUNK,
            state,
            async save(next) {
              if ((next as { size: number }).size === diesAt.saving) throw killed;
              state = JSON.parse(JSON.stringify(next));
            },
          },
        },
      );
    await expect(put({ saving: 2 * CHUNK })).rejects.toBe(killed);
    await expect(put({ reading: 4 * CHUNK + 1 })).rejects.toBe(killed);
    expect(await put({})).toMatchObject({ size: bytes.length });
    expect(opened).toEqual([0, CHUNK, 3 * CHUNK]);
    expect([...project.storage.uploads.values()].filter(({ name }) => name === "twice/large")).toEqual([]);
  });

  it.each(["somebody else's", "nothing"])("SR-86 says stored of no upload whose object is %s", async (there) => {
    const at = await call();
    const bucket = project.storage.buckets.get("archive");
    const bytes = Buffer.alloc(CHUNK + 7, "0123456789");
    const bound = bindStore(store as ObjectStore, at);
    const destination = objectStoreDestination({
      store: {
        ...bound,
        part(name, upload, part) {
          const theirs = { ...object("theirs"), cacheControl: "", metadata: {}, at: new Date() };
          if (part.number === 2 && bucket) project.storage.store(bucket, name, theirs);
          return bound.part(name, upload, part);
        },
        async received(name, upload) {
          if (there === "nothing") bucket?.objects.delete(name);
          const received = await bound.received?.(name, upload);
          expect(received).toBe(bytes.length);
          return received ?? 0;
        },
      },
      label: "Archive",
      folder: "taken",
      clock: { now: () => new Date() },
    });
    const source = { open: async (from: number) => new Blob([bytes.subarray(from)]).stream() };
    const put = destination.put(mirrorKey([there]), source, { expectedSize: bytes.length, signal: at.signal });
    await expect(put).rejects.toMatchObject({ kind: there === "nothing" ? "unavailable" : "obstructed" });
  });

  it("finds its own object where the answer to a small one was lost", async () => {
    const at = await call();
    project.faults.failNext({ loseAnswer: true }, { method: "POST", path: "/api/storage/v1/object/archive/twice" });
    const sent = object("once");
    const outcome = await store.put(at, "twice", sent).catch(() => "unknown");
    expect(["unknown", "exists", "stored"]).toContain(outcome);
    expect(await store.head(at, "twice")).toEqual({ size: 4, mark: sent.mark });
  });
});

it("is a storage to Supabase's own client", async () => {
  const headers = { apikey: project.secretKey, authorization: `Bearer ${project.secretKey}` };
  const client = new StorageClient(`${url}/storage/v1`, headers);
  expect((await client.createBucket("theirs", { public: false, fileSizeLimit: 1000 })).error).toBeNull();
  expect((await client.getBucket("theirs")).data).toMatchObject({ id: "theirs", public: false });
  const bucket = client.from("theirs");
  const put = await bucket.upload("a/one.txt", new TextEncoder().encode("one"), {
    contentType: "text/plain",
    metadata: { by: "them" },
  });
  expect(put.data).toMatchObject({ path: "a/one.txt", fullPath: "theirs/a/one.txt" });
  expect((await bucket.upload("a/one.txt", new Blob(["again"]))).error).toMatchObject({ statusCode: "409" });
  expect((await bucket.upload("a/one.txt", new Blob(["two"]), { upsert: true })).error).toBeNull();
  expect((await bucket.upload("large", new Uint8Array(1001))).error).toMatchObject({ statusCode: "413" });
  expect((await bucket.upload("ü", new Uint8Array(1))).error?.message).toContain("Invalid key");
  expect(await (await bucket.download("a/one.txt")).data?.text()).toBe("two");
  expect((await bucket.info("a/one.txt")).data).toMatchObject({ size: 3 });
  expect((await bucket.copy("a/one.txt", "b/two.txt")).data).toMatchObject({ path: "theirs/b/two.txt" });
  expect((await bucket.move("b/two.txt", "c.txt")).error).toBeNull();
  expect((await bucket.list("")).data?.map(({ name, id }) => [name, id !== null])).toEqual([
    ["a", false],
    ["c.txt", true],
  ]);
  const pages = await bucket.listV2({ limit: 1 });
  expect(pages.data).toMatchObject({ hasNext: true, objects: [{ key: "a/one.txt" }] });
  const { data: signed } = await bucket.createSignedUrl("c.txt", 60);
  expect(await (await fetch(signed?.signedUrl ?? "")).text()).toBe("two");
  expect((await bucket.remove(["c.txt", "nothing"])).data).toHaveLength(1);
  expect((await client.deleteBucket("theirs")).error).toMatchObject({ statusCode: "409" });
  expect((await client.emptyBucket("theirs")).error).toBeNull();
  expect((await client.deleteBucket("theirs")).error).toBeNull();
  const stranger = new StorageClient(`${url}/storage/v1`, { apikey: "x", authorization: "Bearer x" });
  expect((await stranger.from("archive").list("")).error).toMatchObject({ statusCode: "403" });
});

describe("what Supabase answers", () => {
  const error = (statusCode: string, code: string, message = "m") => ({ statusCode, code, error: code, message });
  it.each([
    [400, error("403", "AccessDenied", "jwt expired"), { kind: "reauthorize" }],
    [400, error("403", "AccessDenied", "new row violates row-level security policy"), { kind: "forbidden" }],
    [400, error("404", "NoSuchBucket"), { kind: "unavailable" }],
    [400, { statusCode: "404", error: "Bucket not found", message: "Bucket not found" }, { kind: "unavailable" }],
    [429, error("429", "SlowDown"), { kind: "rate-limited" }],
    [544, error("544", "DatabaseTimeout"), { kind: "unavailable" }],
    [503, error("503", "DatabaseReadOnly"), { storage: "read-only" }],
    [400, error("413", "EntityTooLarge"), { storage: "too-large" }],
    [400, error("999", "Unheard"), { kind: "unavailable" }],
    [502, "<html>a gateway</html>", { kind: "unavailable" }],
    [400, { ...error("403", "AccessDenied", "jwt expired"), statusCode: 403 }, { kind: "reauthorize" }],
  ])("%i %j", async (status, body, expected) => {
    await expect(store.put(answered(status, body), "a", object("x"))).rejects.toMatchObject(expected);
  });

  it("SR-89 takes no list for whole that says that there is more, and not where", async () => {
    const at = answered(200, { hasNext: true, objects: [] });
    await expect(store.list(at, { prefix: "" })).rejects.toMatchObject({ kind: "unexpected-reply" });
  });
});

function answered(status: number, body: unknown) {
  const config = { url: "https://a.example.test", bucket: "archive" };
  const network = { "https://a.example.test": async () => answerOf(status, body) };
  return { ...callInto(supabaseStorage(), network, { config }), account: { id: "1", label: "1" } };
}

it("sends what is large to the host that hosted projects have for it", () => {
  expect(uploadUrl({ url: "https://abcdefghijklmnopqrst.supabase.co", bucket: "b" })).toBe(
    "https://abcdefghijklmnopqrst.storage.supabase.co/storage/v1",
  );
  expect(uploadUrl({ url: "https://supabase.example.test", bucket: "b" })).toBe(
    "https://supabase.example.test/storage/v1",
  );
});
