// The sync of a real folder while its processes are killed at random moments: nothing lost, nothing twice, nothing
// half-written, counts right. HAWSER_TEST_SEED repeats a run as far as the machine allows; HAWSER_TEST_LONG=1 kills more.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EmbeddedDatabase, findEmbedded, startEmbedded } from "#db/embedded.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { postgres15 } from "../support/postgres-15.ts";
import { seededRandom } from "../support/random.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { inspector, lastRun, type RunRow } from "./inspect.ts";
import { runIsOver, workedOn } from "./run-state.ts";
import { sourceFolder } from "./source-folder.ts";

const long = process.env.HAWSER_TEST_LONG === "1";
const FILES = long ? 10_000 : 2_000;
const KILLS = long ? 100 : 12;
// Short, so that the test need not wait long for a dead process's lease to end.
const environment = { HAWSER_LEASE_SECONDS: "3" };

/** Where the database is, and how the kills reach it. */
interface Ground {
  environment: Readonly<Record<string, string>>;
  /** Kills Hawser, now and then with its database. */
  kill(hawser: HawserProcess): Promise<void>;
  /** The superuser's address while Hawser runs. */
  superuserUrl(): Promise<string>;
  /** Lets somebody look into the database while no Hawser runs. */
  look(work: (superuserUrl: string) => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

function embedded(dataDir: string): Ground {
  let kills = 0;
  return {
    environment: {},
    kill: (hawser) => (kills++ % 2 === 0 ? hawser.kill() : hawser.killTree()),
    async superuserUrl() {
      const found = await findEmbedded(dataDir);
      if (!found) throw new Error("the database does not run");
      return found.superuserUrl;
    },
    async look(work) {
      const database = await startEmbedded({ dataDir });
      await work(database.superuserUrl).finally(() => database.stop());
    },
    async end() {},
  };
}

async function server15(dataDir: string): Promise<Ground> {
  let database: EmbeddedDatabase = await startEmbedded({ dataDir, binDir: postgres15 });
  const ground: Ground & { environment: Record<string, string> } = {
    environment: { HAWSER_DATABASE_URL: database.ownerUrl },
    async kill(hawser) {
      const withDatabase = random.between(0, 2) === 0;
      if (withDatabase) process.kill(database.pid, "SIGKILL");
      await hawser.kill();
      if (!withDatabase) return;
      await database.ended;
      database = await startEmbedded({ dataDir, binDir: postgres15 });
      ground.environment.HAWSER_DATABASE_URL = database.ownerUrl;
    },
    superuserUrl: async () => database.superuserUrl,
    look: (work) => work(database.superuserUrl),
    end: () => database.stop(),
  };
  return ground;
}

const random = seededRandom();
console.log(`HAWSER_TEST_SEED=${random.seed}`);

const grounds = [
  { name: "the embedded database", layout: "mirror", open: async (dataDir: string) => embedded(dataDir) },
  ...(existsSync(postgres15) ? [{ name: "a server, PostgreSQL 15", layout: "ids", open: server15 } as const] : []),
] as const;

describe.each(grounds)("on $name, layout $layout", ({ layout, open }) => {
  it("SR-86 SR-90 SR-92 SR-99 a sync survives kill -9 at any moment", {
    timeout: long ? 3_600_000 : 600_000,
  }, async () => {
    const home = temporaryFolder();
    const installation = await anInstallation(home, environment);
    const ground = await open(installation.dataDir);
    let hawser = await startHawser(installation, { environment: ground.environment });
    onTestFinished(async () => {
      await hawser.killTree();
      await ground.end();
      removeFolder(home);
    });
    const ada = await signUp(installation.url);
    const source = sourceFolder(installation.source, random);
    source.fill(FILES);
    const destination = { kind: "local-folder", root: "target", folder: "copy", layout };
    const sync = await ada.sync(await ada.connect("Documents"), "Everything", { destination, on_delete: "remove" });
    const { slug } = await ada.ask("GET", "");
    const seen = inspector({ sync, source, destination: join(installation.target, slug, "copy"), layout });
    let kills = 0;

    /** Runs the sync to its end under kills. `between` happens after each, while no process lives. */
    const runUnderKills = async (mostMs: number, between: () => void = () => {}): Promise<RunRow> => {
      await ada.ask("POST", `/syncs/${sync}/run`);
      for (let epoch = -1, calm = 1; ; calm *= 1.4) {
        const url = await ground.superuserUrl();
        const worked = await workedOn(url, sync, epoch);
        if (worked.over) {
          await seen.afterKill(url);
          return lastRun(url, sync);
        }
        epoch = worked.epoch;
        // Longer each time: also on a machine that does little in a second, the run comes to its end.
        await pause(random.between(10, Math.round(mostMs * calm)));
        await ground.kill(hawser);
        kills++;
        await ground.look((superuserUrl) => seen.afterKill(superuserUrl));
        between();
        hawser = await startHawser(installation, { environment: ground.environment });
      }
    };
    const nothing = { updated: 0, moved: 0, unchanged: 0, skipped: 0, failed: 0, remaining: 0, deleted: 0, held: 0 };

    expect(await runUnderKills(800)).toMatchObject({ ...nothing, status: "done", found: FILES, created: FILES });
    await seen.isReplica(await ground.superuserUrl());

    // What changed between two runs is counted once, however often the second one is killed.
    while (kills < KILLS) {
      const before = source.files.size;
      const { added, edited, moved, deleted } = source.change(0.3);
      expect(await runUnderKills(300)).toMatchObject({
        ...{ status: "done", found: source.files.size, created: added, updated: edited, moved, deleted },
        ...{ unchanged: before - edited - moved - deleted, skipped: 0, failed: 0, remaining: 0, held: 0 },
      });
      await seen.isReplica(await ground.superuserUrl());
    }

    // The source changes in the middle of the run, too. What that run misses is the next one's.
    source.change(0.2);
    await runUnderKills(400, () => void source.change(0.04));
    await ada.ask("POST", `/syncs/${sync}/run`);
    await runIsOver(await ground.superuserUrl(), sync);
    const url = await ground.superuserUrl();
    expect(await lastRun(url, sync)).toMatchObject({
      status: "done",
      found: source.files.size,
      failed: 0,
      remaining: 0,
    });
    await seen.isReplica(url);

    await ada.ask("POST", `/syncs/${sync}/run`);
    await runIsOver(url, sync);
    expect(await lastRun(url, sync)).toMatchObject({
      ...{ ...nothing, status: "done", created: 0 },
      ...{ found: source.files.size, unchanged: source.files.size },
    });
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  });
});
