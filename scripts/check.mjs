// Every habit of the house that a machine can hold, side by side. Each check says what it saw.
import { spawn } from "node:child_process";

const bin = (path) => `node_modules/${path}`;
const checks = [
  ["types", bin("typescript/bin/tsc"), "-p", "."],
  ["types of the portal", bin("typescript/bin/tsc"), "-p", "portal"],
  ["format and lint", bin("@biomejs/biome/bin/biome"), "check", "--colors=off", "--error-on-warnings"],
  ["imports", "scripts/check/imports.ts"],
  ["dead code", bin("knip/bin/knip.js"), "--no-progress", "--treat-config-hints-as-errors"],
  ["licences", "scripts/check/licences.ts"],
  ["secrets", "scripts/check/secrets.ts"],
  ["advisories", "scripts/check/advisories.ts"],
];

const results = await Promise.all(checks.map(run));
for (const { name, code, seconds, said } of results) {
  if (code === 0) console.log(`✓ ${name} (${seconds} s) ${said.split("\n").at(-1)}`);
}
const failures = results.filter(({ code }) => code !== 0);
for (const { name, said } of failures) console.error(`\n${said}\n✗ ${name}`);
if (failures.length > 0) console.error(`\n${failures.length} of ${checks.length} checks failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function run([name, script, ...args]) {
  const start = Date.now();
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (text) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { name, code, seconds: ((Date.now() - start) / 1000).toFixed(1), said: said.trim() };
}
