import { ExpressionError } from "./expression-error.ts";
import { copyJson, isList, isObject, type Json, type JsonObject, sameJson } from "./json.ts";
import { compileLinearPattern } from "./linear-pattern.ts";
import { newOutputBudget, type OutputBudget, type Scope } from "./resolve.ts";
import { fillSecrets } from "./secret-handle.ts";
import { nameOf } from "./template-path.ts";
import { parseTemplateValue, resolveValue, secretsIn, type TemplateValue } from "./template-value.ts";

const DEEPEST = 16;
const MOST = 256;
const LARGEST = 262_144;
const LONGEST_MATCHED = 10_000;

type Comparing = keyof typeof comparisons;
type Asking = "exists" | "is_empty";

/** Conditions are data (SR-29): no text is ever evaluated. Made by `parseCondition` from what is stored. */
export type Condition =
  | { readonly kind: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "ask"; readonly left: TemplateValue; readonly operator: Asking }
  | {
      readonly kind: "compare";
      readonly left: TemplateValue;
      readonly operator: Comparing;
      readonly right: TemplateValue;
    }
  | { readonly kind: "match"; readonly left: TemplateValue; readonly pattern: string };

/**
 * Reads `{ left, operator, right }`, `{ all: […] }`, `{ any: […] }` or `{ not: … }`. Texts in `left` and `right` are
 * templates; secrets are refused. Throws `condition_invalid` beside what templates and patterns throw; up to 256
 * conditions, nested 16 deep.
 */
export function parseCondition(written: unknown): Condition {
  let left = MOST;
  const parse = (value: Json | undefined, depth: number): Condition => {
    if (depth > DEEPEST || --left < 0) {
      throw invalid(`Conditions are at most ${MOST}, nested at most ${DEEPEST} deep`);
    }
    if (!isObject(value)) throw invalid("A condition is an object with left and operator, or with all, any or not");
    const keys = Object.keys(value).sort().join();
    const { all, any, not } = value;
    const list = all ?? any;
    if ((keys === "all" || keys === "any") && list !== undefined && isList(list)) {
      return { kind: keys, of: list.map((entry) => parse(entry, depth + 1)) };
    }
    if (keys === "not") return { kind: "not", of: parse(not, depth + 1) };
    return parseSimple(value, keys);
  };
  // Two levels of JSON for one of conditions, and room for the value that is compared.
  return parse(copyJson(written, { depth: 2 * DEEPEST + 32, size: LARGEST, refuse: invalid }), 1);
}

function parseSimple(value: JsonObject, keys: string): Condition {
  const { operator, right } = value;
  const hasRight = keys === "left,operator,right";
  if ((!hasRight && keys !== "left,operator") || typeof operator !== "string") {
    throw invalid("A condition has left, operator and, for most operators, right");
  }
  const left = operand(value.left);
  if (operator === "exists" || operator === "is_empty") {
    if (hasRight) throw invalid(`\`${operator}\` has no right side`);
    return { kind: "ask", left, operator };
  }
  if (!hasRight) throw invalid(`\`${operator}\` needs a right side`);
  if (operator === "matches") {
    if (typeof right !== "string") throw invalid("The right side of `matches` is a pattern");
    compileLinearPattern(right);
    return { kind: "match", left, pattern: right };
  }
  if (!isComparing(operator)) throw invalid("There is no such operator");
  return { kind: "compare", left, operator, right: operand(right) };
}

function operand(written: Json | undefined): TemplateValue {
  const value = parseTemplateValue(written);
  if (secretsIn(value).length > 0) {
    throw new ExpressionError("template_secret_refused", "A condition cannot look at a secret");
  }
  return value;
}

/**
 * Whether a condition holds. `all` and `any` stop where the answer is known. Throws what templates throw, a missing path
 * for all but `exists` and `is_empty`, and `condition_not_comparable` where the two sides have no order.
 */
export function holds(condition: Condition, scope: Scope, budget: OutputBudget = newOutputBudget()): boolean {
  const read = (value: TemplateValue): Json =>
    fillSecrets(resolveValue(value, scope, budget), () => {
      throw new ExpressionError("template_secret_refused", "A condition cannot look at a secret");
    });
  switch (condition.kind) {
    case "all":
      return condition.of.every((one) => holds(one, scope, budget));
    case "any":
      return condition.of.some((one) => holds(one, scope, budget));
    case "not":
      return !holds(condition.of, scope, budget);
    case "compare":
      return comparisons[condition.operator](read(condition.left), read(condition.right));
    case "match": {
      const subject = textSide(read(condition.left), "matches");
      if (subject.length > LONGEST_MATCHED) {
        throw notComparable(`\`matches\` looks at texts of at most ${LONGEST_MATCHED} characters`);
      }
      return compileLinearPattern(condition.pattern).matches(subject);
    }
    case "ask": {
      const found = unlessMissing(() => read(condition.left));
      return condition.operator === "exists" ? found !== undefined : isEmpty(found);
    }
  }
}

/** Nothing is converted: the text "3" is not the number 3. */
const comparisons = {
  equals: (left: Json, right: Json) => sameJson(left, right),
  not_equals: (left: Json, right: Json) => !sameJson(left, right),
  contains(left: Json, right: Json) {
    if (isList(left)) return left.some((entry) => sameJson(entry, right));
    return textSide(left, "contains").includes(textSide(right, "contains"));
  },
  starts_with: (left: Json, right: Json) => textSide(left, "starts_with").startsWith(textSide(right, "starts_with")),
  ends_with: (left: Json, right: Json) => textSide(left, "ends_with").endsWith(textSide(right, "ends_with")),
  greater: (left: Json, right: Json) => order(left, right) > 0,
  less: (left: Json, right: Json) => order(left, right) < 0,
  greater_or_equal: (left: Json, right: Json) => order(left, right) >= 0,
  less_or_equal: (left: Json, right: Json) => order(left, right) <= 0,
} as const;

const isComparing = (operator: string): operator is Comparing => Object.hasOwn(comparisons, operator);

/** Texts are ordered by their characters, so dates as 2026-01-31 are ordered as dates. */
function order(left: Json, right: Json): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  throw notComparable(`${nameOf(left)} and ${nameOf(right)} have no order; compare two numbers or two texts`);
}

function textSide(value: Json, operator: string): string {
  if (typeof value === "string") return value;
  throw notComparable(`\`${operator}\` compares texts, and this is ${nameOf(value)}`);
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function unlessMissing(read: () => Json): Json | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ExpressionError && error.code === "template_path_missing") return undefined;
    throw error;
  }
}

const invalid = (message: string) => new ExpressionError("condition_invalid", message);
const notComparable = (message: string) => new ExpressionError("condition_not_comparable", message);
