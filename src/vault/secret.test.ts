import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { reveal, revealBytes, Secret } from "./reveal.ts";

const value = "correct-horse-battery";

describe("Secret", () => {
  it("SR-8 shows [secret] when printed, logged or turned into JSON, at any depth", () => {
    const secret = new Secret(value);
    const holder = { deep: [{ secret }] };
    const shown = [
      secret.toString(),
      JSON.stringify(secret),
      JSON.stringify(holder),
      inspect(secret, { showHidden: true, depth: 9 }),
      inspect(holder, { depth: 9 }),
      format("%o %O %j", secret, secret, secret),
    ];
    for (const text of shown) {
      expect(text).toContain("[secret]");
      expect(text).not.toContain(value);
    }
  });

  it("SR-8 throws when it is made part of a text or a number", () => {
    const secret: unknown = new Secret(value);
    expect(() => `Bearer ${secret}`).toThrow(TypeError);
    expect(() => "Bearer ".concat(secret as string)).toThrow(TypeError);
    expect(() => ["Bearer", secret].join(" ")).toThrow(TypeError);
    expect(() => Number(secret)).toThrow(TypeError);
  });

  it("SR-8 has no property, own or inherited, that gives the value", () => {
    const secret = new Secret(value);
    expect(Reflect.ownKeys(secret)).toEqual([]);
    expect(JSON.stringify(structuredClone(secret))).toBe("{}");
    expect({ ...secret }).toEqual({});
  });

  it("gives its value to those who may ask, as text and as bytes", () => {
    const bytes = Uint8Array.from([0xff, 0x00, 0xfe]);
    expect(reveal(new Secret("π and \uFEFF"))).toBe("π and \uFEFF");
    expect(reveal(new Secret(""))).toBe("");
    expect(revealBytes(new Secret(bytes))).toEqual(bytes);
    expect(() => reveal(new Secret(bytes))).toThrow(TypeError);
  });

  it("keeps its value when the bytes it was made from, or were read from it, change", () => {
    const bytes = Uint8Array.from([1, 2, 3]);
    const secret = new Secret(bytes);
    bytes.fill(0);
    revealBytes(secret).fill(9);
    expect(revealBytes(secret)).toEqual(Uint8Array.from([1, 2, 3]));
  });
});
