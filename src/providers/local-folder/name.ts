// Names on disk are bytes and need not be text. Inside this folder a name is a string of its bytes, one character for
// each (`latin1`): lossless, half the memory of a Buffer, and compared with `<` in the order of the bytes.

export type RawName = string & { readonly __bytes: "name" };

export const rawName = (bytes: Buffer): RawName => bytes.toString("latin1") as RawName;
export const rawNameOf = (text: string): RawName => rawName(Buffer.from(text));

/** What people see. Bytes that are no UTF-8 are shown as `\xE9`; two files may therefore look alike, their ids differ. */
export function shownName(name: RawName): string {
  const bytes = Buffer.from(name, "latin1");
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes)) return text;
  let shown = "";
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    shown += length > 0 ? bytes.toString("utf8", at, at + length) : `\\x${bytes[at]?.toString(16).toUpperCase()}`;
    at += length || 1;
  }
  return shown;
}

/** How many bytes the UTF-8 character at `at` takes; 0 when there is none. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    const text = bytes.toString("utf8", at, at + length);
    if (Buffer.from(text).equals(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

/**
 * The way from the top of the drive to a file, as text that any database keeps unharmed: `t` and the path where that
 * is UTF-8, else `b` and its bytes in base64url.
 */
export function toLocator(names: readonly RawName[]): string {
  const bytes = Buffer.from(names.join("/"), "latin1");
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? `t${text}` : `b${bytes.toString("base64url")}`;
}

/** The names a locator leads through, or nothing when it leads nowhere a listing ever led (`..`, an empty name). */
export function fromLocator(locator: string): RawName[] | undefined {
  const rest = locator.slice(1);
  const bytes =
    locator[0] === "t" ? Buffer.from(rest) : locator[0] === "b" ? Buffer.from(rest, "base64url") : undefined;
  const names = bytes?.toString("latin1").split("/") as RawName[] | undefined;
  return names?.every(isPlainName) ? names : undefined;
}

const isPlainName = (name: string): boolean => name !== "" && name !== "." && name !== ".." && !name.includes("\0");
