// Writes src/db/types.ts from the migrations, by way of a database that is thrown away.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbedded } from "#db/embedded.ts";
import { migrateUp } from "#db/migrate.ts";
import { ensureRoles, roleUrls } from "#db/roles.ts";
import { removeFolder, temporaryFolder } from "../test/support/temporary-folder.ts";
import { dbTypes } from "./db-types.ts";

const dataDir = temporaryFolder();
try {
  const { ownerUrl, stop } = await startEmbedded({ dataDir });
  try {
    await ensureRoles(ownerUrl, await roleUrls(ownerUrl));
    await migrateUp(ownerUrl);
    const file = join(import.meta.dirname, "../src/db/types.ts");
    writeFileSync(file, await dbTypes(ownerUrl));
    console.log("src/db/types.ts says what the migrations make.");
  } finally {
    await stop();
  }
} finally {
  removeFolder(dataDir);
}
