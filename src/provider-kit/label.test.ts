import { expect, it } from "vitest";
import { labelFrom } from "./label.ts";

it("keeps what people are called", () => {
  for (const name of ["@ana", "Zoë O’Neil 👩‍🚀", "अनीता", "<b>Ana</b>"]) expect(labelFrom(name)).toBe(name);
});

it("has no characters that a database refuses or that hide what follows", () => {
  expect(labelFrom("\u0000Ana\r\nBcc: x\u202egnp\ud800 ")).toBe("Ana Bcc: x gnp\ufffd");
});

it("is cut between characters, and says so", () => {
  const label = labelFrom("😀".repeat(300));
  expect(Array.from(label)).toHaveLength(200);
  expect(label.endsWith("😀…")).toBe(true);
});
