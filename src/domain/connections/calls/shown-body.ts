// What is shown of a body: JSON as a tree, text up to a limit, of anything else only how much it is.
import type { ShownBody } from "./call.ts";

type Redact = (text: string) => string;

/** As much text as is looked at. */
const MOST_READ = 786_432;
/** A secret of 64 KiB with every character as `\u…`: at the end of a cut text there may be a part of one. */
const LONGEST_SECRET = 393_216;
const MOST_SHOWN = 262_144;
const DEEPEST = 64;

/** `parse` reads JSON of unknown origin, and throws where it is none. */
export function showBody(
  bytes: Uint8Array,
  mediaType: string | null,
  redact: Redact,
  parse: (text: string) => unknown,
): ShownBody {
  if (bytes.byteLength === 0) return { kind: "none" };
  const text = readText(bytes, mediaType);
  if (text === undefined) {
    return { kind: "binary", note: `${bytes.byteLength} bytes${mediaType ? ` of ${redact(mediaType)}` : ""}` };
  }
  if (isJson(mediaType, text) && text.length <= MOST_READ) {
    try {
      const value = redactJson(parse(text), redact);
      if (JSON.stringify(value).length <= MOST_SHOWN) return { kind: "json", value };
    } catch {
      // It says that it is JSON and is none, or is nested too deep for a tree.
    }
  }
  if (text.length <= MOST_READ) return cutText(redact(text), MOST_SHOWN, false);
  return cutText(redact(text.slice(0, MOST_READ)).slice(0, -LONGEST_SECRET), MOST_SHOWN, true);
}

/** Every text in a value, names too. Numbers that are secrets become texts. */
export function redactJson(value: unknown, redact: Redact, depth = 0): unknown {
  if (depth > DEEPEST) throw new RangeError("nested too deep to be shown");
  if (typeof value === "string") return keepable(redact(value));
  if (typeof value === "number") {
    const text = String(value);
    return redact(text) === text ? value : redact(text);
  }
  if (Array.isArray(value)) return value.map((entry: unknown) => redactJson(entry, redact, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const redacted: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of Object.entries(value))
    redacted[keepable(redact(key))] = redactJson(entry, redact, depth + 1);
  return redacted;
}

/** The same body in at most so many bytes of JSON. */
export function boundBody(body: ShownBody, most: number): ShownBody {
  if (sizeOf(body) <= most) return body;
  if (body.kind === "binary" || body.kind === "none") return body;
  const text = body.kind === "json" ? JSON.stringify(body.value, null, 2) : body.text;
  // Written as JSON a character may take six bytes; most texts lose little by being cut once more.
  for (let length = Math.min(text.length, most); ; length = Math.floor(length / 2)) {
    const cut: ShownBody = { kind: "text", text: keepable(text.slice(0, length)), cut: true };
    if (sizeOf(cut) <= most) return cut;
  }
}

export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? "");

function cutText(text: string, most: number, isCut: boolean): ShownBody {
  if (text.length <= most && !isCut) return { kind: "text", text: keepable(text), cut: false };
  return { kind: "text", text: keepable(text.slice(0, most)), cut: true };
}

/** PostgreSQL keeps no NUL and no half of a surrogate pair in JSON. */
const keepable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");

function readText(bytes: Uint8Array, mediaType: string | null): string | undefined {
  const type = mediaType?.toLowerCase() ?? "";
  if (/^(image|audio|video|font)\/(?!svg)/.test(type)) return undefined;
  const charset = /charset\s*=\s*"?([\w.:-]+)/.exec(type)?.[1] ?? "utf-8";
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    // Not in this encoding, or in one that nobody knows.
    return undefined;
  }
}

const isJson = (mediaType: string | null, text: string): boolean =>
  /[/+]json\b/i.test(mediaType ?? "") || (!/\bhtml|\bxml/i.test(mediaType ?? "") && /^\s*[{[]/.test(text));
