// A process that owns an embedded database, for tests that kill it. Says its address and stays until it is ended.
import { startEmbedded } from "#db/embedded.ts";

const [dataDir, binDir] = process.argv.slice(2);
const database = await startEmbedded({ dataDir: dataDir!, binDir: binDir || undefined });
console.log(JSON.stringify({ ownerUrl: database.ownerUrl, server: database.pid }));
process.once("SIGTERM", () => database.stop());
