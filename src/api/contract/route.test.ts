import { describe, expect, it } from "vitest";
import { routes } from "./index.ts";
import { name } from "./route.ts";
import { newSync } from "./syncs.ts";

describe("a name", () => {
  it.each(["", "   ", "\u200b", "\u202e\u2066", "two\nlines", "bell\u0007", "\u001b[31mred", "x".repeat(256)])(
    "SR-70 cannot be %j",
    (text) => {
      expect(name.safeParse(text).success).toBe(false);
    },
  );
  it.each(["A", "Zeichnungen & Pläne", "船舶", "👩‍👩‍👧", "<b>", "x".repeat(255)])("can be %j", (text) => {
    expect(name.parse(text)).toBe(text);
  });
});

it("SR-70 a maximum of files a run is one that can be kept", () => {
  const sync = { connection_id: "c", drive: { id: "d" }, name: "n" };
  expect(newSync.safeParse({ ...sync, max_files_per_run: 1_000_000_000 }).success).toBe(true);
  expect(newSync.safeParse({ ...sync, max_files_per_run: 2 ** 31 }).success).toBe(false);
});

it("SR-79 what is created in a workspace can be asked for twice, but for answers that are shown once", () => {
  const creating = routes.filter(({ status, access }) => status === 201 && access.who === "workspace");
  // Their answers hold a secret, which is kept nowhere (SR-9).
  const shownOnce = ["invitations.create", "apiKeys.create", "handoffs.makeResultAddress"];
  expect(creating.filter(({ idempotent }) => !idempotent).map(({ name }) => name)).toEqual(shownOnce);
});
