// Where a text is going to stand decides how what comes from data is written there (SR-26).
import { ExpressionError } from "./expression-error.ts";

/** `text` is for people and goes on unchanged; `json` is a text inside a JSON value, which needs no encoding either. */
export type Place = "path" | "query" | "form" | "header" | "json" | "html" | "markdown" | "xml" | "text";

interface PlaceRules {
  encode(value: string): string;
  /** Whether what the author wrote is encoded too, because the place holds one value and no markup. */
  literals: "as-written" | "encoded";
  /** Whether a workspace secret may stand here (SR-25). */
  secrets: boolean;
}

export const places: Readonly<Record<Place, PlaceRules>> = {
  path: { encode: encodePathSegment, literals: "as-written", secrets: false },
  query: { encode: encodeQuery, literals: "encoded", secrets: true },
  form: { encode: encodeForm, literals: "encoded", secrets: true },
  header: { encode: checkHeader, literals: "encoded", secrets: true },
  json: { encode: (value) => value, literals: "as-written", secrets: true },
  html: { encode: encodeHtml, literals: "as-written", secrets: false },
  markdown: { encode: encodeMarkdown, literals: "as-written", secrets: false },
  xml: { encode: encodeXml, literals: "as-written", secrets: true },
  text: { encode: (value) => value, literals: "as-written", secrets: false },
};

/** One segment of a path: no value can begin another one. An empty value would take the segment away. */
export function encodePathSegment(value: string): string {
  if (value === "") throw refused("A part of an address cannot be empty");
  return encodeQuery(value);
}

/** A whole path, put together: another beginning, or `.` and `..` in it, however written, would lead somewhere else. */
export function checkPath(path: string): void {
  if (!/^\/(?!\/)/.test(path)) throw refused("A path begins with one /");
  // "\" is a slash to a URL parser, and it drops tabs and line ends wherever they are.
  if (/[\p{Cc}\s\\?#]/u.test(path)) throw refused("A path holds no blanks, backslashes, ? or #");
  if (path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
    throw refused("A path cannot have . or .. as a segment");
  }
}

/** Percent-encodes all but letters, digits and `-._~`. Half a surrogate pair becomes U+FFFD. */
export function encodeQuery(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** As `application/x-www-form-urlencoded` writes a value. */
export function encodeForm(value: string): string {
  return encodeQuery(value).replaceAll("%20", "+").replaceAll("~", "%7E");
}

/** A header value cannot be encoded, only refused: a line break would begin another header. */
export function checkHeader(value: string): string {
  if (/[^\t\x20-\x7e]/.test(value)) throw refused("A header value holds only ASCII characters, and no line breaks");
  return value;
}

/** Text between tags or in a quoted attribute. */
export function encodeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** As HTML, but XML has no way to write some characters. */
export function encodeXml(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 leaves out
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(value)) {
    throw refused("The value has a control character, which XML cannot hold");
  }
  // A line end would otherwise be read as another one, or as a blank in an attribute.
  return encodeHtml(value.toWellFormed()).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Text and nothing else: punctuation that could mean something is escaped, and blanks that begin a line cannot make a
 * block of code of it.
 */
export function encodeMarkdown(value: string): string {
  return value
    .replace(/[!-/:-@[-`{-~]/g, (character) => `\\${character}`)
    .replace(/(?<=^|[\r\n])[ \t]/g, (blank) => `&#${blank.charCodeAt(0)};`);
}

const refused = (message: string) => new ExpressionError("template_value_refused", message);
