/** Ids as Autodesk has them, made from numbers: the same after every start, and without a table to find them by. */

export type Environment = "wipprod" | "wipemea";

/** 16 bytes, 22 characters: twelve that look random, and the number in the last four. */
function bytesOf(n: number, salt: number): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  let state = Math.imul(n ^ salt, 0x9e3779b1) >>> 0;
  for (let at = 0; at < 12; at += 4) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    bytes.writeUInt32BE((mixed ^ (mixed >>> 14)) >>> 0, at);
  }
  bytes.writeUInt32BE((n ^ mask) >>> 0, 12);
  return bytes;
}

const mask = 0x5bd1e995;

export const suffixOf = (n: number, salt = 0): string => bytesOf(n, salt).toString("base64url");

/** The number that a suffix was made of. */
export const numberIn = (suffix: string): number => (Buffer.from(suffix, "base64url").readUInt32BE(12) ^ mask) >>> 0;

export function guidOf(n: number, salt: number): string {
  const hex = bytesOf(n, salt).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export const numberInGuid = (guid: string): number => (Number.parseInt(guid.slice(-8), 16) ^ mask) >>> 0;

export const folderUrn = (environment: Environment, suffix: string): string =>
  `urn:adsk.${environment}:fs.folder:co.${suffix}`;
export const lineageUrn = (environment: Environment, suffix: string): string =>
  `urn:adsk.${environment}:dm.lineage:${suffix}`;

/** Of a version: not that of its item, so that nobody makes one out of the other. */
const turned = (suffix: string): string => [...suffix].reverse().join("");

export function versionUrn(lineage: string, number: number): string {
  const [, environment, suffix] = /^urn:adsk\.(\w+):dm\.lineage:(.+)$/.exec(lineage) ?? [];
  return `urn:adsk.${environment}:fs.file:vf.${turned(suffix ?? "")}?version=${number}`;
}

export function readVersionUrn(urn: string): { lineage: string; number: number } | undefined {
  const [, environment, suffix, number] = /^urn:adsk\.(\w+):fs\.file:vf\.(.+)\?version=(\d+)$/.exec(urn) ?? [];
  if (environment === undefined || suffix === undefined) return undefined;
  return { lineage: `urn:adsk.${environment}:dm.lineage:${turned(suffix)}`, number: Number(number) };
}
