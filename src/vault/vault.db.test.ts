import { randomBytes } from "node:crypto";
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { parseMasterKeys } from "./keyring.ts";
import { reveal, revealBytes, Secret } from "./reveal.ts";
import { rotateMasterKey, rotationStatus } from "./rotate.ts";
import { createVault, type Refusal, type SecretPlace, type SecretUse } from "./seal.ts";

const key = (id: string) => `${id}:${randomBytes(32).toString("base64url")}`;
const [oldKey, newKey] = [key("old"), key("new")];
const before = parseMasterKeys(oldKey);
const during = parseMasterKeys(`${newKey},${oldKey}`);
const after = parseMasterKeys(newKey);

const use: SecretUse = { actor: { user: newId<UserId>() }, purpose: "test" };
const place: SecretPlace = { table: "connections", row: "r1", field: "credential" };

let test: TestDatabase;
let database: Database;
let superuser: pg.Client;
let refusals: Refusal[] = [];
const vaultWith = (keyring: typeof before) => createVault({ keyring, onRefusal: (refusal) => refusals.push(refusal) });
const vault = vaultWith(before);

beforeAll(async () => {
  test = await testDatabase();
  database = test.database;
  superuser = await test.superuser();
});
afterAll(() => test.close());
beforeEach(async () => {
  refusals = [];
  await superuser.query("delete from hawser.workspaces");
});

async function aWorkspace(): Promise<WorkspaceId> {
  const workspace = newId<WorkspaceId>();
  await superuser.query("insert into hawser.workspaces (id, name, slug, created_by) values ($1, 'test', $2, $3)", [
    workspace,
    `w-${workspace}`,
    newId(),
  ]);
  return workspace;
}
const seal = (workspace: WorkspaceId, plain: string | Uint8Array, where = place, with_ = vault) =>
  database.asWorkspace({ workspace }, (tx) => with_.sealSecret(tx, where, plain));
const open = (workspace: WorkspaceId, text: string, where = place, with_ = vault) =>
  database.asWorkspace({ workspace }, (tx) => with_.openSecret(tx, where, text, use));
const dataKeys = async () => (await superuser.query("select * from hawser.data_keys order by workspace_id, id")).rows;

