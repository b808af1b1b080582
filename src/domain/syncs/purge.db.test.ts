import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { newId, type SyncId, type SyncRunId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { purgeDeletedSyncs, purgeOldRunLogs } from "./purge.ts";
import { type ASync, aSync } from "./testing/a-sync.ts";

let db: TestDatabase;
let superuser: pg.Client;
const made: ASync[] = [];
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
});
beforeEach(async () => {
  // What another test has left for the purge is none of this one's business.
  await superuser.query("update hawser.syncs set deleted_at = null");
});
afterAll(async () => {
  await Promise.all(made.map((one) => one.end()));
  await db.close();
});

/** A sync that has stored a file, with a row in every table that belongs to it. */
async function aStoredSync(): Promise<ASync> {
  const here = await aSync(db.database, { layout: "mirror" });
  made.push(here);
  await writeFile(join(here.source, "a.txt"), "a");
  expect((await here.run()).status).toBe("done");
  await db.database.asWorkspace(here, async (tx) => {
    await tx.sql`insert into object_removals (workspace_id, sync_id, object_key) values (${tx.workspace}, ${here.sync}, 'gone')`;
  });
  return here;
}

const deletedAgo = (here: ASync, ago: string) =>
  superuser.query("update hawser.syncs set deleted_at = now() - $2::interval where id = $1", [here.sync, ago]);

/** Rows of a sync, by table. */
async function rowsOf({ sync }: { sync: SyncId }): Promise<Record<string, number>> {
  const { rows } = await superuser.query(
    `select (select count(*)::int from hawser.syncs where id = $1) as syncs,
            (select count(*)::int from hawser.sync_leases where sync_id = $1) as leases,
            (select count(*)::int from hawser.sync_runs where sync_id = $1) as runs,
            (select count(*)::int from hawser.sync_run_log l join hawser.sync_runs r on r.id = l.run_id where sync_id = $1) as lines,
            (select count(*)::int from hawser.files where sync_id = $1) as files,
            (select count(*)::int from hawser.object_claims where sync_id = $1) as claims,
            (select count(*)::int from hawser.object_removals where sync_id = $1) as removals`,
    [sync],
  );
  return rows[0];
}
const nothing = { syncs: 0, leases: 0, runs: 0, lines: 0, files: 0, claims: 0, removals: 0 };

async function addLines(here: ASync, run: SyncRunId, count: number): Promise<void> {
  await superuser.query(
    `insert into hawser.sync_run_log (workspace_id, run_id, level, code, message)
     select $1, $2, 'info', 'c', 'm' from generate_series(1, $3::int)`,
    [here.workspace, run, count],
  );
}

it("takes away everything of a sync that was deleted a day ago, and nothing of others", async () => {
  const [gone, kept, justDeleted] = [await aStoredSync(), await aStoredSync(), await aStoredSync()];
  const before = [await rowsOf(gone), await rowsOf(kept), await rowsOf(justDeleted)];
  for (const rows of before)
    expect(
      Object.values(rows).every((count) => count > 0),
      JSON.stringify(rows),
    ).toBe(true);
  await deletedAgo(gone, "24 hours 1 minute");
  await deletedAgo(justDeleted, "23 hours");
  const audited = await superuser.query("select count(*) from hawser.audit_entries");

  expect(await purgeDeletedSyncs(db.database)).toBe(1);

  expect(await rowsOf(gone)).toEqual(nothing);
  expect([await rowsOf(kept), await rowsOf(justDeleted)]).toEqual(before.slice(1));
  const orphans = await superuser.query(
    "select from hawser.sync_run_log l where not exists (select from hawser.sync_runs r where r.id = l.run_id)",
  );
  expect(orphans.rowCount).toBe(0);
  expect((await superuser.query("select count(*) from hawser.audit_entries")).rows).toEqual(audited.rows);
});

it("leaves the objects at the destination where they are", async () => {
  const here = await aStoredSync();
  const stored = await here.stored();
  expect(Object.values(stored)).toEqual(["a"]);
  await deletedAgo(here, "2 days");
  await purgeDeletedSyncs(db.database);
  expect(await here.stored()).toEqual(stored);
});

