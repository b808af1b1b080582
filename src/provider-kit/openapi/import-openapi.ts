import { invalidField } from "#core/errors.ts";
import { isObject, type Json } from "#expressions/json.ts";
import { importAction, operationsOf } from "./import-action.ts";
import { importServer } from "./import-servers.ts";
import { importSignIn } from "./import-sign-in.ts";
import { Names, oneLineOf } from "./names.ts";
import { readDocument } from "./read-document.ts";
import { References } from "./references.ts";
import { type ImportReport, Reporter } from "./report.ts";

const MOST_ACTIONS = 2000;
/** What a definition may be in the database, with room for what people add. */
const MOST_CHARACTERS = 5_000_000;

export interface Imported {
  /** A definition as its author would have written it; `base_url` is empty where the document does not tell it. */
  definition: Record<string, Json>;
  report: ImportReport;
}

/**
 * Reads an OpenAPI document of version 3.0 or 3.1, JSON or YAML, as the draft of a custom provider. Nothing is fetched
 * and nothing is run (SR-30). Takes seconds for the largest documents: not for the main thread.
 * @throws AppError invalid_request at /text
 */
export function importOpenapi(text: string): Imported {
  const document = readDocument(text);
  const openapi = versionOf(document);
  const references = new References(document);
  const reporter = new Reporter();
  const info = isObject(document.info) ? document.info : {};
  const title = oneLineOf(info.title, 100) ?? "Imported API";
  const description = oneLineOf(info.description, 500) ?? oneLineOf(info.summary, 500);
  const { baseUrl, variables } = importServer(document, reporter);
  const auth = importSignIn(document, baseUrl, references, reporter);

  const actions: Json[] = [];
  const keys = new Names();
  let left = MOST_CHARACTERS;
  let leftForAnswers = MOST_CHARACTERS / 2;
  for (const operation of operationsOf(document, references, reporter)) {
    const where = `${operation.method} ${operation.path}`;
    if (actions.length === MOST_ACTIONS) {
      reporter.leaveOut(where, `A provider has at most ${MOST_ACTIONS} actions.`);
      continue;
    }
    const action = importAction(operation, { references, reporter, keys });
    if (!action) continue;
    if (JSON.stringify(action.answer ?? null).length > leftForAnswers) delete action.answer;
    leftForAnswers -= JSON.stringify(action.answer ?? null).length;
    const size = JSON.stringify(action).length;
    if (size > left) {
      reporter.leaveOut(where, "The definition would be larger than can be kept.");
      continue;
    }
    left -= size;
    actions.push(action);
  }

  return {
    definition: {
      display_name: title,
      ...(description !== undefined && { description }),
      base_url: baseUrl,
      ...(variables.length > 0 && { variables }),
      auth,
      actions,
    },
    report: { title, openapi, actions: actions.length, leftOut: reporter.leftOut, notes: reporter.notes },
  };
}

function versionOf(document: { readonly [key: string]: Json }): string {
  const { openapi, swagger } = document;
  if (typeof openapi === "string" && /^3\.[01]\.\d{1,3}(?:-\w+)?$/.test(openapi)) return openapi;
  if (swagger !== undefined) {
    throw invalidField(
      "/text",
      "This is Swagger 2.0. Convert it to OpenAPI 3 first, for example at editor.swagger.io.",
    );
  }
  throw invalidField("/text", "This is not an OpenAPI document of version 3.0 or 3.1.");
}
