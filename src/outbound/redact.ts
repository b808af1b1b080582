/** Takes values of secrets out of what the other side sent: it may echo them in any form (SR-25). */
import { encodeForm, encodeQuery } from "#expressions/place.ts";
import { reveal, type Secret } from "#vault/reveal.ts";

/** What is shorter is found everywhere by chance, and hides nothing. */
const SHORTEST = 4;

/** A function that writes `[secret]` where a text has one of the values in it, as it is or encoded. */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  // The longest first: a short form may be part of a long one.
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  // Most texts have nothing of any: in a large answer there may be a million of them.
  const beginsOne = new RegExp([...new Set(forms.map((form) => RegExp.escape(form.slice(0, LOOKED_AT))))].join("|"));
  return (text) => {
    if (!beginsOne.test(text)) return text;
    // Cut apart, and joined at the end: what was written for one secret is not searched for the next.
    let pieces = [text];
    for (const form of forms) {
      if (form.length <= text.length && text.includes(form)) pieces = pieces.flatMap((piece) => piece.split(form));
    }
    return pieces.join("[secret]");
  };
}

/** Characters of a form by which a text that may hold it is found. */
const LOOKED_AT = 12;

function formsOf(secret: Secret): string[] {
  let value: string;
  try {
    value = reveal(secret);
  } catch {
    // Bytes that are no text stand in no text either.
    return [];
  }
  if (value.length < SHORTEST) return [];
  const forms = [
    value,
    value.trim(),
    ...jsonForms(value),
    ...urlForms(value),
    ...htmlForms(value),
    ...base64Forms(value),
    // As half of the user name and password of RFC 6749 2.3.1.
    ...base64Forms(encodeForm(value)),
  ];
  return forms.filter((form) => form.length >= SHORTEST);
}

/** In JSON and in JSON within JSON: with slashes escaped or not, all that is not ASCII, all that is markup. */
function jsonForms(value: string): string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  const escaped = [/(?!)/g, /[^\x20-\x7e]/g, /[<>&']/g, /[^\x20-\x7e]|[<>&']/g];
  const hexOf = (unit: string) => unit.charCodeAt(0).toString(16).padStart(4, "0");
  return [inJson, inJson.replaceAll("/", "\\/")].flatMap((text) =>
    escaped
      .flatMap((units) => [
        text.replace(units, (unit) => `\\u${hexOf(unit)}`),
        text.replace(units, (unit) => `\\u${hexOf(unit).toUpperCase()}`),
      ])
      .flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]),
  );
}

/** As the parts of an address are written, which differ in what they leave as it is; and once more encoded. */
function urlForms(value: string): string[] {
  const wellFormed = value.toWellFormed();
  const once = [
    encodeQuery(value),
    encodeForm(value),
    encodeQuery(value).replaceAll("%2F", "/"),
    encodeURIComponent(wellFormed),
    encodeURI(wellFormed),
    new URLSearchParams([["", value]]).toString().slice(1),
  ];
  return [...once, encodeQuery(once[0] ?? "")].flatMap((text) => [
    text,
    text.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()),
  ]);
}

function htmlForms(value: string): string[] {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const codeOf = (character: string) => character.charCodeAt(0);
  const apostrophes = ["'", "&#39;", "&#039;", "&#x27;", "&apos;"];
  return [
    ...apostrophes.map((apostrophe) => value.replace(/[&<>"']/g, (character) => named[character] ?? apostrophe)),
    value.replace(/[&<>]/g, (character) => named[character] ?? character),
    value.replace(/[&<>"']/g, (character) => `&#${codeOf(character)};`),
    value.replace(/[&<>"']/g, (character) => `&#x${codeOf(character).toString(16)};`),
    value.replace(/[&<>"']/g, (character) => `&#x${codeOf(character).toString(16).toUpperCase()};`),
  ];
}

/**
 * Base64 of the value alone and inside of something longer, such as `user:value`: what its neighbours share in a group
 * of characters is left off, for each of the three places where it can begin.
 */
function base64Forms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  return [0, 1, 2].flatMap((before) => {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const text = padded.toBase64({ omitPadding: true });
    const isWhole = padded.length % 3 === 0;
    const core = text.slice(before === 0 ? 0 : before + 1, isWhole ? text.length : -1);
    // Few characters are found by chance, and say little of a value that is as short.
    return core.length < SHORTEST ? [] : [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
