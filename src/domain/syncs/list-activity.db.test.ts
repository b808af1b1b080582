import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import type { Actor } from "../audit/actor.ts";
import { audit } from "../audit/audit.ts";
import { createWorkspace } from "../workspaces/create-workspace.ts";
import { listActivity } from "./list-activity.ts";

let db: TestDatabase;
let workspace: WorkspaceId;
const user = newId<UserId>();
const actor: Actor = { kind: "user", id: user, label: "Ada", address: "192.0.2.7" };

beforeAll(async () => {
  db = await testDatabase();
  const { default: pg } = await import("pg");
  const auth = new pg.Client({ connectionString: db.authUrl });
  await auth.connect();
  await auth.query(`insert into identity."user" (id, name, email) values ($1, 'Ada', 'ada@example.com')`, [user]);
  await auth.end();
  workspace = (await createWorkspace({ db: db.database }, { user, actor }, "Harbour")).id;
  await db.database.asWorkspace({ workspace }, async (tx) => {
    const did = (action: string, kind: string, label: string) => audit(tx, { actor, action, target: { kind, label } });
    await did("connection.created", "connection", "Drive");
    await did("api_key.created", "api_key", "Backup");
    await did("invitation.created", "invitation", "eve@example.com");
    await did("sync.created", "sync", "Drawings");
    await audit(tx, { actor, action: "sync.updated", result: "refused" });
    const [connection, sync, run] = [newId(), newId(), newId()];
    await tx.sql`insert into connections (workspace_id, id, provider, name) values (${workspace}, ${connection}, 'p', 'Drive')`;
    await tx.sql`
      insert into syncs (workspace_id, id, connection_id, name, drive_id)
      values (${workspace}, ${sync}, ${connection}, 'Drawings', 'd')`;
    await tx.sql`
      insert into sync_runs (workspace_id, id, sync_id, trigger, status, phase, found, created, finished_at)
      values (${workspace}, ${run}, ${sync}, 'manual', 'done', 'finished', 3, 3, clock_timestamp())`;
  });
});
afterAll(() => db.close());

const list = (query: { limit: number; cursor?: string; kind?: "people" | "syncs" | "connections" }) =>
  listActivity({ database: db.database }, workspace, query);

describe("activity", () => {
  it("tells doings and ends of runs, newest first, and nothing of keys, invitations and refusals", async () => {
    const { items, next } = await list({ limit: 50 });
    expect(items.map(({ actor, action, target }) => [actor, action, target?.label])).toEqual([
      [null, "sync_run.done", "Drawings"],
      ["Ada", "sync.created", "Drawings"],
      ["Ada", "connection.created", "Drive"],
      ["Ada", "workspace.created", "Harbour"],
    ]);
    expect(items[0]?.figures).toMatchObject({ found: 3, created: 3, failed: 0 });
    expect(next).toBeUndefined();
    expect(JSON.stringify(items)).not.toContain("192.0.2.7");
  });

  it("goes through every page without a gap or a repeat", async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await list({ limit: 1, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ action }) => action));
      if (!page.next) break;
      cursor = page.next;
    }
    expect(seen).toEqual(["sync_run.done", "sync.created", "connection.created", "workspace.created"]);
  });

  it("can be asked for one kind", async () => {
    expect((await list({ limit: 9, kind: "syncs" })).items.map(({ action }) => action)).toEqual([
      "sync_run.done",
      "sync.created",
    ]);
    expect((await list({ limit: 9, kind: "connections" })).items).toHaveLength(1);
    expect((await list({ limit: 9, kind: "people" })).items).toHaveLength(1);
  });
});
