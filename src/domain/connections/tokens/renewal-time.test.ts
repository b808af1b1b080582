import fc from "fast-check";
import { expect, it } from "vitest";
import { planRenewal } from "./renewal-time.ts";

const obtainedAt = new Date("2026-11-01T00:00:00Z");
const after = (days: number) => new Date(obtainedAt.getTime() + days * 24 * 60 * 60_000);
const daysOf = (date: Date | undefined) => date && (date.getTime() - obtainedAt.getTime()) / (24 * 60 * 60_000);
const plan = (
  lives: { expiresAt?: Date; idleExpiresAt?: Date },
  about: { renewable?: boolean; inUse?: boolean; chance?: number } = {},
) => planRenewal({ obtainedAt, ...lives }, { renewable: true, inUse: false, chance: 0, ...about });

it.each([
  [15, 10],
  [90, 60],
])("keeps a refresh token alive that dies after %d days of disuse, on day %d or a little before", (idle, day) => {
  expect(daysOf(plan({ idleExpiresAt: after(idle) }))).toBeCloseTo(day, 5);
  expect(daysOf(plan({ idleExpiresAt: after(idle) }, { chance: 1 }))).toBeCloseTo(day * 0.9, 5);
});

it("renews what is in use before it ends and before callers look for a new one themselves", () => {
  const hour = after(1 / 24);
  const minutes = (date: Date | undefined) => date && (hour.getTime() - date.getTime()) / 60_000;
  expect(minutes(plan({ expiresAt: hour }, { inUse: true }))).toBeCloseTo(5);
  expect(minutes(plan({ expiresAt: hour }, { inUse: true, chance: 1 }))).toBeCloseTo(7.5);
  expect(plan({ expiresAt: hour })).toBeUndefined();
});

it("plans nothing for what cannot be renewed", () => {
  expect(plan({ expiresAt: after(1), idleExpiresAt: after(15) }, { renewable: false, inUse: true })).toBeUndefined();
  expect(plan({})).toBeUndefined();
});

it("is always after the tokens came and before the first of their ends that it is for", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 400, noNaN: true }),
      fc.double({ min: 0.01, max: 400, noNaN: true }),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (idle, life, inUse, chance) => {
        const at = plan({ expiresAt: after(life), idleExpiresAt: after(idle) }, { inUse, chance });
        expect(at?.getTime()).toBeGreaterThan(obtainedAt.getTime());
        expect(at?.getTime()).toBeLessThan(after(inUse ? Math.min(idle, life) : idle).getTime());
      },
    ),
  );
});
