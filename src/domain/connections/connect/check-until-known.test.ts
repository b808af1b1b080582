import { describe, expect, it } from "vitest";
import type { FailureKind } from "#core/errors.ts";
import { manualTimer } from "#outbound/testing/manual-timer.ts";
import type { CheckResult } from "../check-connection.ts";
import { checkUntilKnown } from "./check-until-known.ts";

const at = new Date();
const good: CheckResult = { ok: true, account: { id: "1", label: "Ana" }, at, tookMs: 1 };
const failed = (kind: FailureKind): CheckResult => ({ ok: false, failure: { kind, message: "no" }, at, tookMs: 1 });

/** A check that gives these results one after the other, the last one for ever, and what came of it in this time. */
async function checked(results: CheckResult[], spreadsInS: number | undefined, ms = 60_000) {
  const timer = manualTimer();
  const left = [...results];
  const asked: number[] = [];
  const check = async (): Promise<CheckResult> => {
    asked.push(timer.now());
    return (left.length > 1 ? left.shift() : left[0]) ?? good;
  };
  let result: CheckResult | undefined;
  const ended = checkUntilKnown(check, spreadsInS === undefined ? {} : { spreadsInS }, timer).then((one) => {
    result = one;
  });
  await timer.pass(ms);
  await ended;
  return { result, asked };
}

describe("the check of a brand-new token", () => {
  it("is repeated until the provider knows it everywhere", async () => {
    const { result, asked } = await checked([failed("unavailable"), failed("unavailable"), good], 15);
    expect(result).toEqual(good);
    expect(asked).toEqual([0, 2_000, 4_000]);
  });

  it("fails when that takes longer than the provider needs for it", async () => {
    const { result, asked } = await checked([failed("unavailable")], 15);
    expect(result).toEqual(failed("unavailable"));
    expect(asked.at(-1)).toBeLessThanOrEqual(15_000);
    expect(asked).toHaveLength(8);
  });

  it.each(["reauthorize", "forbidden", "rate-limited"] as const)("is not repeated after %s", async (kind) => {
    expect((await checked([failed(kind), good], 15)).asked).toHaveLength(1);
  });

  it("is made once where the provider knows its tokens at once", async () => {
    expect((await checked([failed("unavailable"), good], undefined)).asked).toHaveLength(1);
  });
});
