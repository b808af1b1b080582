import { z } from "zod";
import { ExpressionError } from "#expressions/expression-error.ts";
import { checkPath } from "#expressions/place.ts";
import { checkTemplate } from "#expressions/resolve.ts";
import { placeholdersOf, type Template } from "#expressions/template.ts";
import { parseTemplateValue, type TemplateValue } from "#expressions/template-value.ts";
import { withoutPlaceholders } from "./address.ts";
import { camelKeys } from "./camel-keys.ts";
import { headerName, jsonPath, line, paramName, record, templateText, text } from "./shapes.ts";

const MOST_ITEMS = 100_000;

/** As in `/users/{id}/files`; what stands in braces is a parameter, a variable or what the provider told. */
export const path = z
  .string()
  .min(1)
  .max(2048)
  .superRefine((written, context) => {
    try {
      checkPath(withoutPlaceholders(written));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const message = error instanceof ExpressionError ? `${error.message}.` : error.message;
      context.addIssue({ code: "custom", message });
    }
  });

export const fixedHeaders = record(headerName, templateText("header"), 50);
export const fixedQuery = record(paramName, templateText("query"), 50);

/** Where an input goes in the request. Its shape is the schema's. */
const parameter = z
  .strictObject({
    name: paramName,
    in: z.enum(["path", "query", "header"]),
    /** The input's property, where it is called otherwise. */
    input: paramName.exactOptional(),
    required: z.boolean().exactOptional(),
    /** How a list or an object is written: `a=1&a=2`, `a=1,2`, `a=1|2`, `a=1%202`, `a[]=1&a[]=2`, `a[x]=1`, or JSON. */
    style: z.enum(["repeat", "comma", "pipe", "space", "brackets", "deep_object", "json"]).exactOptional(),
  })
  .refine((given) => given.in !== "header" || headerName.safeParse(given.name).success, {
    error: "No header that can be set is called so.",
    path: ["name"],
  });

export type Parameter = z.output<typeof parameter>;

const fixedBody = z.custom<Readonly<Record<string, unknown>>>().superRefine((written, context) => {
  if (typeof written !== "object" || written === null || Array.isArray(written)) {
    context.addIssue({ code: "custom", message: "The fixed part of a body is an object." });
    return;
  }
  try {
    for (const template of templatesIn(parseTemplateValue(written))) {
      if (placeholdersOf(template).some(({ root }) => root !== "workspace")) {
        throw new ExpressionError("template_invalid", "Only {{ workspace.<secret> }} can stand in a body");
      }
      checkTemplate(template, "json");
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    context.addIssue({ code: "custom", message: `${error.message}.` });
  }
});

function templatesIn(value: TemplateValue): Template[] {
  switch (value.kind) {
    case "literal":
      return [];
    case "template":
      return [value.template];
    case "list":
      return value.entries.flatMap(templatesIn);
    case "object":
      return value.entries.flatMap(([, entry]) => templatesIn(entry));
  }
}

const body = z.strictObject({
  kind: z.enum(["json", "form"]),
  /** The input's property that is the whole body. Without it, the body is every input that is no parameter. */
  input: paramName.exactOptional(),
  /** Always sent, over what the input says. */
  fixed: fixedBody.exactOptional(),
});

const ofPages = {
  /** Where the items of a page are. */
  items: jsonPath,
  max_items: z.int().min(1).max(MOST_ITEMS).default(1000),
};
const size = { size_param: paramName.exactOptional(), size: z.int().min(1).max(10_000).exactOptional() };

const pagination = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z
    .strictObject({ kind: z.literal("cursor"), ...ofPages, ...size, cursor: jsonPath, param: paramName })
    .transform(camelKeys),
  /** Without `next`, the header `Link` with `rel="next"` (RFC 8288). */
  z.strictObject({ kind: z.literal("link"), ...ofPages, ...size, next: jsonPath.exactOptional() }).transform(camelKeys),
  z
    .strictObject({
      kind: z.literal("offset"),
      ...ofPages,
      ...size,
      param: paramName,
      start: z.int().min(0).default(0),
    })
    .transform(camelKeys),
  z
    .strictObject({ kind: z.literal("page"), ...ofPages, ...size, param: paramName, start: z.int().min(0).default(1) })
    .transform(camelKeys),
]);

export type Pagination = z.output<typeof pagination>;

/** One JSONPath for all of the output, or one for each name in it. */
const output = z.union([jsonPath, record(paramName, jsonPath, 200)]);

export type OutputMapping = z.output<typeof output>;

// Whether it can be compiled is asked when it is saved (`checkInputs`) and when it is used: there may be many of them.
const schema = z.custom<Readonly<Record<string, unknown>>>(
  (written) => typeof written === "object" && written !== null && !Array.isArray(written),
  "This is a JSON Schema, which is an object.",
);

export const actionShape = z
  .strictObject({
    key: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,127}$/, "A key is of small letters, digits and _, and begins with a letter."),
    name: line(255),
    description: text(2000).exactOptional(),
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path,
    parameters: z.array(parameter).max(100).default([]),
    headers: fixedHeaders.exactOptional(),
    query: fixedQuery.exactOptional(),
    body: body.exactOptional(),
    input: schema.default({ type: "object", properties: {}, additionalProperties: false }),
    pagination: pagination.default({ kind: "none" }),
    output: output.exactOptional(),
    /** JSON Schema of what the provider answers, for people who map it. Nothing is refused by it. */
    answer: schema.exactOptional(),
    /** Seconds that an answer may be kept and given again. */
    cache_ttl_s: z.int().min(1).max(86_400).exactOptional(),
    /** GET reads and everything else writes, unless said. */
    effect: z.enum(["reads", "writes"]).exactOptional(),
    /** A header that takes a key of ours, by which the provider knows a repeat. */
    idempotency_header: headerName.exactOptional(),
  })
  .superRefine((action, context) => {
    const refuse = (at: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path: at, message });
    if (action.body && action.method === "GET") refuse(["body"], "A GET has no body.");
    if (action.cache_ttl_s !== undefined && (action.effect ?? readsBy(action.method)) !== "reads") {
      refuse(["cache_ttl_s"], "Only the answer of an action that reads can be kept.");
    }
    const inputs = new Set<string>();
    for (const [at, one] of action.parameters.entries()) {
      const property = one.input ?? one.name;
      if (inputs.has(property)) refuse(["parameters", at], `Two parameters are filled from "${property}".`);
      inputs.add(property);
      if (one.in === "path" && !action.path.includes(`{${one.name}}`)) {
        refuse(["parameters", at, "name"], `The path has no {${one.name}}.`);
      }
    }
    if (action.body?.input !== undefined && inputs.has(action.body.input)) {
      refuse(["body", "input"], "This input is a parameter already.");
    }
    if (action.body?.kind === "form" && Object.values(action.body.fixed ?? {}).some((v) => typeof v === "object")) {
      refuse(["body", "fixed"], "The fixed values of a form are texts, numbers, true or false.");
    }
  })
  .transform(camelKeys);

export type ActionDefinition = z.output<typeof actionShape>;

export const readsBy = (method: string): "reads" | "writes" => (method === "GET" ? "reads" : "writes");
