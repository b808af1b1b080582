import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { startRun } from "../run/start-run.ts";
import { followHint, startHintedRuns } from "./hints.ts";
import { purgeRunsInVain } from "./purge-runs.ts";
import { openNotices } from "./take-notice.ts";
import { aWatchedDrive } from "./testing/a-watched-drive.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

/** Live, and the run that follows from that is over. */
async function aLiveChannel(settings: Parameters<typeof aWatchedDrive>[1] = {}) {
  const here = await aWatchedDrive(test.database, settings);
  await here.work();
  await startHintedRuns(here.deps);
  await here.letRunsBeOver();
  const [subscribed] = here.service.subscriptions.values();
  const [sync] = here.syncs;
  if (!subscribed || !sync) throw new Error("the channel is live");
  const before = (await here.runs()).length;
  /** Triggers of the runs since then. */
  const since = async () => (await here.runs()).slice(before).map(({ trigger }) => trigger);
  return { ...here, subscribed, sync, since };
}

it("SR-68 starts one run of each sync of the drive, and nothing of a notice becomes data", async () => {
  const here = await aLiveChannel({ syncs: 2 });
  expect(await here.service.tell()).toEqual([{ kind: "taken" }]);
  expect(await here.since()).toEqual(["push", "push"]);
  expect(await here.hints()).toEqual([]);
  expect((await here.channels()).map(({ notices }) => notices)).toEqual([1]);
});

it("SR-68 joins a burst into one run, and into one more after that when it went on meanwhile", async () => {
  const here = await aLiveChannel();
  await Promise.all(Array.from({ length: 100 }, () => here.service.tell()));
  expect(await here.since()).toEqual(["push"]);
  expect((await here.channels()).map(({ notices }) => notices)).toEqual([100]);

  await here.asOwner(
    (tx) => tx.sql`update sync_runs set status = 'running', started_at = now() where status = 'queued'`,
  );
  await here.service.tell();
  await startHintedRuns(here.deps);
  expect(await here.since()).toEqual(["push"]);
  await here.letRunsBeOver();
  await startHintedRuns(here.deps);
  expect(await here.since()).toEqual(["push", "push"]);
  await here.letRunsBeOver();
  await startHintedRuns(here.deps);
  expect(await here.since()).toEqual(["push", "push"]);
});

it("SR-68 begins no run sooner than ten seconds after the one before", async () => {
  const here = await aLiveChannel();
  await here.service.tell();
  // However slow this machine is, the run has begun less than ten seconds ago.
  await here.asOwner(
    (tx) => tx.sql`
      update sync_runs
         set status = 'done', started_at = now(), finished_at = now(), created_at = now() + interval '1 minute'
       where status = 'queued'`,
  );
  await here.service.tell();
  await startHintedRuns(here.deps);
  expect([await here.since(), (await here.hints()).length]).toEqual([["push"], 1]);
  await here.letRunsBeOver();
  await startHintedRuns(here.deps);
  expect([await here.since(), (await here.hints()).length]).toEqual([["push", "push"], 0]);
});

it("starts none where a run has begun after the notice, whatever it was started by", async () => {
  const here = await aLiveChannel();
  await here.asOwner((tx) => startRun(tx, here.deps.queue, { sync: here.sync, trigger: "manual" }));
  await here.service.tell();
  await here.letRunsBeOver();
  await startHintedRuns(here.deps);
  expect(await here.since()).toEqual(["manual"]);
  expect(await here.hints()).toEqual([]);
});

it("starts one run when two processes follow the same hint", async () => {
  const here = await aLiveChannel();
  const listening = openNotices(here.aProcess());
  const both = [openNotices(here.deps), listening];
  await Promise.all(
    both.map(async (take) => {
      here.service.listen(take);
      await here.service.tell();
      await followHint(here.deps, here.workspace, here.sync);
    }),
  );
  expect(await here.since()).toEqual(["push"]);
});

it("takes a notice that comes again for what it is: nothing new", async () => {
  const here = await aLiveChannel();
  await here.service.tell({ id: "7" });
  await here.letRunsBeOver();
  for (let again = 0; again < 5; again++) expect(await here.service.tell({ id: "7" })).toEqual([{ kind: "taken" }]);
  await startHintedRuns(here.deps);
  expect(await here.since()).toEqual(["push"]);
  expect((await here.channels()).map(({ notices }) => notices)).toEqual([1]);
});

