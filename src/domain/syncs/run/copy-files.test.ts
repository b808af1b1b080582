import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "#core/clock.ts";
import { ProviderError } from "#core/errors.ts";
import type { ConnectionId, FileId, RemoteId } from "#core/ids.ts";
import { QuickXor } from "#core/quick-xor.ts";
import { localFolderDestination } from "#destinations/local-folder.ts";
import { mirrorKey } from "#destinations/object-key.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import type { Call, FileContent, FileSource, RemoteHash } from "#provider-kit/provider.ts";
import { noHttp } from "#provider-kit/provider-http.ts";
import { removeFolder, temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { type CopyMeans, copyFile } from "./copy-files.ts";
import type { FileAtWork } from "./work.ts";

let home: string;
beforeEach(() => {
  home = temporaryFolder();
  mkdirSync(join(home, "root"));
});
afterEach(() => removeFolder(home));

const MB = 1024 * 1024;
const content = (version: string, size = 4 * MB) => Buffer.alloc(size, `the bytes of ${version} `);

/** A service with one file, whose bodies break off where they are told to. */
class OneFile {
  version = "v1";
  size = 4 * MB;
  tellsVersion = true;
  giveOtherBytesEachTime = false;
  /** Told with the bytes. */
  hash: RemoteHash | undefined;
  readonly read: (number | string)[] = [];
  /** How often it was asked which version the file has. */
  looked = 0;
  readonly breaks: { at: number; with?: Error; meanwhile?: () => void }[] = [];

  readonly files: Pick<FileSource, "get" | "read"> & { hashesMayDiffer?: true } = {
    get: async () => {
      this.looked++;
      return { version: this.version } as Awaited<ReturnType<FileSource["get"]>>;
    },
    read: async (_call, _ref, { from = 0, as } = {}): Promise<FileContent> => {
      this.read.push(as ?? from);
      if (as !== undefined && from > 0) throw new ProviderError("rejected", "It is made anew each time");
      const of = this.giveOtherBytesEachTime ? `${this.read.length}` : this.version;
      const bytes = content(of, this.size).subarray(from);
      const plan = this.breaks.shift();
      let place = 0;
      return {
        mediaType: "application/octet-stream",
        ...(as === undefined && { size: bytes.length }),
        ...(this.tellsVersion && { version: this.version }),
        ...(this.hash && { hash: this.hash }),
        bytes: new ReadableStream<Uint8Array>({
          pull(controller) {
            const end = Math.min(bytes.length, place + 100_000, plan?.at ?? bytes.length);
            const chunk = bytes.subarray(place, end);
            place = end;
            if (chunk.length > 0) return controller.enqueue(chunk);
            if (!plan) return controller.close();
            plan.meanwhile?.();
            if (plan.with) controller.error(plan.with);
            else controller.close();
          },
        }),
      };
    },
  };
}

const cutOff = () => new OutboundError("cut-off", "The connection ended before the answer was complete.");
const key = mirrorKey(["film.bin"]);

async function copy(service: OneFile, row: Partial<FileAtWork> = {}, saved: unknown[] = []) {
  const stumbles: string[] = [];
  const file = {
    id: "file" as FileId,
    remote_id: "1" as RemoteId,
    name: "film.bin",
    folder: "",
    locator: null,
    size: 4 * MB,
    version: "v1",
    remote_hash: null,
    object_key: null,
    pending_key: null,
    export_as: null,
    ...row,
  } as FileAtWork;
  const means: CopyMeans = {
    files: service.files as FileSource,
    call: { config: {}, kept: {}, auth: "none", signal: AbortSignal.timeout(20_000), http: noHttp } as unknown as Call,
    drive: "drive" as RemoteId,
    connection: "connection" as ConnectionId,
    destination: localFolderDestination({
      roots: new Map([["root", join(home, "root")]]),
      root: "root",
      workspace: "w",
      folder: "f",
      clock: systemClock,
    }),
    keys: new Map([[file.id, key]]),
    plan: async () => {},
    uploads: { find: async () => saved.at(-1), keep: async (_file, state) => void saved.push(state) },
    stumbled: (failure) => stumbles.push(failure.kind),
  };
  const result = await copyFile(means, file);
  return { result, stumbles, stored: () => readFileSync(join(home, "root/w/f/film.bin")) };
}

it("goes on by range where a body breaks off, and stores it as one", async () => {
  const service = new OneFile();
  service.breaks.push({ at: MB, with: cutOff() }, { at: 2 * MB, with: cutOff() });
  const { result, stumbles, stored } = await copy(service);
  expect(result).toMatchObject({ outcome: "stored", size: 4 * MB, version: "v1" });
  expect(service.read).toEqual([0, MB, 3 * MB]);
  expect(stumbles).toEqual(["unavailable", "unavailable"]);
  expect(stored().equals(content("v1"))).toBe(true);
});

it("goes on where a body ends early without saying so", async () => {
  const service = new OneFile();
  service.breaks.push({ at: 3 * MB });
  expect((await copy(service)).result).toMatchObject({ outcome: "stored", size: 4 * MB });
  expect(service.read).toEqual([0, 3 * MB]);
});

it.each([true, false])(
  "SR-87 mixes no versions when a file changes at a break (told with the bytes: %s)",
  async (tells) => {
    const service = new OneFile();
    service.tellsVersion = tells;
    service.breaks.push({
      at: 3 * MB,
      with: cutOff(),
      meanwhile: () => {
        service.version = "v2";
      },
    });
    const { result, stored } = await copy(service);
    if (tells) {
      expect(result).toMatchObject({ outcome: "stored", version: "v2" });
      expect(stored().equals(content("v2"))).toBe(true);
    } else {
      // Its version is not the one that was listed: the next listing brings it.
      expect(result).toMatchObject({ outcome: "failed", failure: { kind: "destination_mismatch" } });
    }
  },
);

it("SR-87 asks for the version behind the bytes where neither the provider nor a hash vouches for them", async () => {
  const hash = `sha256:${createHash("sha256").update(content("v1")).digest("hex")}`;
  for (const [tellsVersion, remote_hash, looks] of [
    [true, null, 0],
    [false, hash, 0],
    [false, null, 1],
  ] as const) {
    const service = Object.assign(new OneFile(), { tellsVersion });
    expect((await copy(service, { remote_hash })).result).toMatchObject({ outcome: "stored", version: "v1" });
    expect(service.looked).toBe(looks);
  }
});

it("gives a file up that breaks off again and again at the same place", async () => {
  const service = new OneFile();
  const rejected = new ProviderError("forbidden", "no longer");
  service.breaks.push({ at: 3 * MB, with: rejected });
  expect((await copy(service)).result).toMatchObject({ outcome: "failed", failure: { kind: "forbidden" } });
});

it.each([
  ["md5", createHash("md5").update(content("v1")).digest("hex")],
  ["sha1", createHash("sha1").update(content("v1")).digest("hex")],
  ["sha256", createHash("sha256").update(content("v1")).digest("hex").toUpperCase()],
  ["quickxor", new QuickXor().update(content("v1")).digest()],
])("SR-86 compares with the %s that the provider told", async (algorithm, value) => {
  expect((await copy(new OneFile(), { remote_hash: `${algorithm}:${value}` })).result).toMatchObject({
    outcome: "stored",
  });
  const other =
    algorithm === "quickxor"
      ? `${value.startsWith("A") ? "B" : "A"}${value.slice(1)}`
      : `${"0".repeat(8)}${value.slice(8)}`;
  const { result } = await copy(new OneFile(), { remote_hash: `${algorithm}:${other}` });
  expect(result).toMatchObject({ outcome: "failed", failure: { kind: "destination_mismatch" } });
});

it.each([true, false])(
  "asks for the export that was chosen, and holds it against nothing but the document's version (told: %s)",
  async (tells) => {
    const service = new OneFile();
    service.tellsVersion = tells;
    const { result } = await copy(service, {
      export_as: "application/pdf",
      version: "v1 application/pdf",
      remote_hash: `md5:${"0".repeat(32)}`,
      size: null,
    });
    expect(result).toMatchObject({ outcome: "stored", size: 4 * MB, version: "v1 application/pdf" });
    expect(service.read).toEqual(["application/pdf"]);
  },
);

it("SR-86 believes bytes that come the same three times, of a source whose hashes may differ", async () => {
  const row = { remote_hash: `md5:${"0".repeat(32)}` };
  const service = new OneFile();
  service.files.hashesMayDiffer = true;
  const { result, stored } = await copy(service, row);
  expect(result).toMatchObject({ outcome: "stored", version: "v1", hashDiffers: true });
  expect(stored().equals(content("v1"))).toBe(true);
  expect(service.read).toEqual([0, 0, 0]);

  const shaky = new OneFile();
  shaky.files.hashesMayDiffer = true;
  const { read } = shaky.files;
  let asked = 0;
  shaky.files.read = async (...about) => {
    if (++asked % 2 === 0) throw new ProviderError("unavailable", "in a moment", { retryAt: new Date() });
    return read(...about);
  };
  expect((await copy(shaky, row)).result).toMatchObject({ outcome: "stored", hashDiffers: true });
  expect([asked, shaky.read.length]).toEqual([5, 3]);

  const fickle = new OneFile();
  fickle.files.hashesMayDiffer = true;
  fickle.giveOtherBytesEachTime = true;
  expect((await copy(fickle, row)).result).toMatchObject({ failure: { kind: "destination_mismatch" } });
});

const sha1 = (bytes: Buffer): RemoteHash => ({
  algorithm: "sha1",
  value: createHash("sha1").update(bytes).digest("hex"),
});

it("SR-86 compares with the hash that comes with the bytes, of whichever version they are", async () => {
  const row = { remote_hash: `md5:${"0".repeat(32)}` };
  for (const [version, told, outcome] of [
    ["v1", "v1", "stored"],
    ["v2", "v2", "stored"],
    ["v2", "v1", "failed"],
  ] as const) {
    const service = Object.assign(new OneFile(), { version, hash: sha1(content(told)) });
    expect((await copy(service, row)).result).toMatchObject({ outcome });
  }
});

it.each([true, false])(
  "goes on with a large file where an earlier process stopped (right hash: %s)",
  async (isRight) => {
    const service = new OneFile();
    service.hash = sha1(content(isRight ? "v1" : "v2", 100 * MB));
    service.size = 100 * MB;
    const saved: unknown[] = [];
    service.breaks.push({ at: 90 * MB, with: new ProviderError("forbidden", "as if the process had ended here") });
    const row = { size: 100 * MB };
    expect((await copy(service, row, saved)).result).toMatchObject({ outcome: "failed" });
    expect((await copy(service, row, saved)).result).toMatchObject(
      isRight ? { outcome: "stored", size: 100 * MB } : { failure: { kind: "destination_mismatch" } },
    );
    expect(service.read[0]).toBe(0);
    expect(service.read[1]).toBe(0);
    expect(service.read[2]).toBeGreaterThanOrEqual(26 * MB);
  },
);

it("SR-87 makes an export once more where it breaks off, and never goes on in the middle of one", async () => {
  const row = { export_as: "application/pdf", size: null, version: "v1 application/pdf" };
  const service = new OneFile();
  service.breaks.push({ at: MB, with: cutOff() });
  const { result, stored } = await copy(service, row);
  expect(result).toMatchObject({ outcome: "stored" });
  expect(stored().equals(content("v1"))).toBe(true);
  expect(service.read).toEqual(["application/pdf", "application/pdf"]);

  // Of a large one nothing is kept either that the next process could go on with.
  service.size = 80 * MB;
  service.breaks.push({ at: 70 * MB, with: new Error("as if the process had been killed") });
  const saved: unknown[] = [];
  await expect(copy(service, row, saved)).rejects.toThrow("killed");
  expect((await copy(service, row, saved)).result).toMatchObject({ outcome: "stored", size: 80 * MB });
});
