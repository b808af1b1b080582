// The language of flows as a whole: whatever is written and whatever data says, an answer or a sentence for the author.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { holds, parseCondition } from "./condition.ts";
import { ExpressionError } from "./expression-error.ts";
import type { Json } from "./json.ts";
import { compileJsonPath } from "./json-path.ts";
import { compileSchema } from "./json-schema.ts";
import { compileLinearPattern } from "./linear-pattern.ts";
import { compileGlob, PatternError } from "./pattern.ts";
import { type Place, places } from "./place.ts";
import { resolveTemplate, type Scope } from "./resolve.ts";
import { fillSecrets, ResolvedText } from "./secret-handle.ts";
import { parseTemplate, readTemplate } from "./template.ts";
import { parseTemplateValue, readTemplateValue, resolveValue } from "./template-value.ts";

const inherited = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Array.prototype),
  ...Object.getOwnPropertyNames(String.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  "prototype",
];
const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
const before = prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join());
afterAll(() => {
  expect(prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join())).toEqual(before);
  expect({}).not.toHaveProperty("polluted");
});

/** What the work throws is an ExpressionError (or one of `others`); anything else would be a crash. */
function calmly<T>(work: () => T, ...others: (new (...args: never[]) => Error)[]): T | ExpressionError {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) {
      expect(error.message.length).toBeLessThan(2_000);
      return error;
    }
    if (others.some((other) => error instanceof other)) return new ExpressionError("pattern_invalid", "");
    throw error;
  }
}

const ownName = fc.constantFrom("a", "b", "items", "id", "__proto__", "constructor");
const anyJson = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, 0, -1.5, "", "text", "{{ workspace.key }}", "{{ item }}", "a\r\nb", "\ud83d"),
    fc.array(tie("json"), { maxLength: 3 }),
    // By way of a text: then `__proto__` is a name of its own, as in what others send.
    fc.array(fc.tuple(ownName, tie("json")), { maxLength: 3 }).map((entries) => parseObject(entries)),
  ),
})).json;

function parseObject(entries: readonly (readonly [string, Json])[]): Json {
  return JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`);
}

const anyPath = fc
  .tuple(
    fc.constantFrom("step_1", "step_2", "steps.fetch", "steps", "trigger", "item"),
    fc.array(
      fc.oneof(
        fc.constantFrom(...inherited, "a", "items").map((name) => (/^\w+$/.test(name) ? `.${name}` : `["${name}"]`)),
        fc.constantFrom("[0]", "[1]", '["__proto__"]', '["a b"]'),
      ),
      { maxLength: 5 },
    ),
    fc.constantFrom("", "", " | json", ' | default("none")', " | length", " | upper"),
  )
  .map(([root, segments, filter]) => `{{ ${root}${segments.join("")}${filter} }}`);

const scopeOf = (data: Json): Scope => ({
  steps: [
    { name: "fetch", output: data },
    { name: "map", output: [data] },
  ],
  trigger: data,
  item: data,
  secrets: ["key"],
});

describe("SR-24 prototypes", () => {
  it("are reached by no path, whatever the data", () => {
    fc.assert(
      fc.property(anyPath, anyJson, (path, data) => {
        const came = calmly(() => resolveValue(parseTemplateValue(path), scopeOf(data)));
        if (came instanceof ExpressionError) return;
        expect(typeof came).not.toBe("function");
        expect(typeof came).not.toBe("undefined");
        // What comes out is JSON, so it is the same when it has been written and read once.
        expect(JSON.parse(JSON.stringify(came))).toEqual(asPlain(came));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(inherited)("SR-27 `%s` is a missing path where the data has no such name", (name) => {
    const path = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `["${name}"]`;
    for (const data of [{ a: 1 }, [1], "text", 1, null]) {
      const came = calmly(() => resolveValue(parseTemplateValue(`{{ item${path} }}`), scopeOf(data)));
      expect(came).toMatchObject({ code: "template_path_missing" });
    }
  });

  it("stay as they are when data is copied, matched and validated", () => {
    fc.assert(
      fc.property(anyJson, (data) => {
        calmly(() => compileJsonPath("$..*").select(data));
        calmly(() => compileSchema(data).validate(data));
        calmly(() => holds(parseCondition({ left: data, operator: "equals", right: data }), scopeOf(data)));
        calmly(() => resolveValue(parseTemplateValue(data), scopeOf(data)));
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
        expect({}).not.toHaveProperty("a");
      }),
    );
  });
});

const asPlain = (value: unknown): unknown => (value === undefined ? undefined : structuredClone(strip(value)));
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof ResolvedText) return value.toString();
  const plain: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    Object.defineProperty(plain, key, { value: strip(entry), enumerable: true, configurable: true, writable: true });
  }
  return plain;
}

describe("SR-25 SR-27 what comes from data", () => {
  it("is expanded once, in every place: no secret is asked for by it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(places) as Place[])), anyJson, (place, data) => {
        const text = place === "path" ? "/x/{{ item | json }}" : "{{ item | json }}";
        const came = calmly(() => resolveTemplate(parseTemplate(text), scopeOf(data), place));
        if (came instanceof ExpressionError) return;
        expect(came.secrets).toEqual([]);
        const filled = came.fill(() => {
          throw new Error("a secret was asked for");
        });
        if (place === "json") expect(filled).toBe(JSON.stringify(data));
      }),
    );
  });

  it("brings no secret into JSON, and the author's own stay handles until they are filled in", () => {
    fc.assert(
      fc.property(anyJson, (data) => {
        const body = { own: "{{ workspace.key }}", theirs: "{{ item | json }}" };
        const came = calmly(() => resolveValue(parseTemplateValue(body), scopeOf(data)));
        if (came instanceof ExpressionError) return;
        const asked: string[] = [];
        expect(JSON.stringify(came)).toContain("[secret]");
        fillSecrets(came, ({ name }) => {
          asked.push(name);
          return "value";
        });
        expect(asked).toEqual(["key"]);
      }),
    );
  });
});

describe("SR-27 a missing path", () => {
  // Words that are no neighbours of one another, so that there is one answer.
  const words = ["customer", "invoice", "street", "quantity", "deadline", "boiler"] as const;
  const typo = fc.tuple(fc.constantFrom(...words), fc.nat(), fc.constantFrom("left out", "doubled", "swapped", "case"));

  it("names the nearest existing one, at any depth", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 4 }), typo, (above, [meant, at, how]) => {
        const written = misspell(meant, at % (meant.length - 1), how);
        fc.pre(!words.some((word) => word === written));
        const leaf: Json = Object.fromEntries(words.map((word) => [word, 1]));
        const data = above.reduceRight<Json>(
          (inner, word) => ({ ...Object.fromEntries(words.map((w) => [w, 1])), [word]: inner }),
          leaf,
        );
        const path = ["item", ...above].join(".");

        const came = calmly(() => resolveTemplate(parseTemplate(`{{ ${path}.${written} }}`), scopeOf(data), "text"));

        expect(came).toMatchObject({
          code: "template_path_missing",
          message: `\`${path}.${written}\` does not exist. Did you mean \`${path}.${meant}\`?`,
        });
      }),
    );
  });

  it("names steps and secrets in the same way", () => {
    const missing = (text: string) => calmly(() => resolveTemplate(parseTemplate(text), scopeOf(1), "header"));
    expect(missing("{{ steps.fetsh.id }}")).toMatchObject({ message: expect.stringContaining("`steps.fetch`") });
    expect(missing("{{ workspace.Key }}")).toMatchObject({ message: expect.stringContaining("`workspace.key`") });
  });
});