it("SR-68 refuses whoever does not know the secret, counts it, and starts nothing", async () => {
  const here = await aLiveChannel();
  const refused = await Promise.all(
    ["", "wrong", here.subscribed.secret.slice(1)].map((secret) =>
      here.service.deliver(here.subscribed, { headers: { "x-secret": secret, "x-id": "1" } }),
    ),
  );
  expect(refused).toEqual([{ kind: "unknown" }, { kind: "unknown" }, { kind: "unknown" }]);
  expect(await here.since()).toEqual([]);
  expect(await here.channels()).toMatchObject([{ refused: 3, notices: 0 }]);
});

it("SR-68 echoes nothing but while a subscription is being made, and nothing long", async () => {
  const here = await aLiveChannel();
  expect(await here.service.deliver(here.subscribed, { query: "echo=hello" })).toEqual({ kind: "unknown" });
  const another = await aWatchedDrive(test.database);
  const echoes: unknown[] = [];
  another.service.beforeAnswer(async () => {
    const [{ url } = { url: "" }] = [...another.service.subscriptions.values()];
    for (const echo of ["a".repeat(2048), "a".repeat(2049)]) {
      echoes.push((await another.service.deliver({ url }, { query: `echo=${echo}` })).kind);
    }
  });
  await another.work();
  expect(echoes).toEqual(["handshake", "unknown"]);
});

it("SR-67 knows no place but those that were given out", async () => {
  const here = await aLiveChannel();
  const take = openNotices(here.deps);
  const delivery = { headers: new Headers(), query: new URLSearchParams(), body: new Uint8Array() };
  for (const place of ["", "x", "A".repeat(43), "../../health", `${"A".repeat(42)}=`]) {
    expect(await take(place, delivery)).toEqual({ kind: "unknown" });
  }
});

it("drops the hint of a sync that may not run", async () => {
  const here = await aLiveChannel();
  await here.asOwner(
    (tx) => tx.sql`insert into push_hints (workspace_id, sync_id) values (${here.workspace}, ${here.sync})`,
  );
  await here.asOwner((tx) => tx.sql`update syncs set enabled = false`);
  await startHintedRuns(here.deps);
  expect([await here.since(), await here.hints()]).toEqual([[], []]);
});

it("renews or begins anew when the provider says that it will send no more", async () => {
  const here = await aLiveChannel();
  await here.service.tell({ asks: "renew" });
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "renew"]);
  await here.service.tell({ asks: "subscribe" });
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "renew", "subscribe"]);
  expect(await here.push()).toMatchObject({ state: "live" });
});

it("SR-59 takes a notice in the workspace of its channel, and shows nothing of it to another one", async () => {
  const [mine, other] = [await aLiveChannel(), await aLiveChannel()];
  mine.service.listen(openNotices(mine.deps));
  await mine.service.tell();
  expect(await mine.since()).toEqual(["push"]);
  expect(await other.since()).toEqual([]);
  expect(await other.channels()).toMatchObject([{ notices: 0 }]);
});

it("leaves no runs that found nothing for longer than a week, but the last one", async () => {
  const here = await aLiveChannel();
  let at = Date.now();
  const add = (days: number, more: { trigger?: string; created?: number } = {}) =>
    here.asOwner((tx) => {
      const { trigger = "push", created = 0 } = more;
      return tx.sql`
        insert into sync_runs (workspace_id, id, sync_id, trigger, status, found, created, finished_at)
        values (${here.workspace}, ${newId<string>(at++)}, ${here.sync}, ${trigger}, 'done', ${created}, ${created},
                now() - make_interval(days => ${days}))`;
    });
  await here.asOwner((tx) => tx.sql`delete from sync_runs`);
  await add(8);
  await add(8, { created: 1 });
  await add(8, { trigger: "schedule" });
  await add(6);
  await add(8);
  await purgeRunsInVain(test.database);
  const left = await here.asOwner(
    (tx) => tx.sql<{ trigger: string; created: number; days: number }>`
      select trigger, created, extract(day from now() - finished_at)::int as days from sync_runs order by id`,
  );
  expect(left.map(({ trigger, created, days }) => [trigger, created, days])).toEqual([
    ["push", 1, 8],
    ["schedule", 0, 8],
    ["push", 0, 6],
    ["push", 0, 8],
  ]);
});