describe("vault", () => {
  it("SR-1 gives back what was sealed, text and bytes, and stores none of it in plain", async () => {
    const workspace = await aWorkspace();
    const text = await seal(workspace, "hunter2");
    expect(text).toMatch(/^v1\.d1\./);
    expect(reveal(await open(workspace, text))).toBe("hunter2");
    const bytes = randomBytes(1_000);
    expect(Buffer.from(revealBytes(await open(workspace, await seal(workspace, bytes))))).toEqual(bytes);
    const [row] = await dataKeys();
    expect(row).toMatchObject({
      workspace_id: workspace,
      id: "d1",
      master_key_id: "old",
      wrapped: expect.stringMatching(/^v1\.old\./),
    });
  });

  it("SR-2 gives each workspace a data key of its own", async () => {
    const [one, other] = [await aWorkspace(), await aWorkspace()];
    await seal(one, "x");
    await seal(other, "x");
    await seal(other, "y");
    const rows = await dataKeys();
    expect(rows.map((row) => row.workspace_id)).toEqual([one, other].sort());
    expect(rows[0].wrapped).not.toBe(rows[1].wrapped);
  });

  it("SR-2 makes one data key when many first secrets are sealed at once, and all of them open", async () => {
    const workspace = await aWorkspace();
    const texts = await Promise.all(Array.from({ length: 8 }, (_, index) => seal(workspace, `secret ${index}`)));
    expect(await dataKeys()).toHaveLength(1);
    const opened = await Promise.all(texts.map((text) => open(workspace, text)));
    expect(opened.map(reveal)).toEqual(texts.map((_, index) => `secret ${index}`));
  });

  it("SR-2 seals nothing with a data key whose transaction was rolled back", async () => {
    const workspace = await aWorkspace();
    const lost = database.asWorkspace({ workspace }, async (tx) => {
      await vault.sealSecret(tx, place, "lost");
      await vault.sealSecret(tx, place, "lost too");
      throw new Error("rolled back");
    });
    await expect(lost).rejects.toThrow("rolled back");
    const text = await seal(workspace, "kept");
    expect(reveal(await open(workspace, text, place, vaultWith(before)))).toBe("kept");
  });

  it.each([
    ["another row", { ...place, row: "r2" }],
    ["another field", { ...place, field: "refresh_token" }],
    ["another table", { ...place, table: "destinations" }],
    ["a place that joins to the same text", { table: "connection", row: "sr1", field: "credential" }],
  ])("SR-3 a ciphertext copied to %s does not open, and that is reported", async (_what, where) => {
    const workspace = await aWorkspace();
    const text = await seal(workspace, "hunter2");
    await expect(open(workspace, text, where)).rejects.toMatchObject({
      name: "SecretNotOpened",
      reason: "not-authentic",
    });
    expect(refusals).toEqual([{ workspace, place: where, use, reason: "not-authentic" }]);
    expect(reveal(await open(workspace, text))).toBe("hunter2");
  });

  it("SR-3 a ciphertext copied to another workspace does not open, even with its data key copied along", async () => {
    const [one, other] = [await aWorkspace(), await aWorkspace()];
    const text = await seal(one, "hunter2");
    await expect(open(other, text)).rejects.toMatchObject({ reason: "unknown-key" });
    await seal(other, "own");
    await expect(open(other, text)).rejects.toMatchObject({ reason: "not-authentic" });
    await superuser.query(
      "update hawser.data_keys k set wrapped = s.wrapped from hawser.data_keys s where s.workspace_id = $1 and k.workspace_id = $2",
      [one, other],
    );
    await expect(open(other, text)).rejects.toMatchObject({ reason: "not-authentic" });
    expect(refusals.map(({ workspace, reason }) => [workspace, reason])).toEqual([
      [other, "unknown-key"],
      [other, "not-authentic"],
      [other, "not-authentic"],
    ]);
  });

  it("SR-1 a value that is not in the sealed form is refused, never returned as it is", async () => {
    const workspace = await aWorkspace();
    await seal(workspace, "so that there is a key");
    const garbage = fc.oneof(
      fc.string(),
      fc.string().map((tail) => `v1.d1.${tail}`),
      fc.base64String().map((tail) => `v1.d1.AAAAAAAAAAAAAAAA.${tail}`),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (text) => {
        await expect(open(workspace, text)).rejects.toMatchObject({ name: "SecretNotOpened" });
      }),
      { numRuns: 50 },
    );
    expect(refusals).toHaveLength(50);
  });

  it("SR-12 says nothing of the value or the ciphertext when it refuses", async () => {
    const workspace = await aWorkspace();
    const text = await seal(workspace, "hunter2");
    const error = await open(workspace, text, { ...place, row: "r2" }).catch((caught: Error) => caught);
    expect(`${error} ${JSON.stringify(refusals)}`).not.toMatch(/hunter2|v1\./);
  });

  it("SR-7 has a fingerprint that tells values apart within a workspace and says nothing across workspaces", async () => {
    const [one, other] = [newId<WorkspaceId>(), newId<WorkspaceId>()];
    const secret = new Secret("hunter2");
    expect(vault.fingerprint(one, secret)).toMatch(/^[\w-]{12}$/);
    expect(vault.fingerprint(one, secret)).toBe(vault.fingerprint(one, new Secret("hunter2")));
    expect(vault.fingerprint(one, secret)).not.toBe(vault.fingerprint(one, new Secret("hunter3")));
    expect(vault.fingerprint(one, secret)).not.toBe(vault.fingerprint(other, secret));
    expect(vault.fingerprint(one, secret)).not.toBe(vaultWith(after).fingerprint(one, secret));
  });
});

