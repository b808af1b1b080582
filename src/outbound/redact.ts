/** Takes values of secrets out of what the other side sent: it may echo them in any form (SR-25). */
import { encodeForm, encodeQuery } from "#expressions/place.ts";
import { reveal, type Secret } from "#vault/reveal.ts";

/** What is shorter is found everywhere by chance, and hides nothing. */
const SHORTEST = 4;

/** A function that writes `[secret]` where a text has one of the values in it, as it is or encoded. */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) for (const form of formsOf(secret)) if (form.length >= SHORTEST) forms.add(form);
  if (forms.size === 0) return (text) => text;
  // The longest first: a short form may be part of a long one.
  const pattern = new RegExp(
    [...forms]
      .sort((a, b) => b.length - a.length)
      .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
      .join("|"),
    "gi",
  );
  return (text) => text.replace(pattern, "[secret]");
}

function formsOf(secret: Secret): string[] {
  let value: string;
  try {
    value = reveal(secret);
  } catch {
    // Bytes that are no text stand in no text either.
    return [];
  }
  if (value.length < SHORTEST) return [];
  const inJson = JSON.stringify(value).slice(1, -1);
  return [
    value,
    value.trim(),
    inJson,
    inJson.replaceAll("/", "\\/"),
    asciiJson(inJson),
    JSON.stringify(inJson).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    encodeQuery(value),
    encodeForm(value),
    encodeQuery(encodeQuery(value)),
    ...htmlForms(value),
    ...base64Forms(new TextEncoder().encode(value)),
  ];
}

const asciiJson = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function htmlForms(value: string): string[] {
  const named: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  const written = (write: (character: string) => string) => value.replace(/[&<>"']/g, write);
  return [
    written((character) => named[character] ?? character),
    written((character) => `&#${character.charCodeAt(0)};`),
    written((character) => `&#x${character.charCodeAt(0).toString(16)};`),
  ];
}

/**
 * Base64 of the value alone and inside of something longer, such as `user:value`: what its neighbours share in a group
 * of characters is left off, for each of the three places where it can begin.
 */
function base64Forms(bytes: Uint8Array): string[] {
  const forms: string[] = [];
  for (const before of [0, 1, 2]) {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const text = Buffer.from(padded).toString("base64").replace(/=+$/, "");
    const from = before === 0 ? 0 : before + 1;
    const shared = (before + bytes.length) % 3;
    const core = text.slice(from, shared === 0 ? text.length : text.length - 1);
    if (core.length >= 8) forms.push(core, core.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return forms;
}
