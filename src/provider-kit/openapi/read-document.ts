import { parse } from "yaml";
import { AppError, invalidField } from "#core/errors.ts";
import { copyJson, isObject, type JsonObject } from "#expressions/json.ts";

const MOST_BYTES = 5_242_880;
/** Aliases of YAML may make more of a text than stands in it, but not without end. */
const MOST_EXPANDED = 12_582_912;
const MOST_ALIASES = 1_000;
const DEEPEST = 200;

/**
 * Reads JSON or YAML into plain data; nothing in it is run or fetched.
 * @throws AppError invalid_request at /text
 */
export function readDocument(text: string): JsonObject {
  if (Buffer.byteLength(text) > MOST_BYTES) throw refuse("A document has at most 5 MiB.");
  const parsed = /^[\s\ufeff]*\{/.test(text) ? parseJson(text) : parseYaml(text);
  const document = copyJson(parsed, { depth: DEEPEST, size: MOST_EXPANDED, refuse: (why) => refuse(`${why}.`) });
  if (!isObject(document)) throw refuse("This is not an OpenAPI document.");
  return document;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    // YAML may begin with a brace, too, and may have comments and commas that JSON does not.
    return parseYaml(text);
  }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, {
      schema: "core",
      merge: false,
      stringKeys: true,
      // Comparing each with each takes minutes where there are many; as in JSON, the last one counts.
      uniqueKeys: false,
      maxAliasCount: MOST_ALIASES,
      prettyErrors: false,
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    const at = positionOf(error, text);
    throw refuse(`The text is neither JSON nor YAML${at === undefined ? "" : `: look at line ${at}`}.`);
  }
}

function positionOf(error: unknown, text: string): number | undefined {
  if (!(error instanceof Error) || !("pos" in error) || !Array.isArray(error.pos)) return undefined;
  const [offset]: unknown[] = error.pos;
  return typeof offset === "number" ? text.slice(0, offset).split("\n").length : undefined;
}

const refuse = (detail: string) => invalidField("/text", detail);
