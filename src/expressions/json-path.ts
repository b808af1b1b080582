// The safe part of RFC 9535 (SR-29). json-p3 reads the text; what it read is taken over piece by piece, so that nothing
// it may learn to understand later gets in, and walked here, where every visit is counted.
import { jsonpath } from "json-p3";
import { ExpressionError } from "./expression-error.ts";
import { copyJson, isList, isObject, type Json } from "./json.ts";

const LONGEST = 1024;
const MOST_SEGMENTS = 32;
const MOST_VISITS = 100_000;
const DEEPEST = 128;
const DEEPEST_FILTER = 32;
const MOST_OUTPUT = 10_485_760;

export interface JsonPath {
  readonly text: string;
  /**
   * What is selected, in the order of RFC 9535, as copies without prototypes. Throws `json_path_too_much` after 100,000
   * visits, below 128 levels, or for more than 10 MiB.
   */
  select(value: Json): readonly Json[];
}

type Selector =
  | { kind: "name"; name: string }
  | { kind: "index"; index: number }
  | { kind: "slice"; start: number | undefined; stop: number | undefined; step: number }
  | { kind: "wildcard" }
  | { kind: "filter"; test: Test };

type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
type Literal = null | boolean | number | string;

type Test =
  | { kind: "and" | "or"; left: Test; right: Test }
  | { kind: "not"; test: Test }
  | { kind: "exists"; path: readonly (string | number)[] }
  | { kind: "compare"; path: readonly (string | number)[]; operator: Comparison; literal: Literal };

interface Segment {
  descends: boolean;
  selectors: readonly Selector[];
}

/** Throws `json_path_invalid`, also for functions, patterns and comparisons of two paths. Up to 1,024 characters. */
export function compileJsonPath(text: string): JsonPath {
  const segments = readSegments(text);
  return {
    text,
    select(value) {
      const visits = { left: MOST_VISITS };
      let nodes: readonly Json[] = [value];
      for (const segment of segments) {
        const next: Json[] = [];
        for (const node of nodes) {
          if (segment.descends) descend(node, segment.selectors, next, visits, 0);
          else for (const selector of segment.selectors) choose(node, selector, next, visits);
        }
        nodes = next;
      }
      return copyJson(nodes, { depth: DEEPEST, size: MOST_OUTPUT, refuse: tooMuch }) as readonly Json[];
    },
  };
}

interface Visits {
  left: number;
}

function visit(visits: Visits): void {
  if (--visits.left < 0) throw tooMuch(`The path visits more than ${MOST_VISITS.toLocaleString("en")} values`);
}

const tooMuch = (why: string) => new ExpressionError("json_path_too_much", why);

function descend(node: Json, selectors: readonly Selector[], found: Json[], visits: Visits, depth: number): void {
  if (depth > DEEPEST) throw tooMuch(`The path goes below ${DEEPEST} levels`);
  visit(visits);
  for (const selector of selectors) choose(node, selector, found, visits);
  for (const child of childrenOf(node)) descend(child, selectors, found, visits, depth + 1);
}

function choose(node: Json, selector: Selector, found: Json[], visits: Visits): void {
  visit(visits);
  const take = (child: Json | undefined) => {
    visit(visits);
    if (child !== undefined) found.push(child);
  };
  switch (selector.kind) {
    case "name":
      take(childAt(node, selector.name));
      return;
    case "index":
      take(isList(node) && selector.index < 0 ? node[node.length + selector.index] : childAt(node, selector.index));
      return;
    case "wildcard":
      for (const child of childrenOf(node)) take(child);
      return;
    case "filter":
      for (const child of childrenOf(node)) take(passes(child, selector.test, visits) ? child : undefined);
      return;
    case "slice":
      if (isList(node)) for (const at of positions(selector, node.length)) take(node[at]);
  }
}

function* childrenOf(node: Json): Iterable<Json> {
  if (isList(node)) yield* node;
  else if (isObject(node)) yield* Object.values(node);
}

