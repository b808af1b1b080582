import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";

const MOST_STEPS = 32;

/** Where a `$ref` leads, through as many others as there are. Undefined for one that leads nowhere, back, or out. */
export class References {
  readonly #document: JsonObject;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  /** The object itself where it is no reference. `path` are the references that led there. */
  follow(value: Json | undefined): { value: JsonObject; path: readonly string[] } | undefined {
    const path: string[] = [];
    let current = value;
    while (isObject(current) && typeof current.$ref === "string") {
      if (path.length === MOST_STEPS || path.includes(current.$ref)) return undefined;
      path.push(current.$ref);
      current = this.find(current.$ref);
    }
    return isObject(current) ? { value: current, path } : undefined;
  }

  object(value: Json | undefined): JsonObject | undefined {
    return this.follow(value)?.value;
  }

  /** Local references only: nothing is fetched (SR-30). */
  find(reference: string): Json | undefined {
    if (!reference.startsWith("#/")) return undefined;
    let current: Json | undefined = this.#document;
    for (const part of decode(reference.slice(2)).split("/")) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (current === undefined || current === null || typeof current !== "object") return undefined;
      if (!Object.hasOwn(current, key)) return undefined;
      current = isList(current) ? current[Number(key)] : current[key];
    }
    return current;
  }
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
