/** The `fields` parameter: which parts of an answer are wanted. */
import { DriveRefusal } from "./simulated-failure.ts";

/** The parts that are wanted, each as a whole or in parts again. */
export type Selection = ReadonlyMap<string, Selection | "whole">;

/** The parts that there are. `open` stands for whatever one may ask for. */
export interface Shape {
  readonly [name: string]: Shape | "value" | "open";
}

const known = new Map<Shape, Map<string, Selection>>();
const MOST_KNOWN = 200;

/** `a,b`, `files(id,owners(emailAddress))`, `files/id`, `*`. */
export function readFields(text: string, shape: Shape): Selection {
  const before = known.get(shape) ?? new Map<string, Selection>();
  known.set(shape, before);
  const read = before.get(text) ?? new FieldsReader(text).read(shape);
  if (before.size >= MOST_KNOWN) before.clear();
  before.set(text, read);
  return read;
}

/** The selected parts of a value. A list stands for each of its entries. */
export function select(value: unknown, wanted: Selection | "whole"): unknown {
  if (wanted === "whole" || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => select(entry, wanted));
  const all = value as Record<string, unknown>;
  const selected: Record<string, unknown> = {};
  for (const [name, deeper] of wanted) {
    if (all[name] !== undefined) selected[name] = select(all[name], deeper);
  }
  return selected;
}

class FieldsReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(shape: Shape): Selection {
    if (this.#text.trim() === "") return new Map();
    const selection = this.#list(shape);
    if (this.#at < this.#text.length) throw this.#wrong(this.#text.slice(this.#at));
    return selection;
  }

  #list(shape: Shape): Selection {
    const selection = new Map<string, Selection | "whole">();
    do {
      const name = this.#name();
      if (name === "*") {
        for (const [each, deeper] of Object.entries(shape)) selection.set(each, wholeOf(deeper));
        continue;
      }
      const deeper = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (deeper === undefined) throw this.#wrong(name);
      const inside = this.#inside(deeper, name);
      const before = selection.get(name);
      const joined = before instanceof Map && inside instanceof Map ? new Map([...before, ...inside]) : inside;
      selection.set(name, before === "whole" ? "whole" : joined);
    } while (this.#takes(","));
    return selection;
  }

  #inside(shape: Shape | "value" | "open", name: string): Selection | "whole" {
    const isPath = this.#takes("/");
    if (!isPath && !this.#takes("(")) return wholeOf(shape);
    if (shape === "value") throw this.#wrong(name);
    if (isPath) {
      const next = this.#name();
      if (next === "*") return wholeOf(shape);
      const deeper = shape === "open" ? "open" : Object.hasOwn(shape, next) ? shape[next] : undefined;
      if (deeper === undefined) throw this.#wrong(next);
      return new Map([[next, this.#inside(deeper, next)]]);
    }
    const inside = shape === "open" ? this.#anything() : this.#list(shape);
    if (!this.#takes(")")) throw this.#wrong(this.#text.slice(this.#at));
    return inside;
  }

  #anything(): Selection {
    const selection = new Map<string, "whole">();
    do selection.set(this.#name(), "whole");
    while (this.#takes(","));
    return selection;
  }

  #name(): string {
    const name = /^\s*([A-Za-z0-9_-]+|\*)\s*/.exec(this.#text.slice(this.#at));
    if (!name?.[1]) throw this.#wrong(this.#text.slice(this.#at));
    this.#at += name[0].length;
    return name[1];
  }

  #takes(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #wrong = (what: string): DriveRefusal =>
    new DriveRefusal(400, "invalidParameter", `Invalid field selection ${what}`, { location: "fields" });
}

const wholeOf = (shape: Shape | "value" | "open"): Selection | "whole" =>
  typeof shape === "string"
    ? "whole"
    : new Map(Object.entries(shape).map(([name, deeper]) => [name, wholeOf(deeper)] as const));
