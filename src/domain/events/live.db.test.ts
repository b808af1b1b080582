import { afterAll, beforeAll, expect, it } from "vitest";
import { newId, type SyncId, type SyncRunId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { type Live, type LiveEvent, notifyLive, openLive } from "./live.ts";
import { streamLive } from "./stream-live.ts";

let db: TestDatabase;
let live: Live<string>;
/** Stands for the rows of runs: what each looks like now. */
const runs = new Map<SyncRunId, string>();
beforeAll(async () => {
  db = await testDatabase();
  live = openLive({ database: db.database, readRun: async (_, run) => runs.get(run) });
});
afterAll(async () => {
  await live.close();
  await db.close();
});

const in_ = (workspace: WorkspaceId) => ({
  changed: (what: "syncs" | "connections" = "syncs") =>
    db.database.asWorkspace({ workspace }, (tx) => notifyLive(tx, { workspace, type: "changed", what })),
  async listener(signal = new AbortController().signal) {
    const events = streamLive(live, workspace, signal);
    const first = events.next();
    // The first notice is heard only once the subscription stands; until then it is sent again.
    let ready = false;
    first.then(() => {
      ready = true;
    });
    while (!ready) await this.changed("connections");
    await first;
    return events;
  },
});

/** The next event that is not one of the notices that a listener was started with. */
async function nextOf(events: AsyncGenerator<LiveEvent<string>>): Promise<LiveEvent<string>> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error("the stream has ended");
    if (value.type !== "changed" || value.what !== "connections") return value;
  }
}

it("SR-56 tells only the pages of the workspace in which it happened", async () => {
  const [mine, theirs] = [newId<WorkspaceId>(), newId<WorkspaceId>()];
  const events = await in_(mine).listener();

  await in_(theirs).changed("syncs");
  const sync = newId<SyncId>();
  await db.database.asWorkspace({ workspace: mine }, (tx) =>
    notifyLive(tx, { workspace: mine, type: "changed", what: "files", sync_id: sync }),
  );

  expect(await nextOf(events)).toEqual({ type: "changed", what: "files", sync });
});

it("tells nothing of a transaction that was rolled back", async () => {
  const workspace = newId<WorkspaceId>();
  const events = await in_(workspace).listener();

  await expect(
    db.database.asWorkspace({ workspace }, async (tx) => {
      await notifyLive(tx, { workspace, type: "changed", what: "members" });
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  await in_(workspace).changed("syncs");

  expect(await nextOf(events)).toMatchObject({ what: "syncs" });
});

it("shows a run as it is in the end, however many notices there were", async () => {
  const workspace = newId<WorkspaceId>();
  const [sync, run] = [newId<SyncId>(), newId<SyncRunId>()];
  const events = await in_(workspace).listener();

  for (let number = 1; number <= 30; number++) {
    runs.set(run, `${number} files`);
    await db.database.asWorkspace({ workspace }, (tx) =>
      notifyLive(tx, { workspace, type: "sync_run", sync_id: sync, run_id: run }),
    );
  }
  const seen: string[] = [];
  while (seen.at(-1) !== "30 files") {
    const event = await nextOf(events);
    if (event.type === "sync_run") seen.push(event.run);
  }

  expect(seen.length).toBeLessThan(30);
});

it("tells everybody to fetch again after the connection to the database was lost", async () => {
  const workspace = newId<WorkspaceId>();
  const events = await in_(workspace).listener();

  const superuser = await db.superuser();
  await superuser.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and datname = current_database()",
  );

  expect(await nextOf(events)).toEqual({ type: "resync" });
  await in_(workspace).changed("syncs");
  expect(await nextOf(events)).toMatchObject({ type: "changed", what: "syncs" });
});

it("ends when nobody listens any more", async () => {
  const workspace = newId<WorkspaceId>();
  const leaving = new AbortController();
  const events = await in_(workspace).listener(leaving.signal);

  leaving.abort();

  for await (const _ of events) {
    // What was heard before is still given out.
  }
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

it("opens one connection for all who listen", async () => {
  let listening = 0;
  const counting: Database = {
    ...db.database,
    listen: (channel, heard) => {
      listening++;
      return db.database.listen(channel, heard);
    },
  };
  const other = openLive({ database: counting, readRun: async () => undefined });

  for (let number = 0; number < 5; number++) await other.subscribe(newId<WorkspaceId>(), () => {});
  await other.close();

  expect(listening).toBe(1);
});