describe("master key rotation", () => {
  const count = 12;
  async function workspacesWithSecrets() {
    const made: { workspace: WorkspaceId; text: string }[] = [];
    for (let index = 0; index < count; index++) {
      const workspace = await aWorkspace();
      made.push({ workspace, text: await seal(workspace, `secret of ${workspace}`) });
    }
    return made;
  }
  const expectAllToOpen = async (made: Awaited<ReturnType<typeof workspacesWithSecrets>>, keyring: typeof before) => {
    for (const { workspace, text } of made) {
      expect(reveal(await open(workspace, text, place, vaultWith(keyring)))).toBe(`secret of ${workspace}`);
    }
  };

  it("SR-2 puts every data key under the new master key, so that the old one may go", async () => {
    const made = await workspacesWithSecrets();
    expect(await rotationStatus(database, during)).toEqual({
      writing: "new",
      dataKeys: { new: 0, old: count },
      missing: [],
    });
    expect(await rotateMasterKey(database, during)).toEqual({ workspaces: count, rewrapped: count, failed: [] });
    expect(await rotationStatus(database, during)).toEqual({
      writing: "new",
      dataKeys: { new: count, old: 0 },
      missing: [],
    });
    await expectAllToOpen(made, after);
    await expect(open(made[0]!.workspace, made[0]!.text, place, vaultWith(before))).rejects.toMatchObject({
      reason: "unknown-key",
    });
  });

  it("SR-2 changes nothing the second time", async () => {
    await workspacesWithSecrets();
    await rotateMasterKey(database, during);
    const rows = await dataKeys();
    expect(await rotateMasterKey(database, during)).toMatchObject({ rewrapped: 0, failed: [] });
    expect(await dataKeys()).toEqual(rows);
  });

  it("SR-2 may be stopped half-way: everything opens then, and the next start finishes it", async () => {
    const made = await workspacesWithSecrets();
    const stop = new AbortController();
    const stopped = rotateMasterKey(database, during, {
      signal: stop.signal,
      onProgress: ({ workspaces }) => workspaces === 5 && stop.abort(new Error("killed")),
    });
    await expect(stopped).rejects.toThrow("killed");
    expect(await rotationStatus(database, during)).toMatchObject({ dataKeys: { new: 5, old: count - 5 } });
    await expectAllToOpen(made, during);
    expect(await rotateMasterKey(database, during)).toMatchObject({ rewrapped: count - 5 });
    await expectAllToOpen(made, after);
  });

  it("SR-2 loses nothing when its connection dies between the writing and the commit", async () => {
    const made = await workspacesWithSecrets();
    let transactions = 0;
    let kills = 0;
    const dying: Database = {
      ...database,
      asWorkspace: (context, work) =>
        database.asWorkspace(context, async (tx) => {
          const result = await work(tx);
          transactions += 1;
          if (transactions % 3 === 0 && kills < 5) {
            kills += 1;
            const [own] = await tx.sql<{ pid: number }>`select pg_backend_pid() as pid`;
            await superuser.query("select pg_terminate_backend($1, 5000)", [own?.pid]);
          }
          return result;
        }),
    };
    let failures = 0;
    const rotate = (): Promise<unknown> =>
      rotateMasterKey(dying, during).catch(() => {
        failures += 1;
        return rotate();
      });
    await rotate();
    expect([kills, failures]).toEqual([5, 5]);
    expect(await rotationStatus(database, during)).toMatchObject({ dataKeys: { new: count, old: 0 } });
    await expectAllToOpen(made, after);
  });

  it("SR-2 may run twice at once while secrets are sealed and opened", async () => {
    const made = await workspacesWithSecrets();
    const sealing = Promise.all(
      made.map(async ({ workspace }) => ({
        workspace,
        text: await seal(workspace, `secret of ${workspace}`, place, vaultWith(during)),
      })),
    );
    const [one, other, sealed] = await Promise.all([
      rotateMasterKey(database, during),
      rotateMasterKey(database, during),
      sealing,
    ]);
    expect(one.rewrapped + other.rewrapped).toBe(count);
    await expectAllToOpen([...made, ...sealed], after);
  });

  it("SR-2 leaves a data key it cannot open as it is, names it, and goes on", async () => {
    const made = await workspacesWithSecrets();
    const [broken, foreign] = [made[2]!.workspace, made[7]!.workspace];
    await superuser.query(
      "update hawser.data_keys set wrapped = overlay(wrapped placing 'AAAA' from 12) where workspace_id = $1",
      [broken],
    );
    await superuser.query(
      "update hawser.data_keys set wrapped = replace(wrapped, 'v1.old.', 'v1.gone.'), master_key_id = 'gone' where workspace_id = $1",
      [foreign],
    );
    const rows = await dataKeys();
    expect(await rotateMasterKey(database, during)).toEqual({
      workspaces: count,
      rewrapped: count - 2,
      failed: [
        { workspace: broken, dataKey: "d1", reason: "not-authentic" },
        { workspace: foreign, dataKey: "d1", reason: "unknown-key" },
      ],
    });
    const unchanged = (row: { workspace_id: string }) => row.workspace_id === broken || row.workspace_id === foreign;
    expect((await dataKeys()).filter(unchanged)).toEqual(rows.filter(unchanged));
    expect(await rotationStatus(database, during)).toMatchObject({
      dataKeys: { new: count - 2, old: 1, gone: 1 },
      missing: ["gone"],
    });
  });
});
