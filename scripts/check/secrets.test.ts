import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newToken } from "#vault/token.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hawser-secrets-"));
  git("init", "-q");
  write("README.md", "Nothing to see here.");
});
afterEach(() => rmSync(folder, { recursive: true }));

// Put together here, so that this file itself is not found.
const secrets = {
  "a private key": ["-----BEGIN", "EC PRIVATE KEY-----"].join(" "),
  "an AWS key": `key = AKIA${"Q7".repeat(8)}`,
  "a GitHub token": `ghp_${"aB3".repeat(12)}`,
  "a Google key": `AIza${"x9_".repeat(11)}yz`,
  "a master key": `HAWSER_MASTER_KEYS${"="}2026-11:${"kT5".repeat(14)}q`,
  "a token of Hawser": newToken("hwk").text,
  "an address with a password": ["postgresql://owner", "tr0ub4dor-3@db.internal.net/hawser"].join(":"),
};

it.each(Object.entries(secrets))("SR-102 finds %s in the tree", (kind, text) => {
  write("settings.ts", `const a = 1;\nconst value = "${text}";`);
  expect(check()).toEqual({ said: expect.stringContaining(`settings.ts:2 holds ${kind}`), passed: false });
});

it("SR-102 finds what was committed once and taken out again", () => {
  write("settings.ts", `const value = "${secrets["a GitHub token"]}";`);
  commit();
  write("settings.ts", "const value = process.argv[2];");
  commit();
  expect(check()).toEqual({
    said: expect.stringMatching(/commit \w+ settings\.ts holds a GitHub token/),
    passed: false,
  });
});

it("SR-102 excuses a line that only looks like a secret in history alone, and only to the letter", () => {
  const excused = ['const key = "-----BEGIN', "PRIVATE KEY-----\\nMIIB\\n-----END", 'PRIVATE KEY-----\\n";'].join(" ");
  write("credential.test.ts", excused);
  commit();
  write("credential.test.ts", "");
  commit();
  expect(check()).toEqual({ said: expect.stringContaining(", 0 secrets"), passed: true });

  write("elsewhere.ts", excused);
  expect(check()).toEqual({ said: expect.stringContaining("elsewhere.ts:1 holds a private key"), passed: false });
  write("elsewhere.ts", excused.replace("MIIB", "MIIE"));
  commit();
  write("elsewhere.ts", "");
  commit();
  expect(check()).toEqual({
    said: expect.stringMatching(/commit \w+ elsewhere\.ts holds a private key/),
    passed: false,
  });
});

it("says where a secret is without repeating it", () => {
  write("settings.ts", secrets["a token of Hawser"]);
  expect(check().said).not.toContain(secrets["a token of Hawser"]);
});

it("leaves examples and what git ignores alone", () => {
  write(".gitignore", ".env");
  write(".env", secrets["a master key"]);
  write(
    "guide.md",
    "HAWSER_MASTER_KEYS=2026-11:<32 random bytes>\npostgresql://owner:password@db.example.com/hawser\nhwk_0000",
  );
  commit();
  expect(check()).toEqual({ said: expect.stringContaining(", 0 secrets"), passed: true });
});

it("says that it did not look where there is no git", () => {
  rmSync(join(folder, ".git"), { recursive: true });
  write("settings.ts", secrets["a GitHub token"]);
  expect(check()).toEqual({ said: "not checked: this folder is no git repository\n", passed: true });
});

function check(): { said: string; passed: boolean } {
  const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, "secrets.ts"), folder], {
    encoding: "utf8",
  });
  return { said: stdout, passed: status === 0 };
}

function commit(): void {
  git("add", "-A");
  git("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "commit", "-q", "-m", "state");
}

function git(...args: string[]): void {
  execFileSync("git", args, { cwd: folder });
}

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), `${text}\n`);
}
