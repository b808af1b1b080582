// YAML of somebody else's, within limits: no aliases that multiply, no tags that make objects, no depth that overflows.
import { Document, isAlias, isCollection, isNode, isPair, isScalar, parseDocument, visit } from "yaml";
import { invalidField } from "#core/errors.ts";
import { copyJson, type Json } from "#expressions/json.ts";

const MOST_BYTES = 5_242_880;
const DEEPEST = 64;

/**
 * Reads a YAML 1.2 document as JSON; its objects have no prototype.
 * @throws AppError invalid_request at /yaml, with the line
 */
export function readYaml(text: string): Json {
  if (Buffer.byteLength(text) > MOST_BYTES) throw refused("The file is larger than 5 MiB.");
  let value: unknown;
  try {
    const document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: "error",
    });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw refused(`Line ${lineOf(text, problem.pos[0])} of the file is not YAML that can be read here.`);
    refuseReferences(document, text);
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    // The library follows the nesting of the text by calling itself.
    if (error instanceof RangeError) throw refused(tooDeep);
    throw error;
  }
  const json = copyJson(value, { depth: DEEPEST, size: 4 * MOST_BYTES, refuse: (why) => refused(`${why}.`) });
  // JSON writes both as escapes, so that they are found in names and values alike.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(JSON.stringify(json))) {
    throw refused("The file has a NUL or half of a character in it.");
  }
  return json;
}

/** The same value as text, always the same; long texts stay on one line. */
export const writeYaml = (value: Json): string =>
  new Document(value, { version: "1.2", schema: "core", aliasDuplicateObjects: false }).toString({ lineWidth: 0 });

const tooDeep = `The file is nested deeper than ${DEEPEST} levels.`;

function refuseReferences(document: Document.Parsed, text: string): void {
  visit(document, (_, node, path) => {
    if (path.length > 3 * DEEPEST) throw refused(tooDeep);
    if (isAlias(node))
      throw refused(`Line ${lineOf(text, node.range?.[0])} refers to another place (*). Write the value out.`);
    if (isPair(node) && !(isScalar(node.key) && typeof node.key.value === "string")) {
      const at = isNode(node.key) ? node.key.range?.[0] : undefined;
      throw refused(`Line ${lineOf(text, at)} has a name that is no text. Put it in quotes.`);
    }
    if ((isScalar(node) || isCollection(node)) && node.tag?.startsWith("!")) {
      throw refused(`Line ${lineOf(text, node.range?.[0])} has a type of its own (!). Only plain values can be read.`);
    }
  });
}

const lineOf = (text: string, at = 0): number => text.slice(0, at).split("\n").length;

const refused = (detail: string) => invalidField("/yaml", detail, "invalid_yaml");
