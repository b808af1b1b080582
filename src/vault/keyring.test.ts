import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { deriveKey, deriveKeys } from "./derive.ts";
import { KeyringError, newKeyFileText, parseKeyFile, parseMasterKeys } from "./keyring.ts";

const key = () => randomBytes(32).toString("base64url");
const refusalOf = (parse: () => unknown): KeyringError => {
  try {
    parse();
  } catch (error) {
    if (error instanceof KeyringError) return error;
    throw error;
  }
  throw new Error("was accepted");
};

describe("master keys", () => {
  it("SR-2 writes with the first and reads with all, newest first", () => {
    const ring = parseMasterKeys(`new:${key()}, old:${key()} ,older:${key()}`);
    expect(ring.writing.id).toBe("new");
    expect([...ring.reading.keys()]).toEqual(["new", "old", "older"]);
  });

  it.each([
    ["nothing", ""],
    ["an empty entry", `a:${key()},`],
    ["no id", key()],
    ["an id that would break the text form", `a.b:${key()}`],
    ["a key of 31 bytes", `a:${randomBytes(31).toString("base64url")}`],
    ["a key of 33 bytes", `a:${randomBytes(33).toString("base64url")}`],
    ["characters outside base64url", `a:${"+/".repeat(21)}A`],
    ["the same id twice", `a:${key()},a:${key()}`],
    ["all zero", `a:${Buffer.alloc(32).toString("base64url")}`],
    ["one byte repeated", `a:${Buffer.alloc(32, 0x5a).toString("base64url")}`],
    ["a short pattern repeated", `a:${Buffer.alloc(32, "deadbeef", "hex").toString("base64url")}`],
    ["bytes that count up", `a:${Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString("base64url")}`],
    ["a sentence", `a:${Buffer.from("this-is-my-very-secret-key-12345").toString("base64url")}`],
  ])("SR-103 refuses %s, saying which setting, why and what would do", (_what, text) => {
    const error = refusalOf(() => parseMasterKeys(text));
    expect(error.setting).toBe("HAWSER_MASTER_KEYS");
    expect(error.message).toContain("HAWSER_MASTER_KEYS: ");
    expect(error.message).toContain(error.reason);
    expect(error.message).toContain("Example: ");
  });

  it("SR-4 gives an example that is no key itself", () => {
    const { example } = refusalOf(() => parseMasterKeys(""));
    expect(() => parseMasterKeys(example)).toThrow(KeyringError);
  });

  it("SR-12 repeats no key in an error", () => {
    const good = key();
    for (const text of [`a:${good}x`, `a b:${good}`, good, `a:${good},a:${good}`, `a:${good}!`]) {
      expect(refusalOf(() => parseMasterKeys(text)).message).not.toContain(good);
    }
  });

  it("SR-8 shows no key bytes when printed", () => {
    const text = key();
    const ring = parseMasterKeys(`a:${text}`);
    const shown = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify([...ring.reading]);
    expect(shown).not.toContain(text);
    expect(shown).not.toContain(Buffer.from(text, "base64url").toString("hex"));
  });
});

describe("key file", () => {
  it("SR-4 is made with one fresh key that is accepted, and holds comments for people", () => {
    const [first, second] = [newKeyFileText(new Date("2026-11-21")), newKeyFileText(new Date("2026-11-21"))];
    expect(first).not.toBe(second);
    const ring = parseKeyFile({ path: "keys", mode: 0o100600, text: first });
    expect([...ring.reading.keys()]).toEqual(["2026-11-21"]);
  });

  it("reads several keys, newest first, whatever the line endings", () => {
    const text = `# mine\r\nnew:${key()}\r\n\r\nold:${key()}\r\n`;
    expect([...parseKeyFile({ path: "keys", mode: 0o400, text }).reading.keys()]).toEqual(["new", "old"]);
  });

  it.each([0o100640, 0o100604, 0o100620, 0o100644, 0o100660])("SR-4 is refused with mode %o", (mode) => {
    const error = refusalOf(() => parseKeyFile({ path: "/etc/hawser/keys", mode, text: newKeyFileText(new Date()) }));
    expect(error.setting).toBe("/etc/hawser/keys");
    expect(error.reason).toContain("chmod 600");
  });
});

describe("derived keys", () => {
  const [a, b] = [key(), key()];
  const before = parseMasterKeys(`a:${a}`);
  const during = parseMasterKeys(`b:${b},a:${a}`);
  const after = parseMasterKeys(`b:${b}`);

  it("differ by purpose and from the master key, and are the same every time", () => {
    expect(deriveKey(before, "cursor")).toEqual(deriveKey(before, "cursor"));
    expect(deriveKey(before, "cursor")).not.toEqual(deriveKey(before, "better-auth"));
    expect(Buffer.from(deriveKey(before, "cursor")).toString("base64url")).not.toBe(a);
    expect(deriveKey(before, "cursor")).toHaveLength(32);
  });

  it("SR-2 stay while the old master key is listed, so that a rotation signs nobody out", () => {
    expect(deriveKey(during, "better-auth")).toEqual(deriveKey(before, "better-auth"));
    expect(deriveKey(after, "better-auth")).not.toEqual(deriveKey(before, "better-auth"));
  });

  it("SR-2 are accepted in every form that a listed master key has signed", () => {
    expect(deriveKeys(during, "cursor")).toContainEqual(deriveKeys(before, "cursor")[0]);
    expect(deriveKeys(after, "cursor")).toEqual([deriveKeys(during, "cursor")[0]]);
  });
});
