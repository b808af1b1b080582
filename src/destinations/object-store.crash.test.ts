// kill -9 of a process that puts a large object into a bucket: the server lives on with what it has got.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import S3rver from "@20minutes/s3rver";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "#core/clock.ts";
import { bindStore } from "#domain/syncs/bind-store.ts";
import { callFor } from "#domain/syncs/testing/store-call.ts";
import type { ObjectStore, Provider } from "#provider-kit/provider.ts";
import { s3 } from "#providers/s3/index.ts";
import { supabaseStorage } from "#providers/supabase-storage/index.ts";
import { supabaseSimulator } from "#providers/supabase-storage/simulator.ts";
import { removeFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { serveOnLoopback } from "../sandbox/serve.ts";
import { mirrorKey } from "./object-key.ts";
import { objectStoreDestination } from "./object-store.ts";
import type { BucketUpload } from "./testing/bucket-upload.ts";
import { PIECE, pieceAt } from "./testing/large-object.ts";

const MB = 1024 * 1024;
/** And one more, when all of it has come. */
const KILLS = 3;
const uploadingProcess = join(import.meta.dirname, "testing/bucket-uploading-process.ts");

interface Bucket {
  provider: Provider;
  upload: Omit<BucketUpload, "memory" | "pieces">;
  /** Calls it for each part or chunk that begins to come, with its length. */
  onPart(hear: (bytes: number) => void): void;
  /** Uploads that have been begun and have not become objects. */
  unfinished(): unknown[];
  /** How many have been begun in all. */
  begun(): number;
}

async function aServerOfS3(home: string): Promise<Bucket> {
  let begun = 0;
  let hear: (bytes: number) => void = () => {};
  class Watched extends S3rver {
    override callback() {
      const answer = super.callback();
      return (...[request, reply]: Parameters<typeof answer>) => {
        const url = request.url ?? "";
        if (request.method === "POST" && url.endsWith("?uploads=")) begun++;
        if (request.method === "PUT" && url.includes("partNumber=")) hear(Number(request.headers["content-length"]));
        return answer(request, reply);
      };
    }
  }
  const server = new Watched({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: home,
    configureBuckets: [{ name: "archive", configs: [] }],
  });
  const endpoint = `http://127.0.0.1:${(await server.run()).port}`;
  onTestFinished(() => server.close());
  const uploads = join(home, "archive/._S3rver_uploads");
  return {
    provider: s3() as Provider,
    upload: {
      service: "s3",
      config: { bucket: "archive", region: "eu-central-1", endpoint },
      credential: { access_key_id: "S3RVER", secret_access_key: "S3RVER" },
      partBytes: MB,
      size: 14 * MB + 12_345,
      every: 2 * MB,
    },
    onPart: (next) => {
      hear = next;
    },
    unfinished: () => (existsSync(uploads) ? readdirSync(uploads) : []),
    begun: () => begun,
  };
}

async function aPretendProject(): Promise<Bucket> {
  let begun = 0;
  let hear: (bytes: number) => void = () => {};
  const served = await serveOnLoopback(0, (request) => {
    if (request.method === "POST" && request.url.endsWith("/upload/resumable")) begun++;
    if (request.method === "PATCH") hear(Number(request.headers.get("content-length")));
    return project.fetch(request);
  });
  onTestFinished(() => served.close());
  const origin = `http://127.0.0.1:${served.port}/supabase-storage`;
  const project = supabaseSimulator({ origin, seed: 1 });
  return {
    provider: supabaseStorage() as Provider,
    upload: {
      service: "supabase-storage",
      config: { url: `${origin}/api`, bucket: "archive" },
      credential: { key: project.secretKey },
      size: 30 * MB + 12_345,
      every: 6 * MB,
    },
    onPart: (next) => {
      hear = next;
    },
    unfinished: () => [...project.storage.uploads.keys()],
    begun: () => begun,
  };
}

it.each([
  ["S3", aServerOfS3],
  ["Supabase", () => aPretendProject()],
] as const)(
  "SR-86 a large object goes on in a bucket of %s after each kill -9, and sends no more than a chunk again",
  async (_, start) => {
    const home = temporaryFolder();
    onTestFinished(() => removeFolder(home));
    const { provider, upload, onPart, unfinished, begun } = await start(join(home, "bucket"));
    const { size, every, config, credential, partBytes = every } = upload;
    const memory = join(home, "memory.json");
    let child: ReturnType<typeof spawn> | undefined;
    let sent = 0;
    /** Of parts that are let come before the process is killed in the middle of one. */
    let partsLeft = Number.POSITIVE_INFINITY;
    onPart((bytes) => {
      sent += bytes;
      if (--partsLeft < 0) child?.kill("SIGKILL");
    });

    /** What a process said, up to its end; it is killed when it has taken so many pieces, or has said `last`. */
    const putUntilKilled = async (pieces: number, last = `piece ${pieces}`): Promise<string[]> => {
      const about: BucketUpload = { ...upload, memory, pieces };
      child = spawn(process.execPath, [uploadingProcess, JSON.stringify(about)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = new Promise((resolve) => child?.once("close", resolve));
      let output = "";
      for await (const chunk of child.stdout ?? []) {
        output += chunk;
        if (output.split("\n").includes(last)) child.kill("SIGKILL");
      }
      await ended;
      return output.split("\n").slice(0, -1);
    };

    const from: number[] = [];
    const note = ([first = ""]: string[]) => from.push(Number(/^from (\d+)$/.exec(first)?.[1] ?? Number.NaN));
    const upTo = (most: number) => Math.floor(Math.random() * most);
    const all = Math.ceil(size / PIECE) + 1;
    // So late that there is something to go on with.
    note(await putUntilKilled((every + partBytes) / PIECE + 2 + upTo(every / PIECE)));
    for (let kill = 1; kill < KILLS; kill++) {
      partsLeft = kill % 2 === 1 ? upTo(2) : Number.POSITIVE_INFINITY;
      note(await putUntilKilled(kill % 2 === 1 ? all : 1 + upTo(all / KILLS)));
    }
    partsLeft = Number.POSITIVE_INFINITY;
    const last = await putUntilKilled(all, "completed");
    note(last);
    expect(last.at(-1)).toBe("completed");

    const hash = createHash("sha256");
    for (let at = 0; at < size; at += PIECE) hash.update(pieceAt(at).subarray(0, size - at));
    const expected = hash.digest("hex");
    const call = await callFor(provider, { config, credential });
    const store = bindStore(provider.store as ObjectStore, call);
    const destination = objectStoreDestination({ store, label: "Archive", folder: "large", clock: systemClock });
    // It is there already, which whoever goes on sees without opening anything.
    const open = () => Promise.reject(new Error("opened once more"));
    const state: unknown = JSON.parse(readFileSync(memory, "utf8"));
    const goOn = { version: "1", every, state, save: async () => {} };
    const { signal } = new AbortController();
    expect(
      await destination.put(mirrorKey(["object"]), { open }, { expectedSize: size, signal, upload: goOn }),
    ).toEqual({
      size,
      sha256: expected,
    });
    const read = createHash("sha256");
    for await (const chunk of (await store.read("large/object")).bytes) read.update(chunk);
    expect(read.digest("hex")).toBe(expected);
    expect(from).toEqual(from.toSorted((one, other) => one - other));
    expect(Math.max(...from)).toBeGreaterThan(0);
    expect(sent).toBeGreaterThanOrEqual(size);
    expect(sent).toBeLessThanOrEqual(size + KILLS * every);
    expect([begun(), unfinished()]).toEqual([1, []]);
  },
);
