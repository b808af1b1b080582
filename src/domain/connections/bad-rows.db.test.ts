// Rows that nothing can be done with, however they came to be: each puts only itself in error (SR-62).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NewJob } from "#jobs/queue.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { aCalledShop, json } from "./calls/testing/a-called-shop.ts";
import { checkIfDue } from "./health/check-due.ts";
import { lookAfterConnections } from "./jobs.ts";
import { type ConnectionDeps, openConnection } from "./open-connection.ts";
import { getCard } from "./read-cards.ts";
import { testConnection } from "./test-connection.ts";
import { renewToken } from "./tokens/renewal.ts";
import { aGrant, expire, processOf, shopAt } from "./tokens/testing/a-grant.ts";
import { tokenServer } from "./tokens/testing/token-server.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const signal = new AbortController().signal;

async function aGrantThatIsDue(provider?: Parameters<typeof shopAt>[1]) {
  const server = await tokenServer();
  const jobs: NewJob[] = [];
  const deps: ConnectionDeps = {
    ...processOf(db.database, server, { provider: shopAt(server, provider) }),
    queue: { enqueue: async (_tx, job) => void jobs.push(job) },
  };
  const granted = await aGrant(deps, server);
  const { workspace, connection } = granted;
  const inWorkspace = <T>(work: Parameters<typeof db.database.asWorkspace<T>>[1]) =>
    db.database.asWorkspace({ workspace }, work);
  await expire(deps, granted);
  // What nobody uses would only be planned anew.
  deps.uses.count({ workspace, connection, purpose: "sync" });
  await deps.uses.flush();
  await inWorkspace((tx) => tx.sql`update token_sets set renew_at = clock_timestamp() - interval '1 minute'`);
  return {
    server,
    deps,
    granted,
    inWorkspace,
    async isDue() {
      jobs.length = 0;
      await lookAfterConnections(deps);
      return jobs.some(({ name, data }) => name === "renew-token" && data.connection === connection);
    },
    card: () => getCard(deps, workspace, connection),
  };
}

/** Ciphertext of another row. */
const spoilt = "v1.d1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

describe("SR-62 SR-71 a token that cannot be renewed", () => {
  it("because its provider is not there is not due again at once, in front of all others", async () => {
    const { deps, granted, isDue } = await aGrantThatIsDue();
    expect(await isDue()).toBe(true);
    await renewToken({ ...deps, providers: new Map() }, granted);
    expect(await isDue()).toBe(false);
  });

  it("SR-3 because it does not open waits for its people, who are told, and asks nobody", async () => {
    const { server, deps, granted, inWorkspace, isDue, card } = await aGrantThatIsDue();
    await inWorkspace((tx) => tx.sql`update token_sets set refresh_token = ${spoilt}`);
    await renewToken(deps, granted);
    expect(await isDue()).toBe(false);
    expect(await card()).toMatchObject({
      status: "needs_authorization",
      mend: "authorize",
      failure: { message: "What is stored of this sign-in cannot be opened any more. Sign in again." },
    });
    expect(server.asked()).toBe(0);
  });

  it("because the secret of its OAuth client does not open costs nobody a sign-in", async () => {
    const { server, deps, granted, inWorkspace, isDue, card } = await aGrantThatIsDue();
    await inWorkspace(
      (tx) => tx.sql`
      insert into oauth_clients (workspace_id, provider, client_id, client_secret, origins)
      values (${granted.workspace}, 'shop', 'client', ${spoilt}, ${[server.origin]})`,
    );
    await renewToken(deps, granted);
    expect(await isDue()).toBe(false);
    expect(await card()).toMatchObject({ status: "active" });
    expect(server.asked()).toBe(0);
  });
});

it("SR-3 SR-62 an access token that does not open is told as what it is", async () => {
  const { deps, granted, inWorkspace } = await aGrantThatIsDue();
  await inWorkspace(
    (tx) => tx.sql`
    update token_sets set access_token = ${spoilt}, expires_at = clock_timestamp() + interval '1 hour'`,
  );
  const { workspace, connection } = granted;
  const use = { actor: "system" as const, purpose: "sync" };
  const { provider, call } = await openConnection(deps, workspace, connection, { use, signal });
  await expect(provider.check(call)).rejects.toMatchObject({ kind: "reauthorize" });
});

describe("SR-62 a connection", () => {
  it("SR-3 whose credential does not open wants another one, and nothing is sent", async () => {
    const { deps, caller, workspace, connection, seen } = await aCalledShop(db.database);
    await db.database.asWorkspace({ workspace }, (tx) => tx.sql`update credentials set sealed = ${{ key: spoilt }}`);
    expect(await testConnection(deps, caller, connection)).toMatchObject({
      ok: false,
      failure: { kind: "reauthorize", message: expect.stringContaining("Enter the credential again.") },
    });
    expect(await getCard(deps, workspace, connection)).toMatchObject({
      status: "needs_authorization",
      mend: "enter_credential",
    });
    expect(seen).toEqual([]);
  });

  it("whose provider tells a host that is none fails its test, and is tested again in an hour, not at once", async () => {
    const shop = await aCalledShop(db.database);
    const { deps, caller, workspace, connection } = shop;
    const inWorkspace = <T>(work: Parameters<typeof db.database.asWorkspace<T>>[1]) =>
      db.database.asWorkspace({ workspace }, work);
    await inWorkspace(async (tx) => {
      await tx.sql`
        update custom_providers set definition = definition || ${{
          base_url: "https://{dc}.example.com",
          more_addresses: [shop.origin],
          lookups: [{ url: `${shop.origin}/where`, keep: [{ name: "dc", from: "$.dc", pattern: ".+" }] }],
        }}`;
      await tx.sql`update connections set check_at = clock_timestamp(), account_id = null`;
    });
    shop.answers((_, reply) => json(reply, 200, { dc: "evil.test/" }));
    await checkIfDue(deps, workspace, connection, caller.signal);
    expect(await getCard(deps, workspace, connection)).toMatchObject({
      status: "error",
      failure: { kind: "unexpected-reply", message: expect.stringContaining("cannot stand in its address") },
    });
    const jobs: NewJob[] = [];
    await lookAfterConnections({ ...deps, queue: { enqueue: async (_tx, job) => void jobs.push(job) } });
    expect(jobs.filter(({ data }) => data.connection === connection)).toEqual([]);
  });
});
