// All checks and all tests; the last line counts them. Arguments go to vitest, and then only tests run:
//   npm test -- src/db --project embedded
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";

const long = process.argv.includes("--long");
const chosen = process.argv.slice(2).filter((argument) => argument !== "--long");

// Tests in a browser and tests that kill go one file at a time, and mostly wait: side by side, and beside the others.
// The longest of those that kill has a time to end in, and more to do the slower the machine is: what computes waits for it.
const longest = ["--project", "crash", "test/crash/sync.crash.test.ts", "-t"];
const killing = globSync("{src,sdk,portal,test,scripts}/**/*.crash.test.ts").filter((file) => !longest.includes(file));
const first = [
  [...longest, "on the embedded database"],
  [...longest, "on a server"],
];
const second = [
  ["--project", "!browser", "--project", "!crash"],
  ["--project", "crash", ...killing],
];
const parts = chosen.length > 0 ? [chosen] : [...first, ["--project", "browser"], ...second];
let interrupted = false;

const environment = {
  ...process.env,
  // Processes of tests start in half the time from where `npm start` keeps the code as it was compiled.
  NODE_COMPILE_CACHE: resolve("node_modules/.cache/hawser"),
  ...(long && { HAWSER_TEST_LONG: "1" }),
};
const folder = mkdtempSync(join(tmpdir(), "hawser-report-"));
const checking = chosen.length > 0 ? true : check();
const begun = parts.filter((part) => !second.includes(part)).map(test);
await Promise.all(begun.slice(0, first.length));
if (!interrupted) begun.push(...parts.slice(begun.length).map((part, at) => test(part, begun.length + at)));
const counts = await Promise.all(begun);
const checked = await checking;
rmSync(folder, { recursive: true });

const [passed, failed] = ["passed", "failed"].map((what) => counts.reduce((sum, count) => sum + count[what], 0));
if (parts.length > 1) for (const name of counts.flatMap(({ failures }) => failures)) console.log(`✗ ${name}`);
if (!checked) console.log("npm run check failed; see what it said.");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = checked && failed === 0 ? 0 : 1;

/** It speaks once, when it has ended. */
async function check() {
  const child = spawn(process.execPath, ["scripts/check.mjs"], { stdio: "inherit" });
  return (await new Promise((resolve) => child.once("close", resolve))) === 0;
}

async function test(projects, part) {
  const report = join(folder, `${part}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const beside = parts.length > 1;
  const child = spawn(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...projects],
    // A group of its own has all that a part has started, and an interrupt ends all of that.
    beside
      ? { env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true }
      : { env: environment, stdio: "inherit" },
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      interrupted = true;
      if (child.exitCode === null && child.signalCode === null) process.kill(beside ? -child.pid : child.pid, signal);
    });
  }
  // Line by line, so that no part breaks into what another one says.
  if (beside) {
    createInterface(child.stdout).on("line", (line) => console.log(line));
    createInterface(child.stderr).on("line", (line) => console.error(line));
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return count(report, code === 0);
}

function count(report, tested) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    // A file that cannot even be loaded has no tests to fail.
    const broken = testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
    );
    const failures = testResults.flatMap((file) =>
      file.assertionResults
        .filter((test) => test.status === "failed")
        .map((test) => `${relative(".", file.name)} > ${test.fullName}`),
    );
    failures.push(...broken.map((file) => relative(".", file.name)));
    const failed = numFailedTests + broken.length;
    // Without a failing test it was something around them, the database for instance.
    return { passed: numPassedTests, failed: failed === 0 && !tested ? 1 : failed, failures };
  } catch {
    return { passed: 0, failed: 1, failures: [] }; // vitest ended before it could report
  }
}
