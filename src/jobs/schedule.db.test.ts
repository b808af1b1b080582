import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { type Database, openDatabase } from "#db/database.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import type { Log } from "./log.ts";
import { type FireTick, fireDueTicks, pruneTicks, runSchedules } from "./schedule.ts";

let test: TestDatabase;
let database: Database;
const log: Log = { warn() {}, error() {} };

beforeAll(async () => {
  test = await testDatabase();
  database = test.database;
});
afterEach(async () => {
  vi.useRealTimers();
  for (const { id } of await database.acrossWorkspaces(
    (tx) => tx.sql<{ id: WorkspaceId }>`select id from hawser.workspace_ids(null, 1000) as id`,
  )) {
    await database.asWorkspace({ workspace: id }, (tx) => tx.sql`delete from schedules`);
  }
});
afterAll(() => test.close());

async function aWorkspace(): Promise<WorkspaceId> {
  const workspace = newId<WorkspaceId>();
  await database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      insert into workspaces (id, name, slug, created_by)
      values (${workspace}, 'Harbour', ${`w-${workspace}`}, ${newId<UserId>()})`,
  );
  return workspace;
}

/** A schedule whose next tick lies `dueMinutesAgo` in the past by the database's clock. */
async function aSchedule(workspace: WorkspaceId, options: { rule?: object; dueMinutesAgo?: number } = {}) {
  const { rule = { kind: "interval", minutes: 60 }, dueMinutesAgo = 1 } = options;
  const id = newId<string>();
  await database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      insert into schedules (workspace_id, owner_kind, owner_id, rule, next_tick_at)
      values (${workspace}, 'test', ${id}, ${rule}, clock_timestamp() - make_interval(mins => ${dueMinutesAgo}))`,
  );
  return {
    id,
    async read() {
      const [row] = await database.asWorkspace(
        { workspace },
        (tx) => tx.sql<{ due: boolean; ticks: number; failure: string | null; nextTickAt: Date }>`
          select s.next_tick_at <= clock_timestamp() as due, s.failure, s.next_tick_at as "nextTickAt",
                 (select count(*)::integer from ticks t where t.owner_id = s.owner_id) as ticks
            from schedules s where s.owner_id = ${id}`,
      );
      if (!row) throw new Error("the schedule is gone");
      return row;
    },
    change: (set: { rule: object }) =>
      database.asWorkspace(
        { workspace },
        (tx) => tx.sql`
          update schedules set rule = ${set.rule}, failure = null, next_tick_at = clock_timestamp()
           where owner_id = ${id}`,
      ),
  };
}

function recorder() {
  const fired: { id: string; workspace: WorkspaceId; scheduledFor: Date }[] = [];
  const fire: FireTick = async (tx, owner, scheduledFor) => {
    fired.push({ id: owner.id, workspace: tx.workspace, scheduledFor });
  };
  return { fired, fire };
}

it("SR-95 four processes that look at the same time fire each tick once", async () => {
  const workspaces = [await aWorkspace(), await aWorkspace(), await aWorkspace()];
  const schedules = await Promise.all(
    Array.from({ length: 60 }, (_, index) => aSchedule(workspaces[index % 3] as WorkspaceId)),
  );
  const processes = Array.from({ length: 4 }, () => openDatabase({ appUrl: test.appUrl, maxConnections: 4 }));
  const { fired, fire } = recorder();

  await Promise.all(processes.map((own) => fireDueTicks({ database: own, fire, log })));
  await Promise.all(processes.map((own) => own.close()));

  expect(fired.map(({ id }) => id).sort()).toEqual(schedules.map(({ id }) => id).sort());
});

it("SR-95 a tick that has fired does not fire again when its schedule is put back", async () => {
  const workspace = await aWorkspace();
  const schedule = await aSchedule(workspace);
  const before = await schedule.read();
  const { fired, fire } = recorder();
  await fireDueTicks({ database, fire, log });

  await database.asWorkspace({ workspace }, (tx) => tx.sql`update schedules set next_tick_at = ${before.nextTickAt}`);
  await fireDueTicks({ database, fire, log });

  expect(fired).toHaveLength(1);
});

it("SR-95 after downtime only the latest missed tick runs, and the rhythm stays", async () => {
  const schedule = await aSchedule(await aWorkspace(), { rule: { kind: "interval", minutes: 60 }, dueMinutesAgo: 610 });
  const first = (await schedule.read()).nextTickAt;
  const { fired, fire } = recorder();

  await fireDueTicks({ database, fire, log });
  await fireDueTicks({ database, fire, log });

  const hours = (count: number) => new Date(first.getTime() + count * 3_600_000);
  expect(fired.map(({ scheduledFor }) => scheduledFor)).toEqual([hours(10)]);
  expect(await schedule.read()).toMatchObject({ due: false, nextTickAt: hours(11) });
});

