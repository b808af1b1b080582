import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holds, parseCondition } from "./condition.ts";
import { ExpressionError } from "./expression-error.ts";
import type { Scope } from "./resolve.ts";

const scope: Scope = {
  steps: [],
  trigger: { count: 3, name: "Pump", tags: ["a", { b: 1 }], none: null, empty: [], day: "2026-01-31" },
  secrets: ["key"],
};

const check = (condition: unknown, where = scope) => holds(parseCondition(condition), where);
const trigger = (name: string) => `{{trigger.${name}}}`;

describe("conditions", () => {
  it.each([
    ["count", "equals", 3, true],
    ["count", "equals", "3", false],
    ["count", "not_equals", "3", true],
    ["tags", "equals", ["a", { b: 1 }], true],
    ["none", "equals", null, true],
    ["name", "equals", "{{trigger.name}}", true],
    ["tags", "contains", { b: 1 }, true],
    ["tags", "contains", "b", false],
    ["name", "contains", "um", true],
    ["name", "starts_with", "P", true],
    ["name", "ends_with", "P", false],
    ["count", "greater", 3, false],
    ["count", "greater_or_equal", 3, true],
    ["count", "less", 3.5, true],
    ["count", "less_or_equal", 2, false],
    ["day", "less", "2026-02-01", true],
    ["day", "greater", "2026-01-30", true],
    ["name", "matches", "^P[a-z]+$", true],
    ["name", "matches", "^p", false],
  ])("SR-29 %s %s %j: %s", (name, operator, right, expected) => {
    expect(check({ left: trigger(name), operator, right })).toBe(expected);
  });

  it.each([
    ["count", true, false],
    ["none", true, true],
    ["empty", true, true],
    ["gone", false, true],
    ["gone.deeper[0]", false, true],
    ["tags", true, false],
  ])("%s exists: %s, is empty: %s", (name, exists, empty) => {
    expect(check({ left: trigger(name), operator: "exists" })).toBe(exists);
    expect(check({ left: trigger(name), operator: "is_empty" })).toBe(empty);
  });

  it("are put together by all, any and not", () => {
    const yes = { left: 1, operator: "equals", right: 1 };
    const no = { not: yes };
    const broken = { left: trigger("gone"), operator: "equals", right: 1 };
    expect(check({ all: [] })).toBe(true);
    expect(check({ any: [] })).toBe(false);
    expect(check({ all: [yes, { any: [no, yes, broken] }, { not: no }] })).toBe(true);
    expect(check({ all: [no, broken] })).toBe(false);
  });

  it("SR-27 a missing path is an error where a value is needed", () => {
    expect(caughtFrom(() => check({ left: trigger("gone"), operator: "equals", right: 1 }))).toMatchObject({
      code: "template_path_missing",
    });
  });

  it.each([
    ["name", "greater", 1],
    ["none", "less", 1],
    ["count", "contains", 1],
    ["count", "matches", "1"],
    ["name", "starts_with", 1],
  ])("refuses to compare %s %s %j", (name, operator, right) => {
    expect(caughtFrom(() => check({ left: trigger(name), operator, right }))).toMatchObject({
      code: "condition_not_comparable",
    });
  });

  it.each([
    ["text", "count > 3"],
    ["no operator of ours", { left: 1, operator: "constructor", right: 1 }],
    ["no right side", { left: 1, operator: "equals" }],
    ["a right side too many", { left: 1, operator: "exists", right: 1 }],
    ["two forms", { all: [], not: {} }],
    ["more than the form", { all: [], x: 1 }],
    ["an operator that is no text", { left: 1, operator: {}, right: 1 }],
    ["257 conditions", { all: Array.from({ length: 256 }, () => ({ all: [] })) }],
    ["17 levels", Array.from({ length: 16 }).reduce((inner) => ({ not: inner }), { all: [] })],
    ["a function", () => true],
  ])("SR-29 refuses %s", (_, condition) => {
    expect(caughtFrom(() => parseCondition(condition))).toMatchObject({ code: "condition_invalid" });
  });

  it("SR-25 never look at a secret", () => {
    for (const condition of [
      { left: "{{workspace.key}}", operator: "equals", right: "a" },
      { left: "a", operator: "equals", right: ["x{{workspace.key}}"] },
      { not: { left: "{{workspace.key}}", operator: "exists" } },
    ]) {
      expect(caughtFrom(() => parseCondition(condition))).toMatchObject({ code: "template_secret_refused" });
    }
  });

  it.each(["(a)\\1", "a(?=b)", "(?<!a)b", "(", "a{1,1000}b{1,1000}"])("SR-31 refuses the pattern %s", (right) => {
    expect(caughtFrom(() => parseCondition({ left: "a", operator: "matches", right }))).toMatchObject({
      code: "pattern_invalid",
    });
  });

  it("SR-31 matches in linear time what stops other engines", () => {
    const item = `${"a".repeat(9_999)}!`;
    for (const right of ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*x$"]) {
      expect(check({ left: "{{item}}", operator: "matches", right }, { ...scope, item })).toBe(false);
    }
  });

  it("whatever is written is a condition, or is refused", () => {
    const operand = fc.constantFrom<unknown>(
      "{{trigger.count}}",
      "{{trigger.__proto__}}",
      "{{",
      1,
      null,
      ["a"],
      {},
      "(",
    );
    const operator = fc.constantFrom<unknown>(
      "equals",
      "contains",
      "matches",
      "exists",
      "less",
      "toString",
      "__proto__",
      1,
    );
    const simple = fc.record({ left: operand, operator, right: operand }, { requiredKeys: [] });
    const any = fc.letrec((tie) => ({
      one: fc.oneof(
        { maxDepth: 3 },
        simple,
        fc.record({ all: fc.array(tie("one"), { maxLength: 3 }) }),
        fc.record({ any: tie("one") }),
        fc.record({ not: tie("one") }),
      ),
    })).one;
    fc.assert(
      fc.property(any, (condition) => {
        const error = caughtFrom(() => expect(check(condition)).toBeTypeOf("boolean"));
        if (error !== undefined) expect(error).toBeInstanceOf(ExpressionError);
      }),
      { numRuns: 2000 },
    );
  });
});

function caughtFrom(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
