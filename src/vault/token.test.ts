import { describe, expect, it } from "vitest";
import { hashToken, isToken, newToken } from "./token.ts";

describe("token", () => {
  it("SR-9 is 256 random bits with a prefix and a checksum, and only its SHA-256 is kept", () => {
    const [token, other] = [newToken("hwk"), newToken("hwk")];
    expect(token.text).toMatch(/^hwk_[\w-]{49}$/);
    expect(token.text).not.toBe(other.text);
    expect(token.hash).toBe(hashToken(token.text));
    expect(token.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("SR-9 is recognised by its checksum; a slip of one character is not", () => {
    const { text } = newToken("hwk");
    expect(isToken("hwk", text)).toBe(true);
    expect(isToken("hwi", text)).toBe(false);
    for (let at = 0; at < text.length; at++) {
      const slipped = text.slice(0, at) + (text[at] === "x" ? "y" : "x") + text.slice(at + 1);
      expect(isToken("hwk", slipped), slipped).toBe(false);
    }
    for (const wrong of ["", "hwk_", text.slice(1), `${text}A`, ` ${text}`]) expect(isToken("hwk", wrong)).toBe(false);
  });
});