it("SR-95 it is the database's clock that counts, not the process's", async () => {
  const schedule = await aSchedule(await aWorkspace(), { rule: { kind: "interval", minutes: 60 } });
  const due = (await schedule.read()).nextTickAt;
  await aSchedule(await aWorkspace(), { dueMinutesAgo: -60 });
  const { fired, fire } = recorder();

  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2099-01-01") });
  await fireDueTicks({ database, fire, log });

  expect(fired.map(({ id, scheduledFor }) => ({ id, scheduledFor }))).toEqual([{ id: schedule.id, scheduledFor: due }]);
});

it("SR-95 what a tick causes and the tick itself are kept together or not at all", async () => {
  const workspace = await aWorkspace();
  const schedule = await aSchedule(workspace);
  const other = await aSchedule(await aWorkspace());
  const { fired, fire } = recorder();

  await fireDueTicks({
    database,
    log,
    fire: async (tx, owner, scheduledFor) => {
      if (owner.id === schedule.id) throw new Error("the queue is full");
      await fire(tx, owner, scheduledFor);
    },
  });
  expect(fired.map(({ id }) => id)).toEqual([other.id]);
  expect(await schedule.read()).toMatchObject({ due: true, ticks: 0 });

  await fireDueTicks({ database, fire, log });
  expect(fired.map(({ id }) => id)).toEqual([other.id, schedule.id]);
});

it("a rule from plain SQL that nobody can read stops its own schedule only, until it is put right", async () => {
  const workspace = await aWorkspace();
  const broken = await aSchedule(workspace, { rule: { kind: "cron", expression: "never", zone: "UTC" } });
  const sound = await aSchedule(workspace);
  const { fired, fire } = recorder();

  await fireDueTicks({ database, fire, log });
  expect(fired.map(({ id }) => id)).toEqual([sound.id]);
  expect((await broken.read()).failure).toContain("five fields");

  await broken.change({ rule: { kind: "interval", minutes: 5 } });
  await fireDueTicks({ database, fire, log });
  expect(fired.map(({ id }) => id)).toEqual([sound.id, broken.id]);
});

it("a new schedule waits for its first tick", async () => {
  const workspace = await aWorkspace();
  const schedule = await aSchedule(workspace);
  await database.asWorkspace({ workspace }, (tx) => tx.sql`update schedules set next_tick_at = null`);
  const { fired, fire } = recorder();

  await fireDueTicks({ database, fire, log });

  expect(fired).toEqual([]);
  expect((await schedule.read()).due).toBe(false);
});

it("a schedule that is switched off does not fire", async () => {
  const workspace = await aWorkspace();
  await aSchedule(workspace);
  await database.asWorkspace({ workspace }, (tx) => tx.sql`update schedules set enabled = false`);
  const { fired, fire } = recorder();

  await fireDueTicks({ database, fire, log });

  expect(fired).toEqual([]);
});

it("a tick is fired in the workspace that its schedule belongs to", async () => {
  const workspace = await aWorkspace();
  await aSchedule(workspace);
  const { fired, fire } = recorder();

  await fireDueTicks({ database, fire, log });

  expect(fired).toMatchObject([{ workspace }]);
});

it("ticks are forgotten after 30 days, not before", async () => {
  const workspace = await aWorkspace();
  await database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      insert into ticks (workspace_id, owner_kind, owner_id, scheduled_for)
      select ${workspace}, 'test', ${newId<string>()}, now() - make_interval(days => age) from unnest(array[29, 31]) as age`,
  );

  await pruneTicks(database);

  const left = await database.asWorkspace(
    { workspace },
    (tx) => tx.sql<{ age: number }>`select extract(day from now() - scheduled_for)::integer as age from ticks`,
  );
  expect(left).toEqual([{ age: 29 }]);
});

it("keeps looking until it is stopped, and ends what it has begun", async () => {
  const workspace = await aWorkspace();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const schedules = runSchedules({
    database,
    log,
    everyMs: 5,
    fire: async () => {
      begin();
      await mayEnd;
    },
  });
  const schedule = await aSchedule(workspace);
  await begun;

  const stopped = schedules.stop();
  end();
  await stopped;

  expect(await schedule.read()).toMatchObject({ due: false, ticks: 1 });
});