function childAt(node: Json, key: string | number): Json | undefined {
  if (typeof key === "number") return isList(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  return isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}

/** RFC 9535, 2.3.4.2.2. */
function* positions({ start, stop, step }: Extract<Selector, { kind: "slice" }>, length: number): Iterable<number> {
  if (step === 0) return;
  const from = (at: number) => (at < 0 ? length + at : at);
  const within = (at: number, least: number, most: number) => Math.min(Math.max(at, least), most);
  if (step > 0) {
    const upper = within(from(stop ?? length), 0, length);
    for (let at = within(from(start ?? 0), 0, length); at < upper; at += step) yield at;
  } else {
    const lower = within(stop === undefined ? -1 : from(stop), -1, length - 1);
    for (let at = within(from(start ?? length - 1), -1, length - 1); at > lower; at += step) yield at;
  }
}

function passes(node: Json, test: Test, visits: Visits): boolean {
  visit(visits);
  switch (test.kind) {
    case "and":
      return passes(node, test.left, visits) && passes(node, test.right, visits);
    case "or":
      return passes(node, test.left, visits) || passes(node, test.right, visits);
    case "not":
      return !passes(node, test.test, visits);
    case "exists":
      return follow(node, test.path, visits) !== undefined;
    case "compare":
      return compare(follow(node, test.path, visits), test.operator, test.literal);
  }
}

function follow(node: Json, path: readonly (string | number)[], visits: Visits): Json | undefined {
  let current: Json | undefined = node;
  for (const key of path) {
    visit(visits);
    if (current === undefined) return undefined;
    current =
      typeof key === "number" && key < 0 && isList(current) ? current[current.length + key] : childAt(current, key);
  }
  return current;
}

/** RFC 9535, 2.3.5.2.2: what is missing equals nothing, and only two numbers or two texts have an order. */
function compare(value: Json | undefined, operator: Comparison, literal: Literal): boolean {
  if (operator === "==") return value === literal;
  if (operator === "!=") return value !== literal;
  const same = value === literal;
  if (operator === "<=" && same) return true;
  if (operator === ">=" && same) return true;
  const ordered =
    (typeof value === "number" && typeof literal === "number") ||
    (typeof value === "string" && typeof literal === "string");
  if (!ordered) return false;
  return operator === "<" || operator === "<=" ? value < literal : value > literal;
}

// Reading: json-p3's tree becomes ours.

const { selectors: selectorsOf, expressions } = jsonpath;

function readSegments(text: string): readonly Segment[] {
  if (text.length > LONGEST) throw invalid(`A JSONPath has at most ${LONGEST} characters`);
  const query = parse(text);
  if (query.segments.length > MOST_SEGMENTS) throw invalid(`A JSONPath has at most ${MOST_SEGMENTS} segments`);
  return query.segments.map((segment) => ({
    // The two classes have the same shape, and json-p3 does not export them.
    descends: segment.toString().startsWith(".."),
    selectors: segment.selectors.map(readSelector),
  }));
}

function parse(text: string) {
  const environment = new jsonpath.JSONPathEnvironment();
  environment.functionRegister.clear();
  try {
    return environment.compile(text);
  } catch (error) {
    // Brackets nested a few hundred deep end json-p3's parser by the stack.
    if (!(error instanceof jsonpath.JSONPathError)) throw invalid("This is not a JSONPath");
    throw invalid("This is not a JSONPath of the part that Hawser understands; functions are not", error.token.index);
  }
}

const invalid = (message: string, at?: number) => new ExpressionError("json_path_invalid", message, at);

function readSelector(selector: jsonpath.JSONPathSelector): Selector {
  if (selector instanceof selectorsOf.NameSelector) return { kind: "name", name: selector.name };
  if (selector instanceof selectorsOf.IndexSelector) return { kind: "index", index: selector.index };
  if (selector instanceof selectorsOf.WildcardSelector) return { kind: "wildcard" };
  if (selector instanceof selectorsOf.SliceSelector) {
    return { kind: "slice", start: selector.start, stop: selector.stop, step: selector.step ?? 1 };
  }
  if (selector instanceof selectorsOf.FilterSelector) return { kind: "filter", test: readTest(selector.expression) };
  throw invalid("This selector is not understood", selector.token.index);
}

function readTest(expression: jsonpath.expressions.FilterExpression, depth = 0): Test {
  if (depth > DEEPEST_FILTER)
    throw invalid(`A filter is nested at most ${DEEPEST_FILTER} deep`, expression.token.index);
  if (expression instanceof expressions.LogicalExpression) return readTest(expression.expression, depth);
  if (expression instanceof expressions.PrefixExpression)
    return { kind: "not", test: readTest(expression.right, depth + 1) };
  if (expression instanceof expressions.FilterQuery) return { kind: "exists", path: readPath(expression) };
  if (expression instanceof expressions.InfixExpression) {
    const { left, operator, right } = expression;
    if (operator === "&&") return { kind: "and", left: readTest(left, depth + 1), right: readTest(right, depth + 1) };
    if (operator === "||") return { kind: "or", left: readTest(left, depth + 1), right: readTest(right, depth + 1) };
    if (isComparison(operator)) {
      if (left instanceof expressions.FilterQuery) {
        return { kind: "compare", path: readPath(left), operator, literal: readLiteral(right) };
      }
      return { kind: "compare", path: readPath(right), operator: mirrored[operator], literal: readLiteral(left) };
    }
  }
  throw invalid("This filter is not understood", expression.token.index);
}

const mirrored = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;
const isComparison = (operator: string): operator is Comparison => Object.hasOwn(mirrored, operator);

function readPath(expression: jsonpath.expressions.FilterExpression): (string | number)[] {
  const { index } = expression.token;
  if (!(expression instanceof expressions.RelativeQuery)) throw invalid("A filter compares @ with a literal", index);
  return expression.path.segments.map((segment) => {
    const [selector, more] = segment.selectors;
    if (more === undefined && !segment.toString().startsWith("..")) {
      if (selector instanceof selectorsOf.NameSelector) return selector.name;
      if (selector instanceof selectorsOf.IndexSelector) return selector.index;
    }
    throw invalid("In a filter, a path behind @ has only names and positions", index);
  });
}

function readLiteral(expression: jsonpath.expressions.FilterExpression): Literal {
  if (expression instanceof expressions.NullLiteral) return null;
  if (
    expression instanceof expressions.StringLiteral ||
    expression instanceof expressions.NumberLiteral ||
    expression instanceof expressions.BooleanLiteral
  ) {
    return expression.value;
  }
  throw invalid("A filter compares @ with a literal", expression.token.index);
}