it("waits for a run that is still at work", async () => {
  const here = await aStoredSync();
  await deletedAgo(here, "2 days");
  const lease = (expires: string) =>
    superuser.query("update hawser.sync_leases set expires_at = now() + $2::interval where sync_id = $1", [
      here.sync,
      expires,
    ]);
  await lease("1 minute");
  const before = await rowsOf(here);
  expect(await purgeDeletedSyncs(db.database)).toBe(0);
  expect(await rowsOf(here)).toEqual(before);
  await lease("-1 second");
  expect(await purgeDeletedSyncs(db.database)).toBe(1);
});

it("goes on where an earlier purge was cut off, with at most 5,000 rows at once", async () => {
  const here = await aStoredSync();
  await superuser.query(
    `insert into hawser.files (workspace_id, sync_id, remote_id, name, is_folder, version, state, seen_generation)
     select $1, $2, 'more-' || n, 'f', false, '1', 'waiting', 1 from generate_series(1, 7000) n`,
    [here.workspace, here.sync],
  );
  await deletedAgo(here, "2 days");
  const { files: before = 0 } = await rowsOf(here);
  const stopping = new AbortController();
  const cutOff = {
    ...db.database,
    asWorkspace: ((context, work) =>
      db.database.asWorkspace(context, work).finally(async () => {
        if (context.workspace === here.workspace) stopping.abort();
      })) as typeof db.database.asWorkspace,
  };

  expect(await purgeDeletedSyncs(cutOff, stopping.signal)).toBe(0);
  expect(await rowsOf(here)).toMatchObject({ syncs: 1, runs: 1, files: before - 5000 });

  expect(await purgeDeletedSyncs(db.database)).toBe(1);
  expect(await rowsOf(here)).toEqual(nothing);
});

it("several at once take each sync away once", async () => {
  const all = [await aStoredSync(), await aStoredSync(), await aStoredSync()];
  for (const one of all) await deletedAgo(one, "2 days");
  const purged = await Promise.all([1, 2, 3].map(() => purgeDeletedSyncs(db.database)));
  // Whoever found one taken went past it, so that the three together have them all.
  expect(purged.reduce((sum, count) => sum + count, 0)).toBe(3);
  for (const one of all) expect(await rowsOf(one)).toEqual(nothing);
});

it("forgets the lines of runs that finished more than 90 days ago, and keeps the runs", async () => {
  const here = await aStoredSync();
  const dayMs = 24 * 60 * 60 * 1000;
  const aRun = async (finishedDaysAgo: number, lines: number): Promise<SyncRunId> => {
    const id = newId<SyncRunId>(Date.now() - (finishedDaysAgo + 1) * dayMs);
    await superuser.query(
      `insert into hawser.sync_runs (workspace_id, id, sync_id, trigger, status, phase, finished_at)
       values ($1, $2, $3, 'manual', 'done', 'finished', now() - make_interval(days => $4))`,
      [here.workspace, id, here.sync, finishedDaysAgo],
    );
    await addLines(here, id, lines);
    return id;
  };
  const [old, recent] = [await aRun(91, 5_200), await aRun(89, 3)];
  const open = newId<SyncRunId>(Date.now() - 200 * dayMs);
  await superuser.query(
    "insert into hawser.sync_runs (workspace_id, id, sync_id, trigger, status) values ($1, $2, $3, 'manual', 'paused')",
    [here.workspace, open, here.sync],
  );
  await addLines(here, open, 2);

  await purgeOldRunLogs(db.database);

  const { rows } = await superuser.query(
    `select r.id, (select count(*)::int from hawser.sync_run_log l where l.run_id = r.id) as lines
       from hawser.sync_runs r where r.id = any($1)`,
    [[old, recent, open]],
  );
  expect(Object.fromEntries(rows.map(({ id, lines }) => [id, lines]))).toEqual({ [old]: 0, [recent]: 3, [open]: 2 });
});
