import { ExpressionError } from "./expression-error.ts";
import { copyJson, type Json } from "./json.ts";
import { checkPath, type Place, places } from "./place.ts";
import { ResolvedText, SecretHandle } from "./secret-handle.ts";
import { type Placeholder, secretsOf, type Template } from "./template.ts";
import { applyFilter } from "./template-filters.ts";
import { lookUp, nameOf, pathText, suggestion } from "./template-path.ts";

const MOST_OUTPUT = 1_048_576;
const DEEPEST = 128;

/** What placeholders can reach, and nothing else (SR-25). */
export interface Scope {
  /** Steps that have run, in their order: `step_1` is the first of them. */
  readonly steps: readonly { readonly name: string; readonly output: Json }[];
  readonly trigger?: Json;
  /** Inside a for-each. */
  readonly item?: Json;
  /** The names of the workspace's secrets. */
  readonly secrets: readonly string[];
}

/** What is left of 1 MiB of output; several templates of one request may share it. */
export interface OutputBudget {
  left: number;
}

export const newOutputBudget = (): OutputBudget => ({ left: MOST_OUTPUT });

/**
 * Refuses, when a template is saved, what its place never allows: secrets (SR-25), and text of the author's own that
 * the place cannot hold.
 */
export function checkTemplate(template: Template, place: Place): void {
  const rules = places[place];
  const [secret] = secretsOf(template);
  if (secret !== undefined && !rules.secrets) {
    throw new ExpressionError(
      "template_secret_refused",
      `\`${pathText("workspace", [secret])}\` is a secret. Secrets may stand only in header values, query values and bodies`,
    );
  }
  const own = template.parts.filter((part) => typeof part === "string");
  if (rules.literals === "encoded") own.forEach(rules.encode);
  // A placeholder is at least one character that does nothing.
  if (place === "path") checkPath(template.parts.map((part) => (typeof part === "string" ? part : "x")).join(""));
}

/**
 * The text of a template, expanded once: what comes from data is never read as a template (SR-27). Throws
 * `template_path_missing`, `template_value_refused` for what the place cannot hold, `template_secret_refused`, and
 * `template_too_large` beyond 1 MiB.
 */
export function resolveTemplate(
  template: Template,
  scope: Scope,
  place: Place,
  budget: OutputBudget = newOutputBudget(),
): ResolvedText {
  checkTemplate(template, place);
  const { encode, literals } = places[place];
  const parts: (string | SecretHandle)[] = [];
  let text = "";
  for (const part of template.parts) {
    let piece: string;
    if (typeof part === "string") piece = literals === "encoded" ? encode(part) : part;
    else if (part.root === "workspace") {
      if (text !== "") parts.push(text);
      text = "";
      parts.push(secretHandle(part, scope));
      continue;
    } else piece = encode(textOf(part, readValue(part, scope)));
    spend(budget, Buffer.byteLength(piece));
    text += piece;
  }
  if (text !== "") parts.push(text);
  if (place === "path") checkPath(text);
  return new ResolvedText(place, parts);
}

/** A template that is one placeholder keeps the type of its value; any other becomes a text. */
export function resolveLeaf(
  template: Template,
  scope: Scope,
  budget: OutputBudget = newOutputBudget(),
): Json | ResolvedText {
  const [only, more] = template.parts;
  if (only !== undefined && more === undefined && typeof only !== "string" && only.root !== "workspace") {
    const refuse = (why: string) => new ExpressionError("template_too_large", why);
    const value = copyJson(readValue(only, scope), { depth: DEEPEST, size: budget.left, refuse });
    spend(budget, sizeOf(value));
    return value;
  }
  const resolved = resolveTemplate(template, scope, "json", budget);
  return resolved.secrets.length === 0 ? resolved.toString() : resolved;
}

/** The value of a placeholder that is no secret; throws `template_path_missing` where there is none and no default. */
function readValue(placeholder: Placeholder, scope: Scope): Json {
  const { root, path, filters } = placeholder;
  if (root === "workspace") throw new ExpressionError("template_secret_refused", "A secret cannot stand here");
  const looked = lookUpRoot(placeholder, scope);
  let value: Json | undefined = looked.found ? looked.value : undefined;
  for (const filter of filters) value = applyFilter(filter, value);
  if (value === undefined) {
    const because = looked.found ? `\`${pathText(root, path)}\` is an empty list.` : looked.because;
    throw new ExpressionError("template_path_missing", because);
  }
  return value;
}

function lookUpRoot({ root, path }: Placeholder, scope: Scope) {
  if (root === "trigger" || root === "item") {
    const value = scope[root];
    if (value !== undefined) return lookUp(value, path, root);
    const why = root === "item" ? "only inside a for-each" : "nothing was handed over by the trigger";
    return { found: false as const, because: `\`${root}\` does not exist here: ${why}.` };
  }
  if (root === "steps") {
    const wanted = String(path[0]);
    const step = scope.steps.find(({ name }) => name === wanted);
    if (step) return lookUp(step.output, path, root, 1);
    const names = scope.steps.map(({ name }) => name);
    const hint =
      names.length === 0
        ? "No step has run before this one."
        : suggestion(names, wanted, (name) => pathText("steps", [name]), "`steps`");
    return { found: false as const, because: `\`${pathText("steps", [wanted])}\` does not exist. ${hint}` };
  }
  const step = scope.steps[Number(root.slice("step_".length)) - 1];
  if (step) return lookUp(step.output, path, root);
  return {
    found: false as const,
    because: `\`${root}\` does not exist: ${scope.steps.length} steps have run before this one.`,
  };
}

function secretHandle({ path }: Placeholder, { secrets }: Scope): SecretHandle {
  const name = String(path[0]);
  if (secrets.includes(name)) return new SecretHandle(name);
  const hint =
    secrets.length === 0
      ? "The workspace has no secrets yet."
      : suggestion(secrets, name, (other) => pathText("workspace", [other]), "`workspace`");
  throw new ExpressionError("template_path_missing", `\`${pathText("workspace", [name])}\` does not exist. ${hint}`);
}

/** Never a list, an object or null in silence: nobody means `[object Object]`. */
function textOf({ root, path }: Placeholder, value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const help = value === null ? 'add | default("…")' : "name one value in it, or add | json";
  throw new ExpressionError(
    "template_value_refused",
    `\`${pathText(root, path)}\` is ${nameOf(value)}, which cannot stand in a text: ${help}`,
  );
}

function spend(budget: OutputBudget, bytes: number): void {
  budget.left -= bytes;
  if (budget.left < 0) throw new ExpressionError("template_too_large", "What the templates give is larger than 1 MiB");
}

const sizeOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
