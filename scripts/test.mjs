// All checks and all tests; the last line counts them. Arguments go to vitest, and then only tests run:
//   npm test -- src/db --project embedded
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const long = process.argv.includes("--long");
const chosen = process.argv.slice(2).filter((argument) => argument !== "--long");

const checked = chosen.length > 0 || runs("scripts/check.mjs", []);
const folder = mkdtempSync(join(tmpdir(), "hawser-report-"));
const report = join(folder, "report.json");
const tested = runs(
  "node_modules/vitest/vitest.mjs",
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...chosen],
  long ? { HAWSER_TEST_LONG: "1" } : {},
);
const { passed, failed } = count();
rmSync(folder, { recursive: true });

if (!checked) console.log("npm run check failed; see the beginning.");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = checked && tested && failed === 0 ? 0 : 1;

function runs(script, args, environment = {}) {
  const result = spawnSync(process.execPath, [script, ...args], {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  return result.status === 0;
}

function count() {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    // A file that cannot even be loaded has no tests to fail.
    const broken = testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
    );
    const failed = numFailedTests + broken.length;
    // Without a failing test it was something around them, the database for instance.
    return { passed: numPassedTests, failed: failed === 0 && !tested ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 }; // vitest ended before it could report
  }
}
