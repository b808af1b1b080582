import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { postgres15 } from "./test/support/postgres-15.ts";

// What a test needs is in its name: `x.test.ts` needs nothing, `x.db.test.ts` a database (it runs on the embedded
// PostgreSQL and, where it is installed, on PostgreSQL 15), `x.browser.test.ts` a browser too, and `x.crash.test.ts`
// kills processes.
const anywhere = (kind: string) =>
  ["src", "sdk", "portal", "test", "scripts"].map((folder) => `${folder}/**/*${kind}.test.{ts,tsx}`);
const needsMore = [".db", ".browser", ".crash"].flatMap(anywhere);
const embedded = ["test/support/embedded.setup.ts"];

const server15 = {
  extends: true as const,
  test: { name: "server15", include: anywhere(".db"), globalSetup: ["test/support/server-15.setup.ts"] },
};

export default defineConfig({
  test: {
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests wait for a database or a disk more than they compute.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        extends: true,
        test: { name: "unit", include: anywhere(""), exclude: ["**/node_modules/**", "**/dist/**", ...needsMore] },
      },
      { extends: true, test: { name: "embedded", include: anywhere(".db"), globalSetup: embedded } },
      ...(existsSync(postgres15) ? [server15] : []),
      {
        extends: true,
        test: {
          name: "browser",
          include: anywhere(".browser"),
          globalSetup: embedded,
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "crash",
          include: anywhere(".crash"),
          globalSetup: embedded,
          testTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
