import { fold } from "./folded.ts";
import { isNormalisation, type Normalisation, normalisations } from "./normalise.ts";
import { compilePath, segmentsIn } from "./path-pattern.ts";
import { isFieldName, readRulePattern } from "./rule-pattern.ts";
import type { Found } from "./segment.ts";

/** How metadata is read off the folder that a file lies in. */
export interface MetadataRule {
  /**
   * Such as `/{system}/{equipment}/**`: `{name}` takes a whole name or, with text beside it, the shortest part of one
   * (`{vessel}-{hull}`); `*` is any text within a name, `**` any folders, `\` takes the next character as it is.
   * Everything else has to be there, in whatever case.
   */
  pattern: string;
  /** Field → what is done to its value, in this order. */
  normalise?: Readonly<Record<string, readonly Normalisation[]>>;
  /** Field → value as found (after `normalise`, in whatever case) → value to keep. */
  dictionary?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Field → value, for every folder that the pattern fits. */
  fixed?: Readonly<Record<string, string>>;
}

export interface RuleMatch {
  /** Which rule, counted from 0. */
  rule: number;
  field: string;
  value: string;
  /** What stood in the path, from `start` to before `end`. */
  raw: string;
  start: number;
  end: number;
}

export interface CompiledRules {
  /**
   * The values for a folder: the first rule that has one for a field decides, later ones fill what is still empty.
   * `matches` says where in `folderPath` each came from; fixed values come from nowhere.
   */
  apply(folderPath: string): { values: Record<string, string>; matches: RuleMatch[] };
}

/** A rule that cannot be used: which one, which of its properties, and where in the pattern (from 0) if it is that. */
export class RuleError extends Error {
  override readonly name = "RuleError";
  readonly rule: number;
  readonly property: keyof MetadataRule;
  readonly at: number | undefined;

  constructor(rule: number, property: keyof MetadataRule, message: string, at?: number) {
    super(message);
    this.rule = rule;
    this.property = property;
    this.at = at;
  }
}

const MOST_RULES = 50;
const MOST_FIELDS = 32;
const MOST_ENTRIES = 1000;
const LONGEST_VALUE = 1024;

/** Prepares rules for many paths. Takes time in proportion to the length of a path. Throws `RuleError`. */
export function compileRules(rules: readonly MetadataRule[]): CompiledRules {
  if (rules.length > MOST_RULES) throw new RuleError(MOST_RULES, "pattern", `There are at most ${MOST_RULES} rules`);
  const compiled = rules.map(compileRule);
  return {
    apply(folderPath) {
      const folded = fold(folderPath, false);
      const segments = segmentsIn(folded.text);
      const values = new Map<string, string>();
      const matches: RuleMatch[] = [];
      const found: Found[] = [];
      compiled.forEach(({ fits, finish, fixed }, rule) => {
        found.length = 0;
        if (!fits(folded.text, segments, found)) return;
        for (const { part, start: from, end: to } of found) {
          if (values.has(part)) continue;
          const start = folded.origin(from);
          const end = folded.origin(to);
          const raw = folderPath.slice(start, end);
          const value = finish(part, raw.normalize("NFC"));
          if (value === "") continue;
          values.set(part, value);
          matches.push({ rule, field: part, value, raw, start, end });
        }
        for (const [field, value] of fixed) if (!values.has(field)) values.set(field, value);
      });
      return { values: Object.fromEntries(values), matches };
    },
  };
}

function compileRule(rule: MetadataRule, index: number) {
  const { pieces, parts } = readRulePattern(
    rule.pattern,
    (message, at) => new RuleError(index, "pattern", message, at),
  );
  for (const property of ["normalise", "dictionary"] as const) {
    const stray = Object.keys(rule[property] ?? {}).find((field) => !parts.includes(field));
    if (stray !== undefined) throw new RuleError(index, property, `The pattern has no part {${stray}}`);
  }
  const fixed = Object.entries(rule.fixed ?? {});
  if (fixed.length > MOST_FIELDS) throw new RuleError(index, "fixed", `A rule has at most ${MOST_FIELDS} fixed values`);
  const misnamed = fixed.find(([field]) => !isFieldName(field));
  if (misnamed) throw new RuleError(index, "fixed", `${misnamed[0]} is no name of letters, digits and _`);
  const tooLong = fixed.find(([, value]) => value.length > LONGEST_VALUE);
  if (tooLong)
    throw new RuleError(index, "fixed", `The value of ${tooLong[0]} has more than ${LONGEST_VALUE} characters`);

  const steps = new Map(Object.entries(rule.normalise ?? {}).map(([field, names]) => [field, stepsOf(names, index)]));
  const words = new Map(Object.entries(rule.dictionary ?? {}).map(([field, list]) => [field, wordsOf(list, index)]));
  return {
    fits: compilePath(pieces),
    fixed,
    finish(field: string, raw: string): string {
      const value = (steps.get(field) ?? []).reduce((text, step) => step(text), raw);
      return words.get(field)?.get(fold(value, false).text) ?? value;
    },
  };
}

function stepsOf(names: readonly string[], rule: number): ((text: string) => string)[] {
  return names.map((name) => {
    if (isNormalisation(name)) return normalisations[name];
    throw new RuleError(rule, "normalise", `${name} is none of ${Object.keys(normalisations).join(", ")}`);
  });
}

function wordsOf(list: Readonly<Record<string, string>>, rule: number): Map<string, string> {
  const entries = Object.entries(list);
  if (entries.length > MOST_ENTRIES) {
    throw new RuleError(rule, "dictionary", `A dictionary has at most ${MOST_ENTRIES} entries`);
  }
  const words = new Map<string, string>();
  for (const [found, value] of entries) {
    const key = fold(found, false).text;
    if (words.has(key)) throw new RuleError(rule, "dictionary", `${found} is there twice, in different case`);
    words.set(key, value);
  }
  return words;
}
