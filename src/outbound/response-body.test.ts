import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readText } from "./read.ts";
import { type BodyRules, readBody } from "./response-body.ts";

const bodyOf = (chunks: string[], rules: Partial<BodyRules> = {}) => {
  let ends = 0;
  const raw = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const body = readBody(raw, { explain: (error) => error, ended: () => (ends += 1), ...rules });
  return { body, raw, ends: () => ends };
};

describe("readBody", () => {
  it.each([1, 4, 6, 100])(
    "SR-20 fails when %i bytes were announced and five came, whatever the transport says",
    async (expectedBytes) => {
      await expect(readText(bodyOf(["he", "llo"], { expectedBytes }))).rejects.toMatchObject({ reason: "cut-off" });
      expect(await readText(bodyOf(["he", "llo"], { expectedBytes: 5 }))).toBe("hello");
    },
  );

  it("tells once that it has ended, however it ends", async () => {
    const whole = bodyOf(["hello"]);
    await readText(whole);
    const failing = bodyOf(["hello"], { maxBytes: 4 });
    await readText(failing).catch(() => {});
    const cancelled = bodyOf(["hello"]);
    await cancelled.body.cancel();
    expect([whole, failing, cancelled].map(({ ends }) => ends())).toEqual([1, 1, 1]);
    expect([failing, cancelled].map(({ raw }) => raw.destroyed)).toEqual([true, true]);
  });
});
