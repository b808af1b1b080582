// Four processes on one database: schedules fire once, files are stored once, and what one leaves the others take up.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFailed, onTestFinished, vi } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "#db/embedded.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { seededRandom } from "../support/random.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { query } from "./inspect.ts";

const SYNCS = 20;
const TICKS = 4;
const FILES_A_TICK = 12;
const LARGE = 250_000;
/** Runs of a dead process go on elsewhere within this (SR-92). */
const TAKE_OVER_MS = 30_000;

it("SR-92 SR-95 four processes on one database: each tick and each file once", { timeout: 180_000 }, async () => {
  const random = seededRandom();
  console.log(`HAWSER_TEST_SEED=${random.seed}`);
  const home = temporaryFolder();
  const installation = await anInstallation(home, { HAWSER_LEASE_SECONDS: "3" });
  const database = await startEmbedded({ dataDir: installation.dataDir });
  const processes: HawserProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(processes.map((process) => process.killTree()));
    await database.stop();
    removeFolder(home);
  });
  onTestFailed(() => console.log(processes.map(({ said }) => said()).join("\n")));
  const start = async (role: "all" | "worker") =>
    processes.push(
      await startHawser(installation, { environment: { HAWSER_DATABASE_URL: database.ownerUrl, HAWSER_ROLE: role } }),
    );
  await start("all");
  await Promise.all([start("worker"), start("worker"), start("worker")]);

  const ada = await signUp(installation.url);
  for (let n = 0; n < SYNCS; n++) {
    mkdirSync(join(installation.source, `dock ${n}`));
    const connection = await ada.connect(`Dock ${n}`, `dock ${n}`);
    const destination = { kind: "local-folder", root: "target", folder: `copy ${n}` };
    const schedule = { kind: "interval", minutes: 60 };
    await ada.sync(connection, `Dock ${n}`, { destination, schedule });
  }
  // Nothing is due until each schedule has got its first tick.
  await vi.waitFor(async () => expect(await countSchedules(database)).toBe(SYNCS), { timeout: 30_000, interval: 100 });

  for (let tick = 1; tick <= TICKS; tick++) {
    for (let n = 0; n < SYNCS; n++) {
      for (let file = 0; file < FILES_A_TICK; file++) {
        writeFileSync(
          join(installation.source, `dock ${n}`, `tick ${tick} file ${file}.bin`),
          random.bytes(tick === 2 ? LARGE : random.between(10, 2_000)),
        );
      }
    }
    await query(database.superuserUrl, "update hawser.schedules set next_tick_at = clock_timestamp()");
    if (tick === 2) await killOneAtWork(database, processes);
    await vi.waitFor(async () => expect(await statuses(database)).toEqual({ done: tick * SYNCS }), {
      timeout: TAKE_OVER_MS,
      interval: 100,
    });
  }

  const [once] = await query(
    database.superuserUrl,
    `select (select count(*)::int from hawser.ticks) as ticks,
            (select count(*)::int from hawser.sync_runs) as runs,
            (select count(distinct (sync_id, scheduled_for))::int from hawser.sync_runs) as run_ticks,
            (select sum(created)::int from hawser.sync_runs) as created,
            (select sum(updated + failed + skipped + moved + deleted + remaining)::int from hawser.sync_runs) as others,
            (select count(*)::int from hawser.files where state = 'stored') as stored,
            (select count(*)::int from hawser.sync_run_log where code = 'taken_over') > 0 as taken_over`,
  );
  const [ticks, files] = [SYNCS * TICKS, SYNCS * TICKS * FILES_A_TICK];
  expect(once).toEqual({
    ticks,
    runs: ticks,
    run_ticks: ticks,
    created: files,
    others: 0,
    stored: files,
    taken_over: true,
  });
});

const countSchedules = async ({ superuserUrl }: EmbeddedDatabase): Promise<number> => {
  const planned = await query(superuserUrl, "select from hawser.schedules where next_tick_at is not null");
  return planned.length;
};

/** How many runs there are of each status. */
const statuses = async ({ superuserUrl }: EmbeddedDatabase): Promise<Record<string, number>> => {
  const rows = await query<{ status: string; runs: number }>(
    superuserUrl,
    "select concat(status, ' ' || (failure ->> 'message')) as status, count(*)::int as runs from hawser.sync_runs group by 1",
  );
  return Object.fromEntries(rows.map(({ status, runs }) => [status, runs]));
};

/** kill -9 of a worker that has a run in its hands. */
async function killOneAtWork(database: EmbeddedDatabase, [, ...workers]: readonly HawserProcess[]): Promise<void> {
  const atWork = await vi.waitFor(
    async () => {
      const leases = await query<{ holder: string }>(
        database.superuserUrl,
        "select holder from hawser.sync_leases where expires_at > clock_timestamp()",
      );
      const found = workers.find(({ pid }) => leases.some(({ holder }) => holder.includes(`:${pid}:`)));
      if (!found) throw new Error("no worker has a run");
      return found;
    },
    { timeout: 20_000, interval: 5 },
  );
  await atWork.kill();
}
