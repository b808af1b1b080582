import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { testDatabase } from "../test/support/database.ts";
import { dbTypes } from "./db-types.ts";

it("src/db/types.ts says what the migrations make (else: npm run generate:db-types)", async () => {
  const { ownerUrl, close } = await testDatabase();

  const made = await dbTypes(ownerUrl);

  expect(readFileSync(join(import.meta.dirname, "../src/db/types.ts"), "utf8")).toBe(made);
  await close();
});
