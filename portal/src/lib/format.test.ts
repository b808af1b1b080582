import { describe, expect, it } from "vitest";
import {
  formatAmount,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatForecast,
  formatShare,
  formatTime,
  shortenPath,
} from "./format.ts";

const now = new Date(2026, 10, 21, 14, 5, 0);
const earlier = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe("figures", () => {
  it("are a dash when they are not known, never 0", () => {
    for (const format of [formatCount, formatBytes, formatDuration, formatShare]) {
      expect(format(undefined)).toBe("—");
      expect(format(null)).toBe("—");
      expect(format(Number.NaN)).toBe("—");
    }
    expect(formatCount(0)).toBe("0");
  });

  it("group thousands and count in steps of 1000", () => {
    expect(formatCount(12_431)).toBe("12,431");
    expect(formatBytes(999)).toBe("999 B");
    expect(formatBytes(18_400_000)).toBe("18.4 MB");
    expect(formatBytes(4_200_000_000)).toBe("4.2 GB");
  });

  it("go to the next unit rather than show 1,000 of one", () => {
    expect(formatBytes(999_600)).toBe("1 MB");
    expect(formatBytes(999_400)).toBe("999 kB");
  });

  it("name one thing and many things", () => {
    expect(formatAmount(1, "file")).toBe("1 file");
    expect(formatAmount(12_431, "file")).toBe("12,431 files");
    expect(formatAmount(2, "person", "people")).toBe("2 people");
  });

  it("say 100 % only when it is all", () => {
    expect(formatShare(0.9996)).toBe("99.9 %");
    expect(formatShare(1)).toBe("100 %");
    expect(formatShare(0.001)).toBe("< 1 %");
    expect(formatShare(0.61)).toBe("61 %");
  });
});

describe("times", () => {
  it("have two units at most", () => {
    expect(formatDuration(318)).toBe("318 ms");
    expect(formatDuration(4360)).toBe("4.4 s");
    expect(formatDuration(192_000)).toBe("3 min 12 s");
    expect(formatDuration(7_200_000)).toBe("2 h");
    expect(formatDuration(93_600_000)).toBe("1 d 2 h");
  });

  it("are told as distance for a day, then as a date", () => {
    expect(formatTime(earlier(240), now)).toBe("4 min ago");
    expect(formatTime(earlier(-720), now)).toBe("in 12 min");
    expect(formatTime(new Date(2026, 10, 3, 14, 5), now)).toBe("3 Nov, 14:05");
    expect(formatTime(new Date(2025, 10, 3, 14, 5), now)).toBe("3 Nov 2025, 14:05");
    expect(formatTime("not a time", now)).toBe("—");
  });

  it("that stand still name the day when it is another one", () => {
    expect(formatClock(new Date(2026, 10, 21, 9, 12), now)).toBe("09:12");
    expect(formatClock(new Date(2026, 10, 20, 18, 40), now)).toBe("yesterday, 18:40");
    expect(formatClock(new Date(2026, 10, 22, 6, 30), now)).toBe("tomorrow, 06:30");
  });

  it("of a forecast are never exact", () => {
    expect(formatForecast(27_400)).toBe("about 27 s left");
    expect(formatForecast(125_000)).toBe("about 2 min left");
    expect(formatForecast(undefined)).toBe("no forecast yet");
  });
});

describe("paths", () => {
  it("lose their middle, never their end", () => {
    expect(shortenPath("/Engineering/Hull 214/Piping/Ballast", 20)).toBe("/Engineering/…/Ballast");
    expect(shortenPath("/Engineering/Fire", 20)).toBe("/Engineering/Fire");
  });
});
