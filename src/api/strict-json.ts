import { AppError } from "#core/errors.ts";

const deepest = 32;

/**
 * Parses a body more strictly than JSON.parse does: at most 32 levels, no key twice in one object, no `__proto__`, no
 * text that a database could not keep (SR-32, SR-70).
 *
 * @throws AppError `invalid_json`
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("The body is not UTF-8.");
  }
  refuseDepthAndRepeats(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("The body is not JSON.");
  }
  refuseUnkeepable(value);
  return value;
}

/** Whether a text can be kept and sent on: without NUL and without halves of characters. */
export const isKeepable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

// Looks at brackets and keys only; what is no JSON at all is left to JSON.parse.
function refuseDepthAndRepeats(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found] = match;
    if (found === "{" || found === "[") {
      open.push(found === "{" ? new Set() : undefined);
      if (open.length > deepest) throw invalid(`The body is nested more than ${deepest} levels deep.`);
    } else if (found === "}" || found === "]") {
      open.pop();
    } else {
      const keys = open.at(-1);
      if (!keys || !followedByColon(text, token.lastIndex)) continue;
      const key = readKey(found);
      if (key === "__proto__") throw invalid("A key of the body is called __proto__.");
      if (keys.has(key)) throw invalid("A key is there twice in one object of the body.");
      keys.add(key);
    }
  }
}

function followedByColon(text: string, from: number): boolean {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return text[at] === ":";
}

function readKey(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw invalid("The body is not JSON.");
  }
}

function refuseUnkeepable(value: unknown): void {
  if (typeof value === "string") {
    if (!isKeepable(value)) throw invalid("A text of the body has a NUL character or half a character in it.");
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inside] of Object.entries(value)) {
      refuseUnkeepable(key);
      refuseUnkeepable(inside);
    }
  }
}

const invalid = (detail: string) => new AppError("invalid_json", detail);
