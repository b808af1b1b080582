/** JSON of unknown origin, within limits (SR-32). */

export class JsonRefused extends Error {
  override readonly name = "JsonRefused";
}

/**
 * Parses JSON of at most `maxBytes` (as UTF-8) and `maxDepth` arrays and objects inside one another. Objects have no
 * prototype, so that `__proto__` and `constructor` are keys like any other. Throws JsonRefused; its message has nothing
 * of the text in it.
 */
export function parseJson(text: string, { maxBytes = 10 * 1024 * 1024, maxDepth = 32 } = {}): unknown {
  // A UTF-16 unit is at most three bytes, so short texts need not be counted.
  if (text.length > maxBytes || (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)) {
    throw new JsonRefused(`The JSON is larger than ${maxBytes} bytes.`);
  }
  // Before parsing: JSON.parse and all who walk through its result would recurse as deep as the text wants.
  if (isDeeperThan(text, maxDepth)) throw new JsonRefused(`The JSON is nested deeper than ${maxDepth} levels.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonRefused("This is not valid JSON.");
  }
  dropPrototypes(value);
  return value;
}

const quote = 0x22;
const backslash = 0x5c;

function isDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // `{` and `[`, `}` and `]` differ in one bit.
    if (unit === quote) at = endOfString(text, at);
    else if ((unit | 0x20) === 0x7b && ++depth > maxDepth) return true;
    else if ((unit | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** The place of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start;
  while (true) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
}

function dropPrototypes(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) dropPrototypes(item);
    return;
  }
  Object.setPrototypeOf(value, null);
  for (const item of Object.values(value)) dropPrototypes(item);
}
