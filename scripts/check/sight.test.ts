// A check that reads nothing finds nothing. Here each of them has something to find, in every folder it stands for.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hawser-sight-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const file of ["tsconfig.json", "biome.json", "knip.jsonc", "package.json", "portal/tsconfig.json"]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  write("sdk/package.json", "{}");
  spawnSync("git", ["init", "-q"], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

it("types are checked in every folder of the server, the client, tests and scripts", () => {
  const files = ["src/domain/a.ts", "sdk/src/b.ts", "test/c.ts", "scripts/check/d.ts"];
  for (const file of files) write(file, 'export const count: number = "one";\n');
  const said = run("typescript/bin/tsc", "-p", ".");
  for (const file of files) expect(said).toContain(`${file}(1,14): error TS2322`);
});

it("types are checked in the portal", () => {
  write("portal/src/ui/button.tsx", 'export const Button = () => <b title={1}>{"ok"}</b>;\n');
  expect(run("typescript/bin/tsc", "-p", "portal")).toMatch(/portal\/src\/ui\/button\.tsx\(1,\d+\): error TS2322/);
});

it("format and lint look at every folder", () => {
  const files = ["src/core/a.ts", "sdk/src/lint.ts", "portal/src/lint.tsx", "test/lint.ts", "scripts/lint.mjs"];
  for (const file of files) write(file, "export const a = (b)=>eval(b)\n");
  const said = run("@biomejs/biome/bin/biome", "check", "--colors=off", "--max-diagnostics=none", "--reporter=github");
  for (const file of files) expect(said).toContain(file);
  expect(said).toContain("noGlobalEval");
});

it("dead files, exports and dependencies are found", () => {
  write("src/providers/index.ts", 'import { used } from "./kit.ts";\nconsole.log(used);\n');
  write("src/providers/kit.ts", "export const used = 1;\nexport const forgotten = 2;\n");
  write("src/providers/attic.ts", "export const old = 1;\n");
  const said = run("knip/bin/knip.js", "--no-progress");
  expect(said).toContain("src/providers/attic.ts");
  expect(said).toMatch(/forgotten +src\/providers\/kit\.ts/);
  expect(said).toMatch(/undici +package\.json/);
  expect(said).not.toMatch(/\bused +src/);
});

function run(tool: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, "node_modules", tool), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(status).not.toBe(0);
  return stdout + stderr;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
