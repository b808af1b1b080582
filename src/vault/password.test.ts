import { describe, expect, it } from "vitest";
import { hashPassword, verifyPassword } from "./password.ts";

describe("password", () => {
  it("SR-10 is kept as scrypt with N=2^17, r=8, p=1 and a salt of its own", async () => {
    const [kept, again] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
    expect(kept).toMatch(/^scrypt\$17\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(again).not.toBe(kept);
    expect(await verifyPassword("correct horse", kept)).toBe(true);
    expect(await verifyPassword("correct horsf", kept)).toBe(false);
  });

  it("is the same however a keyboard composes its letters", async () => {
    const kept = await hashPassword("Zürich-Zürich");
    expect(await verifyPassword("Zürich-Zürich".normalize("NFD"), kept)).toBe(true);
  });

  it("SR-10 has at most 1,024 bytes", async () => {
    await expect(hashPassword("ü".repeat(513))).rejects.toMatchObject({ code: "invalid_request" });
    expect(await verifyPassword("ü".repeat(513), await hashPassword("short enough"))).toBe(false);
  });

  it("fits nothing that was not kept by us", async () => {
    for (const kept of ["", "correct horse", "scrypt$17$8$1$$", "bcrypt$17$8$1$abc$def"]) {
      expect(await verifyPassword("correct horse", kept)).toBe(false);
    }
  });
});
