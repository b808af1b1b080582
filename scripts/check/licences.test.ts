import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("lets permissive licences in, also as one of several to choose from", () => {
  const { said, passed } = check({
    "node_modules/one": { version: "1.0.0", license: "MIT" },
    "node_modules/two": { version: "1.0.0", license: "(GPL-3.0-only OR Apache-2.0)" },
    "node_modules/lightningcss-linux-x64-gnu": { version: "1.0.0", license: "MPL-2.0" },
  });
  expect(said).toContain("3 packages, 0 ");
  expect(passed).toBe(true);
});

it.each([
  ["a copyleft licence", { license: "AGPL-3.0-only" }],
  ["a licence of which one half does not suit", { license: "MIT AND GPL-2.0-only" }],
  ["a licence that was considered for other packages only", { license: "MPL-2.0" }],
  ["no licence", {}],
])("refuses a package with %s", (_, entry) => {
  const { said, passed } = check({ "node_modules/a/node_modules/stranger": { version: "1.0.0", ...entry } });
  expect(said).toContain("stranger@1.0.0");
  expect(passed).toBe(false);
});

it("does not pass when it finds no package at all", () => {
  expect(check({}).passed).toBe(false);
});

function check(packages: Record<string, object>): { said: string; passed: boolean } {
  const folder = mkdtempSync(join(tmpdir(), "hawser-licences-"));
  try {
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: { "": {}, ...packages } }));
    const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, "licences.ts"), folder], {
      encoding: "utf8",
    });
    return { said: stdout, passed: status === 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
