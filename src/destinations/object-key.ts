import { createHash } from "node:crypto";
import type { ConnectionId, RemoteId } from "#core/ids.ts";

/**
 * The name of an object within its destination: segments with `/` between them, each of which every common file system
 * and object store takes. Made only here (SR-84).
 */
export type ObjectKey = string & { readonly __names: "object" };

const LONGEST_SEGMENT_BYTES = 255;
const CUT_ID_DIGITS = 32;
const SHORT_ID_DIGITS = 12;

/** The default layout. The same file and version always gets the same key; `extension` is there for people only. */
export function idKey(of: {
  connection: ConnectionId;
  remoteId: RemoteId;
  version: string;
  extension?: string;
}): ObjectKey {
  const digest = sha256(JSON.stringify([of.connection, of.remoteId, of.version]));
  const extension = of.extension?.toLowerCase() ?? "";
  const ending = /^[a-z0-9]{1,16}$/.test(extension) ? `.${extension}` : "";
  return `${encodeSegment(of.connection)}/${digest.slice(0, 2)}/${digest}${ending}` as ObjectKey;
}

/**
 * The layout for people: the file's own path. Two different paths never give the same key, but their keys may differ
 * only in case or Unicode form, which some file systems do not tell apart: see `foldKey`.
 */
export const mirrorKey = (names: readonly [string, ...string[]]): ObjectKey =>
  names.map(encodeSegment).join("/") as ObjectKey;

/** Equal for keys that any file system might take for the same one. */
export const foldKey = (key: ObjectKey): string => key.normalize("NFD").toUpperCase().normalize("NFC");

/** Another key for a file whose own key, folded, is taken: `report~3f9ac01b22d4.pdf`. */
export function withShortId(key: ObjectKey, remoteId: RemoteId): ObjectKey {
  const at = key.lastIndexOf("/") + 1;
  const id = sha256(remoteId).slice(0, SHORT_ID_DIGITS);
  return (key.slice(0, at) + joinId(key.slice(at).match(unit) ?? [], id)) as ObjectKey;
}

/**
 * A key as the name of an object in a store that does not take every character, or no name of its length. Two different
 * keys never give the same name.
 */
export function storeName(key: ObjectKey, { allowed, longest }: { allowed?: RegExp; longest: number }): string {
  const written = allowed
    ? Array.from(key, (character) => {
        if (character === "/" || (character !== "=" && allowed.test(character))) return character;
        return [...Buffer.from(character)]
          .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`)
          .join("");
      }).join("")
    : key;
  if (Buffer.byteLength(written) <= longest) return written;
  // Behind an equals sign there is always a digit elsewhere, and behind a tilde never 32 of them.
  const cut = `${allowed ? "=_" : "~"}${sha256(key).slice(0, CUT_ID_DIGITS)}`;
  let kept = "";
  for (const part of written.match(/=[0-9A-F]{2}|./gsu) ?? []) {
    if (Buffer.byteLength(kept + part) + cut.length > longest) break;
    kept += part;
  }
  return kept.replace(/[/. ]+$/, "") + cut;
}

export const segmentsOf = (key: ObjectKey): string[] => key.split("/");

/**
 * Escapes are `%` and two digits for each byte of UTF-8. A `%` of the name itself is escaped only where it would read
 * as an escape, and a `~` only where it would read as one of our ids, so ordinary names stay as they are and every
 * result still has one origin only.
 */
function encodeSegment(name: string): string {
  // An underscore is never escaped elsewhere, so nothing else becomes this.
  if (name === "") return "%5F";
  const characters = Array.from(name);
  const units = characters.map((character) => (unsafe.test(character) ? escapeCharacter(character) : character));
  const escapeAt = (at: number) => {
    units[at] = escapeCharacter(characters[at] ?? "");
  };
  characters.forEach((character, at) => {
    if (character === "%" && /^[0-9A-Fa-f]{2}$/.test(characters.slice(at + 1, at + 3).join(""))) escapeAt(at);
  });
  if (name.startsWith(".") || reserved.test(name)) escapeAt(0);
  if (/[. ]$/.test(name)) escapeAt(characters.length - 1);
  const id = looksLikeId.exec(name);
  if (id) escapeAt(Array.from(name.slice(0, id.index)).length);

  const whole = units.join("");
  if (Buffer.byteLength(whole) <= LONGEST_SEGMENT_BYTES) return whole;
  return joinId(units, sha256(whole).slice(0, CUT_ID_DIGITS));
}

/** Puts `~id` before the ending of a name and cuts the name so that all fits, between characters and escapes. */
function joinId(units: readonly string[], id: string): string {
  const ending = /(?<=.)\.[A-Za-z0-9]{1,16}$/.exec(units.slice(-17).join(""))?.[0] ?? "";
  const stem = ending === "" ? units : units.slice(0, -ending.length);
  const room = LONGEST_SEGMENT_BYTES - 1 - id.length - ending.length;
  let kept = "";
  let bytes = 0;
  for (const part of stem) {
    bytes += Buffer.byteLength(part);
    if (bytes > room) break;
    kept += part;
  }
  return `${kept}~${id}${ending}`;
}

/** One character of a key, or one escaped one. */
const unit = /(?:%[0-9A-F]{2})+|./gsu;

/** Separators, what Windows refuses, control characters, and halves of characters, which UTF-8 cannot hold. */
const unsafe = /[/\\<>:"|?*\p{Cc}\p{Cs}]/u;

const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)/i;

const looksLikeId = /~(?:[0-9a-f]{12}|[0-9a-f]{32})(?=(?:\.[A-Za-z0-9]{1,16})?$)/i;

/** The bytes of a character as escapes; half a character has the three bytes it would have if it were allowed. */
function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const bytes =
    code >= 0xd800 && code <= 0xdfff
      ? [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
      : [...Buffer.from(character)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
