import { parseTemplate, secretsOf } from "#expressions/template.ts";
import { parseTemplateValue, secretsIn } from "#expressions/template-value.ts";
import type { Definition } from "./definition.ts";

/** The names of the workspace secrets that a definition's requests use. */
export function secretNamesIn(definition: Definition): ReadonlySet<string> {
  const texts = [definition, ...definition.actions].flatMap(({ headers, query }) => [
    ...Object.values(headers ?? {}),
    ...Object.values(query ?? {}),
  ]);
  const bodies = definition.actions.flatMap(({ body }) => (body?.fixed === undefined ? [] : [body.fixed]));
  return new Set([
    ...texts.filter((text) => text.includes("{{")).flatMap((text) => secretsOf(parseTemplate(text))),
    ...bodies.flatMap((body) => secretsIn(parseTemplateValue(body))),
  ]);
}
