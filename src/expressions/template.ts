// The grammar of SR-23: text with {{ paths }} in it, read once into a tree and never run.
import { ExpressionError } from "./expression-error.ts";
import { copyJson, type Json, sameJson } from "./json.ts";
import { checkFilter, isFilterName, type TemplateFilter } from "./template-filters.ts";
import { pathText } from "./template-path.ts";

const MOST_BYTES = 65_536;
const MOST_PLACEHOLDERS = 256;
const MOST_SEGMENTS = 32;
const MOST_FILTERS = 8;

/** As it is stored. Text as it comes out, without the backslashes. */
export interface Template {
  readonly version: 1;
  readonly parts: readonly (string | Placeholder)[];
}

export interface Placeholder {
  /** `step_1`, `steps`, `trigger`, `item` or `workspace`. */
  readonly root: string;
  /** What stands behind the root: names and, from `[3]`, numbers. For `workspace` the name of the secret. */
  readonly path: readonly (string | number)[];
  readonly filters: readonly TemplateFilter[];
}

/**
 * Reads a template. Throws `template_invalid` with the position and a sentence, `template_too_large` beyond 64 KiB, 256
 * placeholders, or 32 segments in one path.
 */
export function parseTemplate(text: string): Template {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw new ExpressionError("template_too_large", "A template has at most 64 KiB");
  }
  const parts: (string | Placeholder)[] = [];
  let plain = "";
  let placeholders = 0;
  let at = 0;
  while (at < text.length) {
    if (text.startsWith("\\{{", at)) {
      plain += "{{";
      at += 3;
    } else if (text.startsWith("{{", at)) {
      if (++placeholders > MOST_PLACEHOLDERS) {
        throw new ExpressionError("template_too_large", `A template has at most ${MOST_PLACEHOLDERS} placeholders`, at);
      }
      if (plain !== "") parts.push(plain);
      plain = "";
      const read = readPlaceholder(text, at);
      parts.push(read.placeholder);
      at = read.end;
    } else {
      const next = text.slice(at + 1).search(/\\\{\{|\{\{/);
      const end = next < 0 ? text.length : at + 1 + next;
      plain += text.slice(at, end);
      at = end;
    }
  }
  if (plain !== "") parts.push(plain);
  return { version: 1, parts };
}

/** The text that reads as this template. */
export function printTemplate(template: Template): string {
  return template.parts
    .map((part) => (typeof part === "string" ? part.replaceAll("{{", "\\{{") : `{{ ${printPlaceholder(part)} }}`))
    .join("");
}

/** Takes a template out of storage: only a tree that its own text reads as comes back (SR-23). */
export function readTemplate(stored: unknown): Template {
  try {
    if (isTree(stored)) {
      const template = parseTemplate(printTemplate(stored));
      // Storage may have put the members of objects in another order.
      if (sameJson(asJson(template.parts), asJson(stored.parts))) return template;
    }
  } catch {
    // Whatever is wrong with it, what is stored is no template.
  }
  throw new ExpressionError("template_invalid", "What is stored is not a template of this version");
}

const asJson = (parts: unknown): Json =>
  copyJson(parts, {
    depth: 8,
    size: 16 * MOST_BYTES,
    refuse: (why) => new ExpressionError("template_invalid", why),
  });

export const placeholdersOf = (template: Template): readonly Placeholder[] =>
  template.parts.filter((part) => typeof part !== "string");

/** The names of the workspace secrets that a template uses. */
export const secretsOf = (template: Template): readonly string[] =>
  placeholdersOf(template)
    .filter(({ root }) => root === "workspace")
    .map(({ path }) => String(path[0]));

function readPlaceholder(text: string, start: number): { placeholder: Placeholder; end: number } {
  let at = start + 2;
  const refuse = (message: string, where = at) => new ExpressionError("template_invalid", message, where);
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  const readString = (): string => {
    const opened = at;
    const found = take(/"[^"\\\p{Cc}]*"/uy);
    if (found === undefined) {
      throw refuse('A text here stands between two ", without a quote, backslash or line break inside', opened);
    }
    return found.slice(1, -1);
  };

  const readPath = (): (string | number)[] => {
    const path: (string | number)[] = [];
    while (text[at] === "." || text[at] === "[") {
      if (path.length === MOST_SEGMENTS) {
        throw new ExpressionError("template_too_large", `A path has at most ${MOST_SEGMENTS} segments`, at);
      }
      path.push(readSegment());
    }
    return path;
  };

  const readSegment = (): string | number => {
    const opened = at++;
    if (text[opened] === ".") {
      const name = take(nameHere);
      if (name === undefined)
        throw refuse('A name belongs behind the dot; write ["…"] for names with other characters');
      return name;
    }
    const digits = take(/(?:0|[1-9][0-9]{0,8})(?![0-9])/y);
    const segment = digits === undefined ? (text[at] === '"' ? readString() : undefined) : Number(digits);
    if (segment === undefined) throw refuse('Between [ and ] stands a position such as 0, or a name as in ["a name"]');
    if (text[at++] !== "]") throw refuse("This [ has no ] behind it", opened);
    return segment;
  };

  const readFilter = (): TemplateFilter => {
    const where = at;
    const name = take(/[a-z]+/y) ?? "";
    if (!isFilterName(name)) throw refuse(`There is no filter \`${name}\``, where);
    const filter: TemplateFilter = text[at] === "(" ? { name, argument: readArgument() } : { name };
    const wrong = checkFilter(filter);
    if (wrong !== undefined) throw refuse(wrong, where);
    return filter;
  };

  const readArgument = (): string | number | boolean | null => {
    const opened = at++;
    take(blanks);
    let argument: string | number | boolean | null;
    if (text[at] === '"') argument = readString();
    else {
      const word = take(/true\b|false\b|null\b|-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?(?![0-9.\w])/y);
      if (word === undefined) throw refuse('Between ( and ) stands a "text", a number, true, false or null');
      argument = word === "true" ? true : word === "false" ? false : word === "null" ? null : Number(word) + 0;
    }
    take(blanks);
    if (text[at++] !== ")") throw refuse("This ( has no ) behind it", opened);
    return argument;
  };

  if (text[at] === "{") throw refuse("Three braces in a row; write \\{{ for braces as text, or a space between", start);
  take(blanks);
  const rootAt = at;
  const root = take(nameHere) ?? "";
  if (!/^(?:step_[1-9][0-9]{0,3}|steps|trigger|item|workspace)$/.test(root)) {
    throw refuse(
      root === ""
        ? "A path belongs here, such as steps.fetch.id; write \\{{ for braces as text"
        : `\`${root}\` cannot be read from; a path begins with steps.<name>, step_1, trigger, item or workspace.<secret>`,
      rootAt,
    );
  }
  const path = readPath();
  if (root === "steps" && typeof path[0] !== "string") throw refuse("Behind steps stands the name of a step", rootAt);
  if (root === "workspace" && (path.length !== 1 || typeof path[0] !== "string")) {
    throw refuse("Behind workspace stands the name of one secret, and nothing behind it", rootAt);
  }
  take(blanks);
  const filters: TemplateFilter[] = [];
  while (text[at] === "|") {
    at++;
    take(blanks);
    if (root === "workspace") throw refuse("A secret cannot be changed by filters");
    if (filters.length === MOST_FILTERS) throw refuse(`A placeholder has at most ${MOST_FILTERS} filters`);
    filters.push(readFilter());
    take(blanks);
  }
  if (!text.startsWith("}}", at)) {
    throw at >= text.length
      ? refuse("This {{ has no }} behind it", start)
      : refuse(
          `\`${String.fromCodePoint(text.codePointAt(at) ?? 0)}\` is not expected here; a placeholder holds a path and filters`,
        );
  }
  return { placeholder: { root, path, filters }, end: at + 2 };
}

const nameHere = /[A-Za-z_][A-Za-z0-9_-]*/y;
const blanks = /[ \t\r\n]*/y;

function printPlaceholder({ root, path, filters }: Placeholder): string {
  const steps = filters.map(({ name, argument }) => {
    if (argument === undefined) return ` | ${name}`;
    return ` | ${name}(${typeof argument === "string" ? `"${argument}"` : String(argument)})`;
  });
  return pathText(root, path) + steps.join("");
}

/** As far as printing needs it; what is inside is settled by reading the print. */
function isTree(stored: unknown): stored is Template {
  return (
    typeof stored === "object" &&
    stored !== null &&
    "version" in stored &&
    stored.version === 1 &&
    "parts" in stored &&
    Array.isArray(stored.parts)
  );
}
