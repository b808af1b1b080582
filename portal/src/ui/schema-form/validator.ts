import { type OutputUnit, Validator } from "@cfworker/json-schema";
import type { ErrorSchema, FormContextType, RJSFSchema, RJSFValidationError, ValidatorType } from "@rjsf/utils";
import { toErrorSchema } from "@rjsf/utils";
import type { FormValue } from "./form-value.ts";

/**
 * Checks forms without compiling anything: Ajv builds a function from text, which the page policy forbids. The words
 * are ours, because "does not match pattern" helps nobody.
 */
export const validator: ValidatorType<FormValue, RJSFSchema, FormContextType> = {
  validateFormData(formData, schema) {
    const errors = check(schema, formData ?? {}).flatMap((unit) => toFormErrors(unit, schema));
    return { errors, errorSchema: toErrorSchema<FormValue>(errors) as ErrorSchema<FormValue> };
  },
  isValid(schema, formData, rootSchema) {
    const withDefinitions = { ...rootSchema.$defs, ...rootSchema.definitions };
    return check({ $defs: withDefinitions, definitions: withDefinitions, ...schema }, formData).length === 0;
  },
  rawValidation: (schema, formData) => ({ errors: check(schema, formData) as never[] }),
};

function check(schema: RJSFSchema, value: unknown): OutputUnit[] {
  // Fields left empty are absent, as they will be in the JSON that is sent.
  const sent: unknown = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  const result = new Validator(schema as ConstructorParameters<typeof Validator>[0], "2020-12", false).validate(sent);
  return result.valid ? [] : result.errors;
}

// Units that only say that something below them is wrong.
const carriers = new Set([
  "properties",
  "items",
  "prefixItems",
  "allOf",
  "anyOf",
  "$ref",
  "additionalProperties",
  "dependentSchemas",
  "then",
  "else",
  "if",
]);

function toFormErrors(unit: OutputUnit, schema: RJSFSchema): RJSFValidationError[] {
  if (carriers.has(unit.keyword)) return [];
  const path = unit.instanceLocation.split("/").slice(1).map(decode);
  if (unit.keyword === "required") {
    const missing = /"([^"]+)"/.exec(unit.error)?.[1];
    if (missing) path.push(missing);
  }
  const rule = lookUp(schema, unit.keywordLocation);
  const message = words(unit.keyword, rule) ?? unit.error;
  return [{ name: unit.keyword, property: path.join("."), message, stack: message }];
}

function words(keyword: string, rule: unknown): string | undefined {
  switch (keyword) {
    case "required":
      return "This is needed.";
    case "minLength":
      return rule === 1 ? "This is needed." : `Use at least ${rule} characters.`;
    case "maxLength":
      return `Use at most ${rule} characters.`;
    case "minimum":
      return `Use ${rule} or more.`;
    case "maximum":
      return `Use ${rule} or less.`;
    case "minItems":
      return rule === 1 ? "Add at least one." : `Add at least ${rule}.`;
    case "maxItems":
      return `Leave at most ${rule}.`;
    case "enum":
    case "const":
      return "Choose one of the values offered.";
    case "format":
      return formatWords[String(rule)] ?? "This does not have the form that is expected.";
    case "pattern":
      return "This does not have the form that is expected.";
    case "type":
      return rule === "integer" ? "Use a whole number." : rule === "number" ? "Use a number." : "This is needed.";
    default:
      return undefined;
  }
}

const formatWords: Record<string, string> = {
  uri: "Use a full address, such as https://example.org.",
  email: "That is not an e-mail address.",
  date: "Use a date, such as 2026-11-03.",
  "date-time": "Use a date with time.",
};

/** The value at a schema location such as `#/properties/url/format`. */
function lookUp(schema: unknown, location: string): unknown {
  let found = schema;
  for (const part of location.split("/").slice(1)) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key === decode(part))?.[1];
  }
  return found;
}

const decode = (part: string) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
