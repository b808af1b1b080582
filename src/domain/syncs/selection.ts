import { AppError, type FieldError } from "#core/errors.ts";
import { type CompiledRules, compileRules, type MetadataRule as PathRule, RuleError } from "#expressions/path-rule.ts";
import { compileGlob, type Glob, PatternError } from "#expressions/pattern.ts";

export interface Filters {
  /** Globs over the path below the drive; none: everything. */
  include: string[];
  exclude: string[];
  /** Extensions such as `pdf`, globs over the name such as `report-*`, media types such as `image/*`; `*` or none: all. */
  types: string[];
  min_bytes: number | null;
  max_bytes: number | null;
}

type Normalization = "trim" | "collapse_spaces" | "lower" | "upper" | "title" | "strip_numbering";

/** How metadata is read off the folder that a file lies in: a pattern with named parts, such as `/{system}/{kind}/**`. */
export interface MetadataRule {
  pattern: string;
  /** For a named part: how its value is normalised, and which values it may be mapped to. */
  parts: Record<string, { normalize: Normalization[]; dictionary: Record<string, string> }>;
  /** Fixed values for folders that the pattern fits. */
  set: Record<string, string>;
}

/** A file as filters see it. `path` is the full path of the file below the drive, without a leading `/`. */
interface FileToJudge {
  name: string;
  path: string;
  size: number | undefined;
  mediaType: string | undefined;
}

type SkipReason = "excluded" | "not_included" | "type" | "too_small" | "too_large";

type Verdict = { keep: true } | { keep: false; reason: SkipReason };

/** Where a value stands in a folder's path, from `start` to before `end`. */
export interface PartMatch {
  rule: number;
  part: string;
  value: string;
  start: number;
  end: number;
}

export interface Selection {
  judge(file: FileToJudge): Verdict;
  /** What the rules read off a folder's path. The first rule that has a value for a part decides. */
  metadata(folderPath: string): Record<string, string>;
  matches(folderPath: string): PartMatch[];
  /** The same values, each with the rule that it came from. */
  explain(folderPath: string): { part: string; value: string; rule: number; pattern: string }[];
}

/**
 * Prepares filters and rules for many files. Pure; takes time in proportion to the length of a path.
 * @throws AppError invalid_request with a pointer to every filter and rule that cannot be read
 */
export function compileSelection({ filters, rules }: { filters: Filters; rules: readonly MetadataRule[] }): Selection {
  const errors: FieldError[] = [];
  const excluded = compileGlobs(filters.exclude, "/filters/exclude", errors);
  const included = compileGlobs(filters.include, "/filters/include", errors);
  const isOfType = compileTypes(filters.types, errors);
  if (filters.min_bytes !== null && filters.max_bytes !== null && filters.min_bytes > filters.max_bytes) {
    errors.push(
      fieldError("/filters/max_bytes", "The largest size is below the smallest one, so no file would be left."),
    );
  }
  const pathRules = rules.map(toPathRule);
  const compiled = compileAll(pathRules, errors);
  if (errors.length > 0) throw new AppError("invalid_request", errors[0]?.detail ?? "", { errors });

  return {
    judge({ name, path, size, mediaType }) {
      if (excluded.some((glob) => glob.matches(path))) return { keep: false, reason: "excluded" };
      if (included.length > 0 && !included.some((glob) => glob.matches(path))) {
        return { keep: false, reason: "not_included" };
      }
      if (!isOfType(name, mediaType)) return { keep: false, reason: "type" };
      if (size !== undefined && size < (filters.min_bytes ?? 0)) return { keep: false, reason: "too_small" };
      if (size !== undefined && size > (filters.max_bytes ?? Number.POSITIVE_INFINITY)) {
        return { keep: false, reason: "too_large" };
      }
      return { keep: true };
    },
    metadata: (folderPath) => compiled.apply(folderPath).values,
    matches: (folderPath) =>
      compiled.apply(folderPath).matches.map(({ rule, field, value, start, end }) => ({
        rule,
        part: field,
        value,
        start,
        end,
      })),
    explain(folderPath) {
      const from = new Map<string, { part: string; value: string; rule: number; pattern: string }>();
      pathRules.forEach((rule, index) => {
        for (const [part, value] of Object.entries(compileRules([rule]).apply(folderPath).values)) {
          if (!from.has(part)) from.set(part, { part, value, rule: index, pattern: rule.pattern });
        }
      });
      return [...from.values()];
    },
  };
}

const fieldError = (pointer: string, detail: string): FieldError => ({ pointer, code: "invalid_pattern", detail });

const compileGlobs = (globs: readonly string[], pointer: string, errors: FieldError[]): Glob[] =>
  globs.flatMap((glob, index) => readGlob(glob, `${pointer}/${index}`, errors));

/** One glob, or none and one error more. */
function readGlob(glob: string, pointer: string, errors: FieldError[]): Glob[] {
  try {
    return [compileGlob(glob)];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    errors.push(fieldError(pointer, `"${glob}": ${error.message}.`));
    return [];
  }
}

type TypeTest = (name: string, mediaType: string) => boolean;

function compileTypes(types: readonly string[], errors: FieldError[]): (name: string, mediaType?: string) => boolean {
  if (types.length === 0 || types.includes("*")) return () => true;
  const tests: TypeTest[] = types.flatMap((type, index): TypeTest[] => {
    const pointer = `/filters/types/${index}`;
    if (type.includes("/")) {
      return readGlob(`/${type}`, pointer, errors).map((glob) => (_, mediaType) => glob.matches(mediaType));
    }
    if (/[*?[{]/.test(type)) return readGlob(type, pointer, errors).map((glob) => (name) => glob.matches(name));
    const ending = `.${type.replace(/^\./, "").toLowerCase()}`;
    return [(name) => name.length > ending.length && name.toLowerCase().endsWith(ending)];
  });
  return (name, mediaType = "") => tests.some((test) => test(name, mediaType));
}

const normalisations = {
  trim: "trim",
  collapse_spaces: "collapse-spaces",
  lower: "lower",
  upper: "upper",
  title: "title",
  strip_numbering: "strip-numbering",
} as const satisfies Record<Normalization, string>;

function toPathRule(rule: MetadataRule): PathRule {
  const parts = Object.entries(rule.parts);
  return {
    pattern: rule.pattern,
    normalise: Object.fromEntries(
      parts.map(([part, { normalize }]) => [part, normalize.map((step) => normalisations[step])]),
    ),
    dictionary: Object.fromEntries(parts.map(([part, { dictionary }]) => [part, dictionary])),
    fixed: rule.set,
  };
}

const fields = { pattern: "pattern", normalise: "parts", dictionary: "parts", fixed: "set" } as const;

/** Compiled one by one first, so that the second wrong rule is told of together with the first. */
function compileAll(rules: readonly PathRule[], errors: FieldError[]): CompiledRules {
  rules.forEach((rule, index) => {
    try {
      compileRules([rule]);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      errors.push(fieldError(`/rules/${index}/${fields[error.property]}`, `${error.message}.`));
    }
  });
  return compileRules(errors.length > 0 ? [] : rules);
}
