import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { audit } from "./audit.ts";
import { listAudit } from "./list-audit.ts";
import { verifyAudit } from "./verify-audit.ts";

let test: TestDatabase;
let superuser: pg.Client;
let deps: { db: TestDatabase["database"] };
let workspace: WorkspaceId;

beforeAll(async () => {
  test = await testDatabase();
  deps = { db: test.database };
  superuser = await test.superuser();
});
afterAll(() => test.close());
beforeEach(async () => {
  workspace = newId<WorkspaceId>();
  await test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      insert into workspaces (id, name, slug, created_by) values (${workspace}, 'W', ${`w-${workspace}`}, ${newId()})`,
  );
});

const ada = { kind: "user", id: newId<UserId>(), label: "Ada", address: "192.0.2.1", requestId: "r1" } as const;
const write = (action: string, more: Partial<Parameters<typeof audit>[1]> = {}) =>
  test.database.asWorkspace({ workspace }, (tx) => audit(tx, { actor: ada, action, ...more }));
const writeMany = async (count: number) => {
  for (let number = 1; number <= count; number++) await write(`test.${number}`);
};

describe("the audit log", () => {
  it("SR-76 keeps who, what, on what, with which result, from where, and the fields before and after", async () => {
    await write("sync.updated", {
      target: { kind: "sync", id: "s1", label: "Drawings" },
      before: { name: "A" },
      after: { name: "B", tags: ["x"] },
    });
    const { items } = await listAudit(deps, workspace, { limit: 10 });
    expect(items).toEqual([
      {
        sequence: 1,
        at: expect.any(Date),
        actor_kind: "user",
        actor_id: ada.id,
        actor_label: "Ada",
        action: "sync.updated",
        target_kind: "sync",
        target_id: "s1",
        target_label: "Drawings",
        result: "done",
        address: "192.0.2.1",
        request_id: "r1",
        before: { name: "A" },
        after: { name: "B", tags: ["x"] },
      },
    ]);
  });

  it("SR-76 numbers entries without a gap, also when many are written at the same moment or taken back", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => write(`test.${index}`)));
    const failing = test.database.asWorkspace({ workspace }, async (tx) => {
      await audit(tx, { actor: ada, action: "test.lost" });
      throw new Error("taken back");
    });
    await expect(failing).rejects.toThrow("taken back");
    await write("test.last");
    const { items } = await listAudit(deps, workspace, { limit: 50 });
    expect(items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 21 }, (_, index) => 21 - index));
    expect(await verifyAudit(deps, workspace)).toEqual({ entries: 21, intact: true, brokenAt: null });
  });

  it("SR-76 cannot be changed or shortened by the application", async () => {
    await writeMany(2);
    for (const statement of [
      "update audit_entries set action = 'nothing'",
      "delete from audit_entries",
      "truncate audit_entries",
      "update audit_heads set sequence = 0",
      "delete from audit_heads",
    ]) {
      const tried = test.database.asWorkspace({ workspace }, (tx) => tx.run({ text: statement, values: [] }));
      await expect(tried, statement).rejects.toMatchObject({ code: "42501" });
    }
  });

  it.each([
    ["a changed entry", "update hawser.audit_entries set action = 'other' where workspace_id = $1 and sequence = 3", 3],
    [
      "a later time",
      "update hawser.audit_entries set at = at + interval '1 us' where workspace_id = $1 and sequence = 3",
      3,
    ],
    ["a missing entry", "delete from hawser.audit_entries where workspace_id = $1 and sequence = 3", 3],
    ["a missing first entry", "delete from hawser.audit_entries where workspace_id = $1 and sequence = 1", 1],
    ["a missing end", "delete from hawser.audit_entries where workspace_id = $1 and sequence >= 4", 4],
    [
      "two that changed places",
      "update hawser.audit_entries set sequence = -sequence where workspace_id = $1 and sequence in (2, 3)",
      2,
    ],
    ["a new end", "update hawser.audit_heads set hash = sha256('x') where workspace_id = $1", 5],
    ["no end at all", "delete from hawser.audit_heads where workspace_id = $1", 1],
  ])("SR-76 verify finds %s", async (_, change, brokenAt) => {
    await writeMany(5);
    expect(await verifyAudit(deps, workspace)).toEqual({ entries: 5, intact: true, brokenAt: null });
    await superuser.query(change, [workspace]);
    expect(await verifyAudit(deps, workspace)).toMatchObject({ intact: false, brokenAt });
  });

  it("SR-76 verify finds an entry whose hash was made again to fit", async () => {
    await writeMany(5);
    await superuser.query(
      `update hawser.audit_entries e set action = 'other' where workspace_id = $1 and sequence = 3`,
      [workspace],
    );
    await superuser.query(
      `update hawser.audit_entries e set hash = hawser.audit_hash(e) where workspace_id = $1 and sequence = 3`,
      [workspace],
    );
    expect(await verifyAudit(deps, workspace)).toMatchObject({ intact: false, brokenAt: 4 });
  });

  it("is in order when nothing was ever written", async () => {
    expect(await verifyAudit(deps, workspace)).toEqual({ entries: 0, intact: true, brokenAt: null });
  });

  it("is read page by page and by action, actor, target and time", async () => {
    await write("sync.created", { target: { kind: "sync", label: "50% done" } });
    await write("sync.run_started", { target: { kind: "sync", label: "500 done" } });
    await write("syncs.other", { actor: { kind: "system", label: "Hawser" } });
    const read = async (filter: Partial<Parameters<typeof listAudit>[2]>) =>
      (await listAudit(deps, workspace, { limit: 10, ...filter })).items.map(({ sequence }) => sequence);
    const first = await listAudit(deps, workspace, { limit: 2 });
    expect(first.items.map(({ sequence }) => sequence)).toEqual([3, 2]);
    expect(await read({ limit: 2, cursor: first.next })).toEqual([1]);
    expect(await read({ action: "sync" })).toEqual([2, 1]);
    expect(await read({ action: "sync.created" })).toEqual([1]);
    expect(await read({ actor: "hawser" })).toEqual([3]);
    expect(await read({ actor: ada.id })).toEqual([2, 1]);
    expect(await read({ target: "50%" })).toEqual([1]);
    expect(await read({ until: "2020-01-01T00:00:00Z" })).toEqual([]);
    expect(await read({ since: "2020-01-01T00:00:00Z" })).toEqual([3, 2, 1]);
  });
});
