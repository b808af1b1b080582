import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decrypt, encrypt, parseEnvelope } from "./envelope.ts";

const key = randomBytes(32);
const bytes = () => fc.uint8Array({ maxLength: 300 });
const context = () => fc.array(fc.string(), { minLength: 1, maxLength: 6 });
const open = (text: string, bound: readonly string[], with_ = key) => {
  const envelope = parseEnvelope(text);
  return envelope && decrypt(with_, bound, envelope);
};

describe("envelope", () => {
  it("SR-1 gives back any bytes, in the one text form, never twice the same", () => {
    fc.assert(
      fc.property(bytes(), context(), (plain, bound) => {
        const [text, again] = [encrypt(key, "d1", bound, plain), encrypt(key, "d1", bound, plain)];
        expect(text).toMatch(/^v1\.d1\.[\w-]{16}\.[\w-]{22,}$/);
        expect(text).not.toBe(again);
        expect(Uint8Array.from(open(text, bound) ?? [0])).toEqual(plain);
      }),
    );
  });

  it("SR-3 opens under no other context, also when the parts only join to the same text", () => {
    const text = encrypt(key, "d1", ["ab", "c"], randomBytes(20));
    expect(open(text, ["ab", "c"])).toBeDefined();
    for (const other of [["a", "bc"], ["abc"], ["ab", "c", ""], ["", "ab", "c"], ["c", "ab"], ["ab", "C"], []]) {
      expect(open(text, other)).toBeUndefined();
    }
  });

  it("SR-1 opens no text that differs in any one character", () => {
    const bound = ["secret", "w", "t", "r", "f"];
    const text = encrypt(key, "d1", bound, Buffer.from("hello"));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, put) => {
        const changed = text.slice(0, at) + put + text.slice(at + 1);
        fc.pre(changed !== text);
        expect(open(changed, bound)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
    expect(open(text, bound)).toBeDefined();
  });

  it("SR-1 takes no plain text, no truncated tag and no second spelling for an envelope", () => {
    const whole = encrypt(key, "d1", [], new Uint8Array());
    const [, , nonce = "", body = ""] = whole.split(".");
    for (const text of [
      "hunter2",
      "",
      `v2.d1.${nonce}.${body}`,
      `v1..${nonce}.${body}`,
      `v1.d1.${nonce}.${body.slice(0, -2)}`,
      `v1.d1.${nonce}.${body}==`,
      ` ${whole}`,
      `${whole}\n`,
      `${whole}.x`,
    ]) {
      expect(parseEnvelope(text), JSON.stringify(text)).toBeUndefined();
    }
    expect(parseEnvelope(whole)).toBeDefined();
  });

  it("SR-1 throws at no text at all", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => `v1.d1.AAAAAAAAAAAAAAAA.${tail}`),
        ),
        (text) => {
          expect(open(text, ["x"])).toBeUndefined();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("SR-2 opens with no other key", () => {
    expect(open(encrypt(key, "d1", [], Buffer.from("x")), [], randomBytes(32))).toBeUndefined();
  });
});
