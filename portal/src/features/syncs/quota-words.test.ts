import { expect, it } from "vitest";
import { fitWords, type Quota, quotaWords } from "./quota-words.ts";

const quota: Quota = {
  limit: 1250,
  remaining: 240,
  resets_at: "2026-11-29T12:01:00Z",
  counted_by: "provider",
  note: null,
};

it("says what is left, of how much where that is known, and who has counted", () => {
  expect(quotaWords(quota)).toBe("240 of 1,250 left, as it tells us");
  expect(quotaWords({ ...quota, limit: null, remaining: 0 })).toBe("0 left, as it tells us");
  expect(quotaWords({ ...quota, limit: 12_000, remaining: 11_990, counted_by: "hawser" })).toBe(
    "at most 11,990 of 12,000 requests left by our own count",
  );
});

it("says whether the rest fits into it, roughly, and nothing where that is not known", () => {
  expect(fitWords({ kind: "unknown" }, 10)).toBeUndefined();
  expect(fitWords({ kind: "enough", requests: 243 }, 120)).toBe("Enough for the 120 files left: about 240 requests.");
  expect(fitWords({ kind: "enough", requests: 1 }, 1)).toBe("Enough for the 1 file left: about 1 request.");
  expect(fitWords({ kind: "lasts", requests: 6_243 }, 3_120)).toBe(
    "The 3,120 files left take about 6,200 requests, more than that; at this pace it is renewed before it is used up.",
  );
  expect(fitWords({ kind: "short", requests: 98_765 }, 1)).toBe(
    "The 1 file left takes about 99,000 requests, more than that. Once it is used up, we wait and go on by ourselves.",
  );
});
