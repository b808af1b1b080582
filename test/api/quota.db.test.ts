// What a run says of the allowance of its source, while it works.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { toRunView } from "#api/views/sync.ts";
import { type ConnectionId, newId, type SyncId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import { storeCredential } from "#domain/connections/tokens/credential.ts";
import { readRun } from "#domain/syncs/read-runs.ts";
import type { RunDeps } from "#domain/syncs/run/at-work.ts";
import { createCopyTurns } from "#domain/syncs/run/copy-turns.ts";
import { executeRun } from "#domain/syncs/run/execute-run.ts";
import { startRun } from "#domain/syncs/run/start-run.ts";
import { authOfType } from "#provider-kit/auth.ts";
import type { Allowance } from "#provider-kit/provider.ts";
import type { OneDriveSimulator } from "#providers/onedrive/simulator.ts";
import { type OpenSandbox, openSandbox } from "../../src/sandbox/sandbox.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let test: TestDatabase;
let sandbox: OpenSandbox;
let service: OneDriveSimulator;
beforeAll(async () => {
  test = await testDatabase();
  sandbox = await openSandbox({ port: 0, seed: 1 });
  service = sandbox.services.get("onedrive") as OneDriveSimulator;
});
afterEach(() => {
  service.microsoft.budget = undefined;
});
afterAll(async () => {
  await sandbox.close();
  await test.close();
});

/** A run at a pretend OneDrive, for which an app signs in: people are not told what is left. */
async function aRun(allowance?: Allowance) {
  const provider = sandbox.providers.get("onedrive");
  const client = sandbox.clients.get("onedrive");
  if (!provider || !client) throw new Error("onedrive is not in the sandbox");
  const providers = new Map([["onedrive", { ...provider, ...(allowance && { allowance }) }]]);
  const deps: RunDeps = {
    ...connectionDeps(test.database, { exceptions: [sandbox.hostAndPort] }),
    sandbox: { providers, clients: new Map() },
    destinationRoots: new Map(),
    copyTurns: createCopyTurns(8),
  };
  const workspace = newId<WorkspaceId>();
  const [connection, sync] = [newId<ConnectionId>(), newId<SyncId>()];
  const asOwner = <T>(work: Parameters<typeof test.database.asWorkspace<T>>[1]) =>
    test.database.asWorkspace({ workspace }, work);
  const config = { tenant: "contoso.test", user: "adele@contoso.test" };
  const auth = authOfType(provider.auth(config), "oauth2_client_credentials");
  if (!auth) throw new Error("an app cannot sign in");
  const credential = { client_id: client.id, client_secret: client.secret };
  const run = await asOwner(async (tx) => {
    await tx.sql`
      insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`;
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, config, status, account_id, account_label, auth_type, sandbox)
      values (${workspace}, ${connection}, 'onedrive', 'Adele', ${JSON.stringify(config)}::jsonb, 'active', 'a', 'Adele', 'oauth2_client_credentials', true)`;
    await storeCredential(tx, deps, connection, auth, credential, { origins: [sandbox.origin], by: null });
    await tx.sql`
      insert into syncs (workspace_id, id, connection_id, name, drive_id)
      values (${workspace}, ${sync}, ${connection}, 'Drawings', ${service.drive.id})`;
    return startRun(tx, deps.queue, { sync, trigger: "manual" });
  });
  const stop = new AbortController();
  const work = executeRun(deps, workspace, run, stop.signal);
  const view = async () => toRunView(await asOwner((tx) => readRun(tx, run)));
  return {
    work,
    view,
    /** As it stands in the row. */
    async row() {
      const [row] = await asOwner(
        (tx) => tx.sql<{ quota: object | null }>`select quota from sync_runs where id = ${run}`,
      );
      return row?.quota;
    },
    async halt() {
      stop.abort(new Error("it is enough"));
      await work.catch(() => {});
    },
  };
}

/** Asks again until it is so; a failing test ends by its own time limit. */
async function until<T>(look: () => Promise<T | null | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it("shows what the source tells is left, and when it is renewed", async () => {
  // The first page of the feed takes the second of them, and one that is not there.
  service.microsoft.budget = { units: 2, windowS: 3600, retryAfterS: 600, as: "seconds", status: 429 };
  const { view, halt } = await aRun();
  const quota = await until(async () => (await view()).quota);
  expect(quota).toEqual({
    limit: 2,
    remaining: 0,
    resets_at: expect.any(String),
    counted_by: "provider",
    note: null,
  });
  const leftMs = new Date(quota.resets_at ?? 0).getTime() - Date.now();
  expect(leftMs).toBeGreaterThan(600_000);
  expect((await view()).requests).toBeGreaterThan(0);
  await halt();
});

it("shows a count of its own where nothing is told of a limit that is published, and nothing once it is over", async () => {
  const { work, view, row } = await aRun({ requests: 50, perSeconds: 3600, note: "for most" });
  await work;
  const after = await view();
  expect(after).toMatchObject({ status: "done", quota: null });
  expect(after.requests).toBeGreaterThan(0);
  expect(await row()).toEqual({
    limit: 50,
    remaining: 50 - after.requests,
    resetsAt: expect.any(String),
    countedBy: "hawser",
    note: "for most",
  });
});

it("shows nothing where nothing is known", async () => {
  const { work, view, row } = await aRun();
  await work;
  expect(await view()).toMatchObject({ status: "done", quota: null, requests: expect.any(Number) });
  expect(await row()).toBeNull();
});
