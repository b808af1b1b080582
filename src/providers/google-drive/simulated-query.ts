/** The `q` parameter: the part of Drive's query language that is needed to find files. */
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { invalidValue } from "./simulated-failure.ts";

/** What a condition may ask of a file; who asks is known there. */
export interface QueriedFile {
  name(node: SimNode): string;
  mimeType(node: SimNode): string;
  isTrashed(node: SimNode): boolean;
  isSharedWithMe(node: SimNode): boolean;
  isIn(node: SimNode, folder: string): boolean;
  isOwnedBy(node: SimNode, account: string): boolean;
  targetOf(node: SimNode): string | undefined;
}

export type Condition = (node: SimNode, of: QueriedFile) => boolean;

export interface Query {
  matches: Condition;
  /** Where all that matches lies in one of these folders. */
  folders: readonly string[] | undefined;
}

interface Part {
  matches: Condition;
  folders?: readonly string[] | undefined;
}

/** More alternatives than these were seen to find nothing, without a word. */
const MOST_FOLDERS = 50;

const known = new Map<string, Query>();
const MOST_KNOWN = 1_000;

export function readQuery(text: string): Query {
  const before = known.get(text);
  if (before) return before;
  const { matches, folders } = new QueryReader(text).read();
  const query: Query = {
    matches: folders && folders.length > MOST_FOLDERS ? () => false : matches,
    folders,
  };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, query);
  return query;
}

type Token = { kind: "word" | "sign"; text: string } | { kind: "text"; text: string };

class QueryReader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  read(): Part {
    const part = this.#or();
    if (this.#at < this.#tokens.length) throw invalidValue("q");
    return part;
  }

  #or(): Part {
    let left = this.#and();
    while (this.#takes("or")) {
      const [one, other] = [left, this.#and()];
      left = {
        matches: (node, of) => one.matches(node, of) || other.matches(node, of),
        folders: one.folders && other.folders && [...one.folders, ...other.folders],
      };
    }
    return left;
  }

  #and(): Part {
    let left = this.#not();
    while (this.#takes("and")) {
      const [one, other] = [left, this.#not()];
      left = {
        matches: (node, of) => one.matches(node, of) && other.matches(node, of),
        folders: one.folders ?? other.folders,
      };
    }
    return left;
  }

  #not(): Part {
    if (this.#takes("not")) {
      const { matches } = this.#not();
      return { matches: (node, of) => !matches(node, of) };
    }
    if (!this.#takes("(")) return this.#term();
    const inside = this.#or();
    if (!this.#takes(")")) throw invalidValue("q");
    return inside;
  }

  #term(): Part {
    const first = this.#next();
    if (first.kind === "text") {
      if (!this.#takes("in")) throw invalidValue("q");
      const { text } = first;
      switch (this.#word()) {
        case "parents":
          return { matches: (node, of) => of.isIn(node, text), folders: [text] };
        case "owners":
          return { matches: (node, of) => of.isOwnedBy(node, text) };
        case "writers":
        case "readers":
          return { matches: (node, of) => of.isOwnedBy(node, text) };
        default:
          throw invalidValue("q");
      }
    }
    const operator = this.#next().text;
    return { matches: conditionOf(first.text, operator, this.#next()) };
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw invalidValue("q");
    this.#at += 1;
    return token;
  }

  #word(): string {
    const { kind, text } = this.#next();
    if (kind !== "word") throw invalidValue("q");
    return text;
  }

  #takes(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind === "text" || token?.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

function conditionOf(term: string, operator: string, value: Token): Condition {
  const { kind, text } = value;
  const is = equality(operator);
  if (kind === "word") {
    if ((text !== "true" && text !== "false") || !is) throw invalidValue("q");
    const wanted = text === "true";
    if (term === "trashed") return (node, of) => is(of.isTrashed(node) === wanted);
    if (term === "sharedWithMe") return (node, of) => is(of.isSharedWithMe(node) === wanted);
    if (term === "starred") return () => is(!wanted);
    throw invalidValue("q");
  }
  switch (term) {
    case "name":
    case "fullText": {
      const wanted = text.toLowerCase();
      if (operator === "contains") return (node, of) => hasWord(of.name(node).toLowerCase(), wanted);
      if (term === "fullText" || !is) throw invalidValue("q");
      return (node, of) => is(of.name(node).toLowerCase() === wanted);
    }
    case "mimeType":
      if (operator === "contains") return (node, of) => of.mimeType(node).startsWith(text);
      if (!is) throw invalidValue("q");
      return (node, of) => is(of.mimeType(node) === text);
    case "shortcutDetails.targetId":
      if (!is) throw invalidValue("q");
      return (node, of) => is(of.targetOf(node) === text);
    case "modifiedTime":
    case "createdTime": {
      const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
      const holds = order[operator];
      if (Number.isNaN(at) || !holds) throw invalidValue("q");
      return (node) => holds(term === "modifiedTime" ? node.modifiedAt : node.createdAt, at);
    }
    default:
      throw invalidValue("q");
  }
}

const equality = (operator: string): ((same: boolean) => boolean) | undefined =>
  operator === "=" ? (same) => same : operator === "!=" ? (same) => !same : undefined;

const order: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  "=": (one, other) => one === other,
  "!=": (one, other) => one !== other,
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
};

/** `contains` looks at the beginnings of words only. */
function hasWord(name: string, wanted: string): boolean {
  for (let at = name.indexOf(wanted); at >= 0; at = name.indexOf(wanted, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(name[at - 1] ?? "")) return true;
  }
  return false;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const shape = /\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z.]+)|(<=|>=|!=|[=<>()]))\s*/y;
  while (shape.lastIndex < text.length) {
    const found = shape.exec(text);
    if (!found) throw invalidValue("q");
    const [, quoted, word, sign] = found;
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replace(/\\(.)/gs, "$1") });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else tokens.push({ kind: "sign", text: sign ?? "" });
  }
  return tokens;
}
