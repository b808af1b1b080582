import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMasterKeys } from "./keyring.ts";
import { createTextSigner } from "./signed-text.ts";

const [oldKey, newKey] = ["old", "new"].map((id) => `${id}:${randomBytes(32).toString("base64url")}`);
const before = createTextSigner(parseMasterKeys(`${oldKey}`), "cursor");
const during = createTextSigner(parseMasterKeys(`${newKey},${oldKey}`), "cursor");
const after = createTextSigner(parseMasterKeys(`${newKey}`), "cursor");

describe("signed text", () => {
  it("SR-56 comes back as it went, fit for a URL", () => {
    const texts = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(texts, fc.array(texts), (text, boundTo) => {
        const signed = before.sign(text, boundTo);
        expect(encodeURIComponent(signed)).toBe(signed);
        expect(before.verify(signed, boundTo)).toBe(text);
      }),
    );
  });

  it("SR-56 holds for nothing but what it was bound to", () => {
    const signed = before.sign("after=5", ["workspace 1", "files?sort=name"]);
    for (const other of [
      ["workspace 2", "files?sort=name"],
      ["workspace 1", "files?sort=size"],
      ["workspace 1files?sort=name"],
      ["workspace 1"],
      [],
    ]) {
      expect(before.verify(signed, other)).toBeUndefined();
    }
  });

  it("SR-56 cannot be changed in any place, or made up", () => {
    const signed = before.sign("after=5", ["w"]);
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.string({ maxLength: 2 }), (at, put) => {
        const changed = signed.slice(0, at) + put + signed.slice(at + 1);
        // The last character of a group has spare bits: another spelling of the same text and signature does no harm.
        fc.pre(changed !== signed);
        expect([undefined, "after=5"]).toContain(before.verify(changed, ["w"]));
      }),
      { numRuns: 1_000 },
    );
    for (const text of ["", ".", "YQ", "YQ.", `YQ.${"A".repeat(22)}`, `${signed}A`])
      expect(before.verify(text, ["w"])).toBeUndefined();
  });

  it("SR-2 outlives a rotation until its master key is taken off the list, and no other purpose takes it", () => {
    const signed = before.sign("x", []);
    expect([during.verify(signed, []), after.verify(signed, [])]).toEqual(["x", undefined]);
    expect(after.verify(during.sign("x", []), [])).toBe("x");
    expect(createTextSigner(parseMasterKeys(`${oldKey}`), "better-auth").verify(signed, [])).toBeUndefined();
  });
});
