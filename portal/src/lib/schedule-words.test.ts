import { expect, it } from "vitest";
import { scheduleWords } from "./schedule-words.ts";

it("says the usual schedules in words", () => {
  expect(scheduleWords({ kind: "manual" })).toBe("Only by hand");
  expect(scheduleWords({ kind: "interval", minutes: 15 })).toBe("Every 15 min");
  expect(scheduleWords({ kind: "interval", minutes: 1440 })).toBe("Every day");
  expect(scheduleWords({ kind: "cron", expression: "30 6 * * 1-5", zone: "Europe/Oslo" })).toBe(
    "Monday to Friday at 06:30, Europe/Oslo",
  );
});

it("shows an unusual expression as it is written rather than say something wrong", () => {
  expect(scheduleWords({ kind: "cron", expression: "*/7 6 1-3 * *", zone: "UTC" })).toBe("At */7 6 1-3 * *, UTC");
});
