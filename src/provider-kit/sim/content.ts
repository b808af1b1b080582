import { createHash } from "node:crypto";
import { QuickXor } from "#core/quick-xor.ts";
import { type DocumentKind, documentBytes } from "./documents.ts";

/** The bytes of a pretend file, made when they are asked for: nobody holds the contents of a million files. */
export type Content =
  | { kind: "bytes"; bytes: Uint8Array }
  /** So many bytes that look random; the same seed gives the same ones. */
  | { kind: "noise"; seed: number; size: number }
  /** A small document that opens in its program. */
  | { kind: "document"; type: DocumentKind; seed: number };

export interface Hashes {
  md5: string;
  sha1: string;
  sha256: string;
  /** In base64. */
  quickxor: string;
}

const BLOCK = 64 * 1024;
const MOST_REMEMBERED = 100_000;

export const bytesOf = (text: string): Content => ({ kind: "bytes", bytes: new TextEncoder().encode(text) });

export function sizeOf(content: Content): number {
  if (content.kind === "noise") return content.size;
  return wholeOf(content).length;
}

/** The bytes from `from` to before `to`, made as they are read. */
export function streamOf(content: Content, from = 0, to = sizeOf(content)): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= to) return controller.close();
        const chunk = content.kind === "noise" ? noiseAt(content.seed, at, to) : wholeOf(content).subarray(at, to);
        at += chunk.length;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
}

const known = new Map<string, Hashes>();

export function hashesOf(content: Content): Hashes {
  const key = keyOf(content);
  const before = key === undefined ? undefined : known.get(key);
  if (before) return before;
  const [md5, sha1, sha256] = [createHash("md5"), createHash("sha1"), createHash("sha256")];
  const quickxor = new QuickXor();
  const size = sizeOf(content);
  for (let at = 0; at < size; ) {
    const chunk = content.kind === "noise" ? noiseAt(content.seed, at, size) : wholeOf(content);
    for (const hash of [md5, sha1, sha256, quickxor]) hash.update(chunk);
    at += chunk.length;
  }
  const hashes = {
    md5: md5.digest("hex"),
    sha1: sha1.digest("hex"),
    sha256: sha256.digest("hex"),
    quickxor: quickxor.digest(),
  };
  if (known.size >= MOST_REMEMBERED) known.clear();
  if (key !== undefined) known.set(key, hashes);
  return hashes;
}

const knownQuickXor = new Map<string, string>();

/** quickXorHash alone, in base64: for a service that tells no other hash, and of very many files. */
export function quickXorOf(content: Content): string {
  const key = keyOf(content);
  const before = key === undefined ? undefined : knownQuickXor.get(key);
  if (before !== undefined) return before;
  const hash = new QuickXor();
  const size = sizeOf(content);
  for (let at = 0; at < size; ) {
    const chunk = content.kind === "noise" ? noiseAt(content.seed, at, size) : wholeOf(content);
    hash.update(chunk);
    at += chunk.length;
  }
  const made = hash.digest();
  if (knownQuickXor.size >= MOST_REMEMBERED) knownQuickXor.clear();
  if (key !== undefined) knownQuickXor.set(key, made);
  return made;
}

function keyOf(content: Content): string | undefined {
  if (content.kind === "noise") return `noise ${content.seed} ${content.size}`;
  if (content.kind === "document") return `${content.type} ${content.seed}`;
  return undefined;
}

function wholeOf(content: Exclude<Content, { kind: "noise" }>): Uint8Array {
  return content.kind === "bytes" ? content.bytes : documentBytes(content.type, content.seed);
}

/** One block of noise, which is repeated with the number of its block in its first bytes: cheap, and never the same twice. */
const noise = (() => {
  const words = new Uint32Array(BLOCK / 4);
  let state = 0x9e3779b9;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer);
})();

function noiseAt(seed: number, at: number, to: number): Uint8Array {
  const block = Math.floor(at / BLOCK);
  const end = Math.min(BLOCK, (at % BLOCK) + to - at);
  // Not less than the number of the block takes.
  const bytes = noise.slice(0, Math.max(8, end));
  new DataView(bytes.buffer).setUint32(0, seed >>> 0);
  new DataView(bytes.buffer).setUint32(4, block);
  return bytes.subarray(at % BLOCK, end);
}
