// Two processes that copy a cloud, and kill -9 at any moment: nothing is lost, nothing stored twice, and of a large file at
// most what had not been noted yet is fetched again.
import { createHash } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFailed, onTestFinished, vi } from "vitest";
import { startEmbedded } from "#db/embedded.ts";
import { UPLOAD_CHUNK } from "#destinations/destination.ts";
import type { SimulatedFiles } from "#provider-kit/sim/files.ts";
import { hashesOfNode, type SimNode } from "#provider-kit/sim/tree.ts";
import { openSandbox } from "../../src/sandbox/sandbox.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { seededRandom } from "../support/random.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { query } from "./inspect.ts";

const FILES = 400;
const LARGE = 500 * 2 ** 20;
const KILLS = 8;
/** What is on its way in sockets and streams when a process dies. */
const ON_ITS_WAY = 16 * 2 ** 20;

it("F1 SR-86 SR-92 two processes copy a cloud through kill -9: nothing lost, nothing twice", {
  timeout: 240_000,
}, async () => {
  const random = seededRandom();
  console.log(`HAWSER_TEST_SEED=${random.seed}`);
  const home = temporaryFolder();
  const installation = await anInstallation(home, { HAWSER_LEASE_SECONDS: "3", HAWSER_SANDBOX: "true" });
  const sandbox = await openSandbox({ port: Number(new URL(installation.sandbox).port) });
  const database = await startEmbedded({ dataDir: installation.dataDir });
  const running = new Map<"all" | "worker", HawserProcess>();
  onTestFinished(async () => {
    await Promise.all([...running.values()].map((process) => process.killTree()));
    await database.stop();
    await sandbox.close();
    removeFolder(home);
  });
  onTestFailed(() => console.log([...running.values()].map(({ said }) => said()).join("\n")));
  const start = async (role: "all" | "worker") => {
    const environment = { HAWSER_DATABASE_URL: database.ownerUrl, HAWSER_ROLE: role };
    running.set(role, await startHawser(installation, { environment }));
  };

  const google = sandbox.services.get("google-drive") as SimulatedFiles;
  const drive = google.tree.addDrive("Crash");
  const large = google.tree.addFile(drive.top, "film.bin", { kind: "noise", seed: 1, size: LARGE });
  for (let n = 0; n < FILES; n++) {
    const folder = n % 20 === 0 ? google.tree.addFolder(drive.top, `Box ${n / 20}`) : undefined;
    const place = folder ?? ([...(drive.top.children ?? [])].at(-1) as SimNode);
    google.tree.addFile(place, `plan ${n}.pdf`, { kind: "noise", seed: n, size: random.between(1, 60_000) });
  }
  hashesOfNode(large);
  const fetched = countBytes(google, large.id);

  await start("all");
  await start("worker");
  const ada = await signUp(installation.url);
  const { id: connection } = await ada.ask("POST", "/connections", {
    provider: "google-drive",
    name: "Drive",
    sandbox: true,
  });
  const { url } = await ada.ask("POST", `/connections/${connection}/authorize`, {});
  await ada.visit(await ada.visit(`${url}&decision=allow`));
  const { id: sync } = await ada.ask("POST", "/syncs?run=true", {
    connection_id: connection,
    name: "Crash",
    drive: { id: drive.id, name: "Crash" },
    destination: { kind: "local-folder", root: "target", folder: "copy", layout: "mirror" },
  });

  let kills = 0;
  const isOver = async () => {
    const [run] = await query<{ status: string }>(database.superuserUrl, "select status from hawser.sync_runs");
    return run?.status === "done";
  };
  while (kills < KILLS && !(await isOver())) {
    await wait(random.between(50, 1_500));
    // Whoever has the run, mostly: killing the other one is no news.
    const [lease] = await query<{ holder: string }>(
      database.superuserUrl,
      "select holder from hawser.sync_leases where expires_at > clock_timestamp()",
    );
    const held = [...running].find(([, { pid }]) => lease?.holder.includes(`:${pid}:`));
    const [role, process] = held ?? random.of([...running]);
    await process.kill();
    kills += 1;
    await start(role);
  }
  await vi.waitFor(async () => expect(await isOver()).toBe(true), { timeout: 120_000, interval: 200 });

  const rows = await query<{ remote_id: string; object_key: string; object_sha256: string; state: string }>(
    database.superuserUrl,
    `select remote_id, object_key, object_sha256, state from hawser.files where sync_id = '${sync}' and not is_folder`,
  );
  expect(rows.length).toBe(FILES + 1);
  const folder = join(installation.target, "harbour", "copy");
  for (const { remote_id, object_key, object_sha256, state } of rows) {
    const node = google.tree.get(remote_id) as SimNode;
    expect([state, object_sha256]).toEqual(["stored", hashesOfNode(node).sha256]);
    expect(await sha256Of(join(folder, object_key))).toBe(object_sha256);
  }
  const objects = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !join(entry.parentPath, entry.name).includes(".hawser"),
  );
  expect(objects.length).toBe(FILES + 1);
  const [figures] = await query(
    database.superuserUrl,
    "select created, updated, failed, remaining, found from hawser.sync_runs",
  );
  expect(figures).toMatchObject({ failed: 0, remaining: 0 });
  console.log(
    `${kills} kills; of the large file ${Math.round(fetched() / 2 ** 20)} of ${LARGE / 2 ** 20} MB were fetched`,
  );
  expect(fetched()).toBeLessThanOrEqual(LARGE + kills * (UPLOAD_CHUNK + ON_ITS_WAY));
});

/** How many bytes of a file have been asked for and sent so far. */
function countBytes(service: SimulatedFiles, id: string): () => number {
  let sum = 0;
  const { fetch } = service;
  service.fetch = async (request) => {
    const answer = await fetch.call(service, request);
    if (!answer.body || !request.url.includes(`/files/${id}?`) || !request.url.includes("alt=media")) return answer;
    const counted = answer.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          sum += chunk.length;
          controller.enqueue(chunk);
        },
      }),
    );
    return new Response(counted, { status: answer.status, headers: answer.headers });
  };
  return () => sum;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
