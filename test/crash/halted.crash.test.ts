// A process that is halted for longer than its lease (a suspended machine, SIGSTOP) and goes on afterwards.

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { startEmbedded } from "#db/embedded.ts";
import { anInstallation, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { seededRandom } from "../support/random.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { inspector, lastRun } from "./inspect.ts";
import { runIsOver, workedOn } from "./run-state.ts";
import { sourceFolder } from "./source-folder.ts";

const ROUNDS = process.env.HAWSER_TEST_LONG === "1" ? 20 : 2;
const FILES = 600;

it("SR-83 a process that comes back after its lease has ended changes nothing", { timeout: 600_000 }, async () => {
  const random = seededRandom();
  console.log(`HAWSER_TEST_SEED=${random.seed}`);
  const home = temporaryFolder();
  const installation = await anInstallation(home, { HAWSER_LEASE_SECONDS: "3" });
  const database = await startEmbedded({ dataDir: installation.dataDir });
  const environment = { HAWSER_DATABASE_URL: database.ownerUrl };
  const successor = await startHawser(installation, { environment: { ...environment, HAWSER_ROLE: "api" } });
  onTestFinished(async () => {
    await successor.killTree();
    await database.stop();
    removeFolder(home);
  });
  const ada = await signUp(installation.url);
  const source = sourceFolder(installation.source, random);
  source.fill(FILES);
  const destination = { kind: "local-folder", root: "target", folder: "copy", layout: "mirror" };
  const sync = await ada.sync(await ada.connect("Documents"), "Everything", { destination, on_delete: "remove" });
  const { slug } = await ada.ask("GET", "");
  const folder = join(installation.target, slug, "copy");
  const seen = inspector({ sync, source, destination: folder, layout: "mirror" });
  const start = () => startHawser(installation, { environment: { ...environment, HAWSER_ROLE: "worker" } });

  for (let round = 0; round < ROUNDS; round++) {
    await ada.ask("POST", `/syncs/${sync}/run`);
    const halted = await start();
    const taken = await workedOn(database.superuserUrl, sync, -1);
    await pause(random.between(20, 900));
    halted.child.kill("SIGSTOP");

    const other = await start();
    await runIsOver(database.superuserUrl, sync);
    // Every file anew, so that whatever the halted process still puts in its place is an old version.
    source.rewrite();
    await ada.ask("POST", `/syncs/${sync}/run`);
    await runIsOver(database.superuserUrl, sync);
    expect(await lastRun(database.superuserUrl, sync)).toMatchObject({ status: "done", failed: 0 });

    halted.child.kill("SIGCONT");
    // It stops when it has noticed, and ended what it was in the middle of.
    await halted.stop();
    await seen.isReplica(database.superuserUrl);
    await other.stop();
    expect(taken.over, "the halt came too late").toBe(false);
  }
});
