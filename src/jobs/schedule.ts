// Fires schedules: each tick once, however many processes look (SR-95).
import { AppError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { Log } from "./log.ts";
import { latestTick, nextTick, parseRule, type ScheduleRule } from "./schedule-rule.ts";

/** What a schedule belongs to: `sync` and its id, for instance. */
export interface ScheduleOwner {
  kind: string;
  id: string;
}

/**
 * Called for a tick, in the transaction that records it: what it queues there is queued once. When it throws, nothing
 * has happened and the tick is tried again a little later.
 */
export type FireTick = (tx: WorkspaceTx, owner: ScheduleOwner, scheduledFor: Date) => Promise<void>;

export interface ScheduleOptions {
  database: Database;
  fire: FireTick;
  log: Log;
}

interface DueSchedule {
  workspace: WorkspaceId;
  owner: ScheduleOwner;
}

interface ScheduleRow {
  rule: unknown;
  nextTickAt: Date | null;
  /** By the database's clock: processes may disagree about the time. */
  now: Date;
}

/** Schedules looked at in one pass, and how many of them at the same time. */
const mostAtOnce = 500;
const sideBySide = 4;
const failurePauseMs = 30_000;
const dayMs = 24 * 60 * 60_000;

/** Looks for what is due, every second unless told, until it is stopped. To be run in every worker process. */
export function runSchedules(options: ScheduleOptions & { everyMs?: number }): { stop(): Promise<void> } {
  const { database, log, everyMs = 1_000 } = options;
  // A schedule whose owner cannot be started is left alone for a while, so that it does not hold up the others.
  const pausedUntil = new Map<string, number>();
  let failing = false;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let pass = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    try {
      await fireDueTicks(options, pausedUntil);
      if (performance.now() - prunedAt > dayMs) {
        prunedAt = performance.now();
        await pruneTicks(database);
      }
      failing = false;
    } catch (error) {
      if (!failing) log.error({ error }, "schedules cannot be read");
      failing = true;
    }
    if (!stopped) timer = setTimeout(next, everyMs);
  }
  function next(): void {
    pass = look();
  }

  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await pass;
    },
  };
}

/** Fires everything that is due now, once. Other processes may do the same at the same time. */
export async function fireDueTicks(
  options: ScheduleOptions,
  pausedUntil: Map<string, number> = new Map(),
): Promise<void> {
  const due = (await findDue(options.database)).filter((schedule) => {
    const until = pausedUntil.get(keyOf(schedule));
    return until === undefined || until <= performance.now();
  });
  const takeNext = async () => {
    for (let schedule = due.shift(); schedule; schedule = due.shift()) {
      try {
        await fireSchedule(options, schedule);
        pausedUntil.delete(keyOf(schedule));
      } catch (error) {
        pausedUntil.set(keyOf(schedule), performance.now() + failurePauseMs);
        options.log.error({ ...schedule, error }, "a scheduled tick could not be fired; it is tried again");
      }
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, takeNext));
}

async function fireSchedule({ database, fire }: ScheduleOptions, { workspace, owner }: DueSchedule): Promise<void> {
  await database.asWorkspace({ workspace }, async (tx) => {
    const row = await lockSchedule(tx, owner);
    // Another process has it, or has been quicker.
    if (!row || (row.nextTickAt && row.nextTickAt > row.now)) return;

    let rule: ScheduleRule;
    try {
      rule = parseRule(row.rule);
    } catch (error) {
      // The rule came from plain SQL. Only this schedule stops; a new rule wakes it up again.
      if (!(error instanceof AppError)) throw error;
      return await markFailed(tx, owner, error.message);
    }

    const anchor = row.nextTickAt ?? row.now;
    const tick = row.nextTickAt && (latestTick(rule, row.now, anchor) ?? row.nextTickAt);
    await planNext(tx, owner, tick, nextTick(rule, row.now, anchor));
    if (tick && (await recordTick(tx, owner, tick))) await fire(tx, owner, tick);
  });
}

async function findDue(database: Database): Promise<DueSchedule[]> {
  const rows = await database.acrossWorkspaces(
    (tx) => tx.sql<{ workspace: WorkspaceId; kind: string; id: string }>`
      select workspace_id as workspace, owner_kind as kind, owner_id as id from hawser.due_schedules(${mostAtOnce})`,
  );
  return rows.map(({ workspace, kind, id }) => ({ workspace, owner: { kind, id } }));
}

async function lockSchedule(tx: WorkspaceTx, { kind, id }: ScheduleOwner): Promise<ScheduleRow | undefined> {
  const rows = await tx.sql<ScheduleRow>`
    select rule, next_tick_at as "nextTickAt", clock_timestamp() as now
      from schedules
     where owner_kind = ${kind} and owner_id = ${id} and enabled and failure is null
       for update skip locked`;
  return rows[0];
}

/** Without a next tick it is not looked at again until its rule changes. */
async function planNext(
  tx: WorkspaceTx,
  { kind, id }: ScheduleOwner,
  tick: Date | null,
  next: Date | undefined,
): Promise<void> {
  await tx.sql`
    update schedules
       set next_tick_at = ${next ?? "infinity"}, last_tick_at = coalesce(${tick}, last_tick_at)
     where owner_kind = ${kind} and owner_id = ${id}`;
}

async function markFailed(tx: WorkspaceTx, { kind, id }: ScheduleOwner, failure: string): Promise<void> {
  await tx.sql`
    update schedules set failure = ${failure}, next_tick_at = null where owner_kind = ${kind} and owner_id = ${id}`;
}

/** Whether this tick is new: the primary key of `ticks` is what makes it unique. */
async function recordTick(tx: WorkspaceTx, { kind, id }: ScheduleOwner, scheduledFor: Date): Promise<boolean> {
  const rows = await tx.sql`
    insert into ticks (workspace_id, owner_kind, owner_id, scheduled_for)
    values (${tx.workspace}, ${kind}, ${id}, ${scheduledFor})
    on conflict do nothing
    returning scheduled_for`;
  return rows.length > 0;
}

/** Forgets ticks that are older than 30 days; nothing fires that late. */
export async function pruneTicks(database: Database): Promise<void> {
  let after: WorkspaceId | null = null;
  do {
    const last: WorkspaceId | null = after;
    const workspaces: { id: WorkspaceId }[] = await database.acrossWorkspaces(
      (tx) => tx.sql<{ id: WorkspaceId }>`select id from hawser.workspace_ids(${last}, 100) as id`,
    );
    for (const { id } of workspaces) {
      await database.asWorkspace(
        { workspace: id },
        (tx) => tx.sql`delete from ticks where scheduled_for < clock_timestamp() - interval '30 days'`,
      );
    }
    after = workspaces.at(-1)?.id ?? null;
  } while (after);
}

const keyOf = ({ workspace, owner }: DueSchedule) => `${workspace}/${owner.kind}/${owner.id}`;
