// What is reckoned up of bytes while they pass (SR-86), and compared with what was announced.
import { createHash } from "node:crypto";
import { createMD5, createSHA1, createSHA256, type IHasher } from "hash-wasm";
import { QuickXor } from "#core/quick-xor.ts";
import { DestinationError, type ExpectedHash, type StoredObject } from "./destination.ts";

export interface Expected {
  expectedSize?: number | undefined;
  expectedHash?: ExpectedHash | undefined;
}

/** Fails with `mismatch`: in `update` when more has come than was announced, in `end` for anything else. */
export class Checksums {
  readonly #expected: Expected;
  readonly #sha256: Hash;
  readonly #other: Hash | undefined;
  #size = 0;

  private constructor(expected: Expected, open: (algorithm: ExpectedHash["algorithm"]) => Hash) {
    const algorithm = expected.expectedHash?.algorithm ?? "sha256";
    this.#expected = expected;
    this.#sha256 = open("sha256");
    this.#other = algorithm === "sha256" ? undefined : open(algorithm);
  }

  static open(expected: Expected): Checksums {
    return new Checksums(expected, (algorithm) => (algorithm === "quickxor" ? quickXor() : native(algorithm)));
  }

  /** Nothing where that was saved for another hash than is wanted now, or by another release, which writes it otherwise. */
  static goOn(expected: Expected, saved: SavedChecksums): Promise<SavableChecksums | undefined> {
    return Checksums.#openSavable(expected, saved).catch(() => undefined);
  }

  /** Slower by a few times, but what has passed so far can be saved, and gone on from by another process. */
  static openSavable(expected: Expected): Promise<SavableChecksums> {
    return Checksums.#openSavable(expected);
  }

  static async #openSavable(expected: Expected, saved?: SavedChecksums): Promise<SavableChecksums> {
    const algorithms = new Set(["sha256", expected.expectedHash?.algorithm ?? "sha256"] as const);
    const hashes = new Map(
      await Promise.all([...algorithms].map(async (algorithm) => [algorithm, await savable(algorithm)] as const)),
    );
    const hashOf = (algorithm: ExpectedHash["algorithm"]): SavableHash => {
      const hash = hashes.get(algorithm);
      if (!hash) throw new Error(`no ${algorithm} was opened`);
      return hash;
    };
    const checksums = new Checksums(expected, hashOf);
    if (saved) {
      checksums.#size = saved.size;
      for (const [algorithm, hash] of hashes) hash.restore(saved.hashes[algorithm] ?? "");
    }
    return Object.assign(checksums, {
      save: (): SavedChecksums => ({
        size: checksums.#size,
        hashes: Object.fromEntries([...hashes].map(([algorithm, hash]) => [algorithm, hash.save()])),
      }),
    });
  }

  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): void {
    const { expectedSize } = this.#expected;
    this.#size += chunk.length;
    if (expectedSize !== undefined && this.#size > expectedSize) {
      throw new DestinationError("mismatch", `More bytes came where ${expectedSize} were announced`);
    }
    this.#sha256.update(chunk);
    this.#other?.update(chunk);
  }

  end(): StoredObject {
    const { expectedSize, expectedHash } = this.#expected;
    if (expectedSize !== undefined && this.#size !== expectedSize) {
      throw new DestinationError("mismatch", `Only ${this.#size} bytes came where ${expectedSize} were announced`);
    }
    const sha256 = this.#sha256.digest();
    if (expectedHash) {
      const found = this.#other?.digest() ?? sha256;
      const isBase64 = expectedHash.algorithm === "quickxor";
      if (found !== (isBase64 ? expectedHash.value : expectedHash.value.toLowerCase())) {
        const detail = `The bytes do not have the ${expectedHash.algorithm} that was announced`;
        throw new DestinationError("mismatch", detail, { sha256 });
      }
    }
    return { size: this.#size, sha256 };
  }
}

export type SavableChecksums = Checksums & { save(): SavedChecksums };

/** Plain JSON. */
export interface SavedChecksums {
  size: number;
  hashes: Readonly<Record<string, string>>;
}

interface Hash {
  update(chunk: Uint8Array): unknown;
  digest(): string;
}

interface SavableHash extends Hash {
  save(): string;
  restore(saved: string): void;
}

function native(algorithm: "md5" | "sha1" | "sha256"): Hash {
  const hash = createHash(algorithm);
  return { update: (chunk) => hash.update(chunk), digest: () => hash.digest("hex") };
}

function quickXor(): SavableHash {
  const hash = new QuickXor();
  return {
    update: (chunk) => hash.update(chunk),
    digest: () => hash.digest(),
    save: () => JSON.stringify(hash.save()),
    restore: (saved) => hash.restore(JSON.parse(saved)),
  };
}

async function savable(algorithm: ExpectedHash["algorithm"]): Promise<SavableHash> {
  if (algorithm === "quickxor") return quickXor();
  const open: Record<typeof algorithm, () => Promise<IHasher>> = {
    md5: createMD5,
    sha1: createSHA1,
    sha256: createSHA256,
  };
  const hash = (await open[algorithm]()).init();
  return {
    update: (chunk) => hash.update(chunk),
    digest: () => hash.digest("hex"),
    save: () => hash.save().toBase64(),
    restore: (saved) => hash.load(Uint8Array.fromBase64(saved)),
  };
}