function misspell(word: string, at: number, how: string): string {
  if (how === "left out") return word.slice(0, at) + word.slice(at + 1);
  if (how === "doubled") return word.slice(0, at) + word.slice(at, at + 1) + word.slice(at);
  if (how === "case") return word.toUpperCase();
  return word.slice(0, at) + word.slice(at + 1, at + 2) + word.slice(at, at + 1) + word.slice(at + 2);
}

describe("SR-31 patterns", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "(a|b)",
    "(?:ab|a)",
    "a*",
    "b+",
    "a?",
    "(a*)*",
    "(a+)+",
    "(.*)*",
    "(a|a)*",
  );

  it("answer in linear time for subjects made against them", () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        // A backtracking engine would not be back within the life of this machine, and the test would run out of time.
        const pattern = calmly(() => compileLinearPattern(`^${pieces.join("")}x$`));
        if (pattern instanceof ExpressionError) return;
        expect(pattern.matches(`${"a".repeat(5_000)}!`)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("mean what they mean elsewhere", () => {
    const subject = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), subject, (pieces, text) => {
        const pattern = `^${pieces.join("")}$`;
        expect(compileLinearPattern(pattern).matches(text)).toBe(new RegExp(pattern).test(text));
      }),
    );
  });
});

describe("SR-23 SR-29 SR-30 whatever is written", () => {
  const word = fc.constantFrom(
    ..."{}[]().|*?$@\\\"'^+-,:<>=!&/ ~\n\t\0",
    "{{",
    "}}",
    "{{{",
    "\\{{",
    "item",
    "workspace.key",
    "steps.",
    "__proto__",
    "default(",
    "$..",
    "(?i)",
    "\\1",
    "\u2028",
    "\ud800",
    "🚢",
  );
  const anyText = fc.oneof(
    fc.array(word, { maxLength: 20 }).map((all) => all.join("")),
    fc.string({ unit: "binary" }),
  );
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withBoxedValues: true,
    withUnicodeString: true,
    key: anyText,
  });

  it("is read, or refused in words: texts", () => {
    fc.assert(
      fc.property(anyText, anyJson, (text, data) => {
        calmly(() => resolveTemplate(parseTemplate(text), scopeOf(data), "text"));
        calmly(() => compileJsonPath(text).select(data));
        calmly(() => compileLinearPattern(text).matches(text));
        calmly(() => compileGlob(text).matches(text), PatternError);
        calmly(() => holds(parseCondition({ left: text, operator: "matches", right: text }), scopeOf(data)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is read, or refused in words: values of any kind", () => {
    fc.assert(
      fc.property(anything, anyJson, (value, data) => {
        calmly(() => resolveValue(parseTemplateValue(value), scopeOf(data)));
        calmly(() => holds(parseCondition(value), scopeOf(data)));
        calmly(() => compileSchema(value).validate(data));
        calmly(() => compileSchema({ type: "object" }).validate(value));
        calmly(() => readTemplate(value));
        calmly(() => readTemplateValue(value));
      }),
      { numRuns: 1_000 },
    );
  });
});
