// Every habit of the house that a machine can hold, in parallel: types, format and lint.
import { spawn } from "node:child_process";

const checks = [
  ["types", "tsc", ["-p", "."]],
  ["format and lint", "biome", ["check"]],
];

const failures = (await Promise.all(checks.map(check))).filter(Boolean);
for (const { name, said } of failures) console.error(`\n${said}\n✗ ${name}`);
console.log(
  failures.length === 0
    ? `✓ ${checks.map(([name]) => name).join(", ")}`
    : `\n${failures.length} of ${checks.length} checks failed`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

async function check([name, command, args]) {
  const child = spawn(`node_modules/.bin/${command}`, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (text) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return code === 0 ? undefined : { name, said: said.trim() };
}
