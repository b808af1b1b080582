import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "#db/database.ts";
import { Secret } from "#vault/secret.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { openConnection } from "../open-connection.ts";
import { lockConnection } from "../queries.ts";
import { eraseAccess } from "./erase.ts";
import { revoke } from "./revoke.ts";
import { storeTokens } from "./store.ts";
import { type AGrant, aGrant, expire, processOf, shopAt } from "./testing/a-grant.ts";
import { type TokenServer, tokenServer } from "./testing/token-server.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const use = { actor: "system" as const, purpose: "test" };
const untold = new AbortController().signal;

/** One call to the provider over the connection. */
async function callShop(deps: ConnectionDeps, { workspace, connection }: AGrant, signal = untold): Promise<string> {
  const { provider, call } = await openConnection(deps, workspace, connection, { use, signal });
  return (await provider.check(call)).id;
}

interface Row {
  status: string;
  failure: { kind: string; message: string } | null;
  version: string | null;
  failures: number | null;
  retry_at: Date | null;
  intent_version: string | null;
  expires_at: Date | null;
}
const rowOf = async ({ workspace, connection }: AGrant): Promise<Row> => {
  const [row] = await test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql<Row>`
      select c.status, c.failure, t.version, t.failures, t.retry_at, t.expires_at, l.intent_version
        from connections c
        left join token_sets t on t.connection_id = c.id
        left join token_leases l on l.connection_id = c.id
       where c.id = ${connection}`,
  );
  if (!row) throw new Error("the connection is gone");
  return row;
};
const audited = async ({ workspace }: AGrant) =>
  (
    await test.database.asWorkspace(
      { workspace },
      (tx) => tx.sql<{ action: string }>`select action from audit_entries order by sequence`,
    )
  ).map(({ action }) => action);
/** The time for the next try has come. */
const mayTryAgain = ({ workspace }: AGrant) =>
  test.database.asWorkspace({ workspace }, (tx) => tx.sql`update token_sets set retry_at = clock_timestamp()`);

async function anExpired(options: Parameters<typeof aGrant>[2] & { longestTokenRequestMs?: number } = {}) {
  const server = await tokenServer();
  const provider = shopAt(server, options.auth);
  const { longestTokenRequestMs = 300 } = options;
  const deps = processOf(test.database, server, { provider, longestTokenRequestMs });
  const granted = await aGrant(deps, server, options);
  await expire(deps, granted);
  const another = () => processOf(test.database, server, { provider, longestTokenRequestMs });
  return { server, deps, granted, grant: granted.grant, another, call: () => callShop(deps, granted) };
}

/** Lets the next request wait at a step until it is let go. */
function stopAt(server: TokenServer, step: "arrived" | "committed") {
  const reached = Promise.withResolvers<void>();
  const go = Promise.withResolvers<undefined>();
  server.hooks[step] = () => {
    server.hooks[step] = undefined;
    reached.resolve();
    return go.promise;
  };
  return { reached: reached.promise, go: () => go.resolve(undefined) };
}

describe("SR-39 one refresh", () => {
  it("gets one new token for two hundred callers in four processes, and all of them succeed", async () => {
    const { another, granted, grant } = await anExpired();
    const processes = [another(), another(), another(), another()];

    const calls = await Promise.all(
      processes.flatMap((deps) => Array.from({ length: 50 }, () => callShop(deps, granted))),
    );

    expect(calls.every((id) => id === grant.id)).toBe(true);
    expect([grant.exchanges, grant.reuses]).toEqual([1, 0]);
  });

  it("never sends a replaced refresh token again", async () => {
    const { deps, granted, grant, call } = await anExpired();
    for (let round = 1; round <= 5; round++) {
      await expire(deps, granted);
      await call();
      expect([grant.exchanges, grant.reuses]).toEqual([round, 0]);
    }
    expect(await rowOf(granted)).toMatchObject({ status: "active", version: "6", intent_version: null });
  });

  it("goes on when those who asked have left", async () => {
    const { server, deps, granted, grant } = await anExpired();
    const step = stopAt(server, "arrived");
    const leaving = new AbortController();
    const call = callShop(deps, granted, leaving.signal);
    await step.reached;

    leaving.abort(new Error("left"));
    await expect(call).rejects.toThrow("left");
    step.go();
    await deps.flights.close(5_000);

    expect((await rowOf(granted)).version).toBe("2");
    expect(grant.exchanges).toBe(1);
  });

  it("waits for another process that has the lease, and holds no database connection meanwhile", async () => {
    const { server, deps, granted, another } = await anExpired();
    const step = stopAt(server, "arrived");
    const first = callShop(deps, granted);
    await step.reached;
    const waiting = Array.from({ length: 30 }, () => callShop(another(), granted));
    // More of them than the pool has connections; there is still one for others.
    await rowOf(granted);

    step.go();
    await Promise.all([first, ...waiting]);

    expect(granted.grant.exchanges).toBe(1);
  });
});

describe("SR-41 what an answer leaves out", () => {
  it.each([undefined, null, ""])(
    "keeps the refresh token when the answer has %j in its place",
    async (refresh_token) => {
      const { server, deps, granted, grant, call } = await anExpired({ rotation: "stable" });
      for (let round = 1; round <= 2; round++) {
        server.next({ change: { refresh_token } });
        await expire(deps, granted);
        await call();
        expect(grant.exchanges).toBe(round);
      }
    },
  );

  it("takes a token without an expiry for one that lasts until it is refused", async () => {
    const { server, granted, grant, call } = await anExpired();
    server.next({ change: { expires_in: undefined } });
    await call();
    expect((await rowOf(granted)).expires_at).toBeNull();
    await call();
    expect(grant.exchanges).toBe(1);
    server.refuse(grant);
    await call();
    expect(grant.exchanges).toBe(2);
  });
});

describe("SR-40 a dead grant", () => {
  it("costs the connection; the members are told once, and it is asked for at most once an hour", async () => {
    const { server, granted, grant, call } = await anExpired();
    grant.alive = false;

    for (let round = 0; round < 3; round++) await expect(call()).rejects.toMatchObject({ kind: "reauthorize" });

    expect(await rowOf(granted)).toMatchObject({ status: "needs_authorization", failure: { kind: "reauthorize" } });
    expect(await audited(granted)).toEqual(["connection.authorization_lost"]);
    expect(server.asked()).toBe(1);
  });

  it("that lives again after all mends the connection by itself", async () => {
    const { granted, grant, call } = await anExpired();
    grant.alive = false;
    await expect(call()).rejects.toThrow();
    grant.alive = true;
    await mayTryAgain(granted);

    await call();

    expect(await rowOf(granted)).toMatchObject({ status: "active", failure: null, failures: 0 });
    expect(await audited(granted)).toEqual(["connection.authorization_lost", "connection.mended"]);
  });

  it("does not cost it when another process has stored a newer token meanwhile", async () => {
    const { server, deps, granted, grant } = await anExpired();
    const step = stopAt(server, "arrived");
    const call = callShop(deps, granted);
    await step.reached;
    const fresh = server.grant();
    await store(deps, server, granted, fresh);
    grant.alive = false;

    step.go();

    expect(await call).toBe(fresh.id);
    expect((await rowOf(granted)).status).toBe("active");
  });

  it("waits for a person where there never was a refresh token", async () => {
    const { server, granted, call } = await anExpired({ auth: { refresh: "none" } });
    await expect(call()).rejects.toMatchObject({ kind: "reauthorize" });
    expect(server.asked()).toBe(0);
    expect(await rowOf(granted)).toMatchObject({ status: "needs_authorization" });
  });
});

/** Somebody authorizes anew. */
const store = (deps: ConnectionDeps, server: TokenServer, granted: AGrant, grant: AGrant["grant"]) =>
  test.database.asWorkspace(granted, async (tx) => {
    const [auth] = shopAt(server).auth({});
    if (auth.type !== "oauth2_authorization_code") throw new Error("not the shop");
    const answer = {
      accessToken: new Secret(grant.accessToken),
      refreshToken: new Secret(grant.refreshToken),
      expiresInS: 3600,
      kept: {},
    };
    const now = new Date();
    await storeTokens(tx, deps, granted.connection, auth, answer, {
      grantedAt: now,
      sentAt: now,
      clientId: "client",
      tokenUrl: server.tokenUrl,
      origins: [server.origin],
    });
  });

describe("a failure that is nobody's", () => {
  it.each([
    ["503", { status: 503, headers: { "retry-after": "1" } }],
    ["500 in HTML", { status: 500, body: "<html>" }],
    ["429", { status: 429, body: { error: "slow_down" } }],
    ["temporarily_unavailable", { status: 400, body: { error: "temporarily_unavailable" } }],
    ["an answer without a token", { status: 200, body: {} }],
    ["a broken connection", "break" as const],
  ])("does not cost the connection: %s", async (_, turn) => {
    const { server, granted, grant, call } = await anExpired();
    server.next(turn);

    await expect(call()).rejects.toMatchObject({ kind: "unavailable" });
    expect(await rowOf(granted)).toMatchObject({ status: "active", failures: 1 });
    expect(server.asked()).toBe(1);
    await expect(call()).rejects.toMatchObject({ kind: "unavailable", retryAt: expect.any(Date) });
    expect(server.asked()).toBe(1);

    await mayTryAgain(granted);
    expect(await call()).toBe(grant.id);
    expect(await rowOf(granted)).toMatchObject({ status: "active", failures: 0, retry_at: null });
  });

  it("is not even seen while the token lives", async () => {
    const { server, deps, granted, grant, call } = await anExpired();
    await test.database.asWorkspace(
      granted,
      (tx) => tx.sql`update token_sets set expires_at = clock_timestamp() + interval '1 minute'`,
    );
    server.next({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    for (let round = 0; round < 4; round++) {
      expect(await call()).toBe(grant.id);
      await deps.flights.close(5_000);
      await mayTryAgain(granted);
    }
    expect(await rowOf(granted)).toMatchObject({ status: "active", failures: 4 });
  });

  it("is an error after the third try without a living token, and over by itself", async () => {
    const { server, granted, call } = await anExpired();
    for (let round = 0; round < 3; round++) {
      server.next({ status: 503 });
      await expect(call()).rejects.toThrow();
      await mayTryAgain(granted);
    }
    expect(await rowOf(granted)).toMatchObject({ status: "error", failure: { kind: "unavailable" } });
    await call();
    expect(await rowOf(granted)).toMatchObject({ status: "active", failure: null });
  });

  it("asks nobody to authorize again while the OAuth client is wrong, and works by itself when it is mended", async () => {
    const { server, deps, granted, call } = await anExpired();
    const wrong = { ...deps, operatorClients: new Map([["shop", { id: "client", secret: new Secret("wrong") }]]) };

    await expect(callShop(wrong, granted)).rejects.toMatchObject({ kind: "rejected" });
    expect(await rowOf(granted)).toMatchObject({ status: "error", failure: { kind: "rejected" } });
    expect(await audited(granted)).toEqual([]);

    await mayTryAgain(granted);
    await call();
    expect(await rowOf(granted)).toMatchObject({ status: "active", failure: null });
    expect(server.asked()).toBe(2);
  });

  it("is tried at most once in each step of the back-off, by all processes together", async () => {
    const { server, granted, another } = await anExpired();
    server.next({ status: 503 });
    await Promise.allSettled([another(), another(), another()].map((deps) => callShop(deps, granted)));
    expect(server.asked()).toBe(1);
  });
});

describe("an answer that refuses the token", () => {
  it("gives its place among the requests at once to the next call, also when the sign-in is gone", async () => {
    const server = await tokenServer();
    const provider = { ...shopAt(server), pace: { requestsPerSecond: 100, atOnce: 1 } };
    const deps = processOf(test.database, server, { provider });
    const granted = await aGrant(deps, server);
    server.refuse(granted.grant);
    server.next({ status: 503 });
    await expect(callShop(deps, granted)).rejects.toMatchObject({ kind: "unavailable" });
    await mayTryAgain(granted);
    expect(await callShop(deps, granted)).toBe(granted.grant.id);
  });
});

describe("an answer that nobody knows", () => {
  it("is asked for again when the first request is over for certain, and a server with grace repeats it", async () => {
    const { server, granted, grant, call } = await anExpired({ rotation: "grace" });
    server.next("lose-answer");
    await expect(call()).rejects.toMatchObject({ kind: "unavailable" });
    expect(await rowOf(granted)).toMatchObject({ status: "active", intent_version: "1" });

    await mayTryAgain(granted);
    expect(await call()).toBe(grant.id);
    expect([grant.exchanges, grant.reuses]).toEqual([1, 1]);
  });

  it("is the one moment in which a strict server takes the account away, and that is named", async () => {
    const { server, granted, call } = await anExpired();
    server.next("lose-answer");
    await expect(call()).rejects.toThrow();

    await mayTryAgain(granted);
    await expect(call()).rejects.toMatchObject({ kind: "reauthorize" });
    const { status, failure } = await rowOf(granted);
    expect(status).toBe("needs_authorization");
    expect(failure?.message).toContain("when Hawser was stopped or the answer was lost");
  });

  it("of a process that has died is waited for, and the old token is sent only after that", async () => {
    const { server, granted, grant, call } = await anExpired({ longestTokenRequestMs: 1_500 });
    const [died] = await test.database.asWorkspace(
      granted,
      (tx) => tx.sql<{ at: Date }>`
        insert into token_leases (workspace_id, connection_id, epoch, holder, expires_at, intent_version, intent_at)
        values (${granted.workspace}, ${granted.connection}, 7, 'dead', clock_timestamp(), 1, clock_timestamp())
        returning intent_at as at`,
    );
    let arrivedAt = 0;
    server.hooks.arrived = () => {
      arrivedAt = Date.now();
      return undefined;
    };
    expect(await call()).toBe(grant.id);
    expect(arrivedAt).toBeGreaterThanOrEqual((died?.at.getTime() ?? Number.NaN) + 1_500);
    expect([grant.exchanges, grant.reuses]).toEqual([1, 0]);
  });
});

describe("a late answer", () => {
  /** A process whose request has been done, and whose answer is still on its way. */
  async function aLateAnswer() {
    const made = await anExpired();
    const step = stopAt(made.server, "committed");
    const call = callShop(made.deps, made.granted).catch((error: unknown) => error);
    await step.reached;
    return { ...made, call, go: step.go };
  }
  const takeOver = (granted: AGrant, intent: "asks" | "does not ask") =>
    test.database.asWorkspace(
      granted,
      (tx) => tx.sql`
        update token_leases
           set epoch = epoch + 1, holder = 'other', expires_at = clock_timestamp() + interval '1 minute',
               intent_at = case when ${intent === "asks"} then clock_timestamp() else intent_at end`,
    );

  it("is stored although the lease has passed to a process that has not asked yet", async () => {
    const { granted, call, go } = await aLateAnswer();
    await takeOver(granted, "does not ask");
    go();
    expect(await call).toBe(granted.grant.id);
    expect((await rowOf(granted)).version).toBe("2");
  });

  it("waits for the outcome of a process that asks at the same time, and is stored where that got nothing", async () => {
    const { granted, call, go } = await aLateAnswer();
    await takeOver(granted, "asks");
    go();
    await test.database.asWorkspace(
      granted,
      (tx) => tx.sql`update token_leases set intent_at = null, intent_version = null, expires_at = null`,
    );
    expect(await call).toBe(granted.grant.id);
    expect((await rowOf(granted)).version).toBe("2");
  });

  it("is stored where that process has died, as soon as its request is over for certain", async () => {
    const { granted, call, go } = await aLateAnswer();
    await takeOver(granted, "asks");
    await test.database.asWorkspace(granted, (tx) => tx.sql`update token_leases set expires_at = clock_timestamp()`);
    go();
    expect(await call).toBe(granted.grant.id);
    expect((await rowOf(granted)).version).toBe("2");
  });

  it("is dropped where that process has stored a newer one", async () => {
    const { granted, call, go, server, deps } = await aLateAnswer();
    await takeOver(granted, "asks");
    go();
    const newer = server.grant();
    await store(deps, server, granted, newer);
    expect(await call).toBe(newer.id);
    expect((await rowOf(granted)).version).toBe("2");
  });

  it("SR-96 does not bring a connection back that was disconnected meanwhile, and is revoked", async () => {
    const { granted, grant, call, go, server, deps } = await aLateAnswer();
    await test.database.asWorkspace(granted, async (tx) => {
      const connection = await lockConnection(tx, granted.connection);
      if (connection) await eraseAccess(tx, deps, connection, { revoke: true });
    });
    go();
    expect(await call).toMatchObject({ kind: "reauthorize" });
    expect((await rowOf(granted)).version).toBeNull();

    await revokeAll(deps, granted);
    expect(server.revoked).toContain(grant.refreshToken);
    expect(server.revoked).toHaveLength(2);
    expect(await audited(granted)).toEqual([]);
  });

  it("is not taken for the answer to a grant that was given meanwhile", async () => {
    const { granted, call, go, server, deps } = await aLateAnswer();
    await test.database.asWorkspace(granted, async (tx) => {
      const connection = await lockConnection(tx, granted.connection);
      if (connection) await eraseAccess(tx, deps, connection, { revoke: false });
    });
    const anew = server.grant();
    await store(deps, server, granted, anew);
    go();
    expect(await call).toBe(anew.id);
    expect((await rowOf(granted)).version).toBe("1");
  });

  it("outlives a database that is away for a moment", async () => {
    const { deps, granted, grant, server } = await anExpired();
    const step = stopAt(server, "committed");
    let away = 0;
    const database: Database = {
      ...deps.database,
      asWorkspace: (context, work) =>
        away-- > 0 ? Promise.reject(new Error("the database is away")) : deps.database.asWorkspace(context, work),
    };
    const call = callShop({ ...deps, database }, granted);
    await step.reached;
    away = 3;
    step.go();
    expect(await call).toBe(grant.id);
    expect((await rowOf(granted)).version).toBe("2");
  });
});

const revokeAll = async (deps: ConnectionDeps, { workspace }: AGrant) => {
  const rows = await deps.database.asWorkspace(
    { workspace },
    (tx) => tx.sql<{ id: string }>`select id from revocations`,
  );
  for (const { id } of rows) await revoke(deps, workspace, id);
};

describe("tokens are refreshed only where they came from", () => {
  it("sends nothing to a token address that has been changed", async () => {
    const { granted, another, server } = await anExpired();
    const elsewhere = await tokenServer();
    const edited = { ...another(), providers: new Map([["shop", shopAt(server, { tokenUrl: elsewhere.tokenUrl })]]) };
    await expect(callShop(edited, granted)).rejects.toMatchObject({ kind: "reauthorize" });
    expect([server.asked(), elsewhere.asked(), elsewhere.connections()]).toEqual([0, 0, 0]);
    expect((await rowOf(granted)).status).toBe("needs_authorization");
  });

  it("sends nothing with another OAuth client, and waits where there is none", async () => {
    const { granted, deps, server, call } = await anExpired();
    await expect(callShop({ ...deps, operatorClients: new Map() }, granted)).rejects.toMatchObject({
      kind: "rejected",
    });
    expect((await rowOf(granted)).status).toBe("error");
    await mayTryAgain(granted);
    await call();
    await expire(deps, granted);
    const other = { ...deps, operatorClients: new Map([["shop", { id: "other", secret: new Secret("hush") }]]) };
    await expect(callShop(other, granted)).rejects.toMatchObject({ kind: "reauthorize" });
    expect(server.asked()).toBe(1);
  });

  it("SR-6 signs no call to an address that the token was not granted for", async () => {
    const { granted, deps, server } = await anExpired();
    await store(deps, server, granted, granted.grant);
    const elsewhere = await tokenServer();
    const moved = { ...shopAt(server), addresses: (): [string] => [elsewhere.origin] };
    const edited = { ...deps, providers: new Map([["shop", moved]]) };
    await expect(callShop(edited, granted)).rejects.toMatchObject({ code: "secret_origin_denied" });
    expect(elsewhere.connections()).toBe(0);
  });
});

describe("SR-40 a 401", () => {
  it("leads to one refresh and one repeat, however many calls get it", async () => {
    const { deps, granted, grant, server, another } = await anExpired();
    await store(deps, server, granted, grant);
    server.refuse(grant);
    const calls = [deps, another(), another()].flatMap((process) =>
      Array.from({ length: 10 }, () => callShop(process, granted)),
    );
    expect(new Set(await Promise.all(calls))).toEqual(new Set([grant.id]));
    expect(grant.exchanges).toBe(1);
  });

  it("that stays is the provider's word", async () => {
    const { deps, granted, grant, server, call } = await anExpired();
    await store(deps, server, granted, grant);
    server.refuse(grant);
    const step = stopAt(server, "committed");
    const calling = call();
    await step.reached;
    server.refuse(grant);
    step.go();
    await expect(calling).rejects.toMatchObject({ kind: "reauthorize" });
    expect([grant.exchanges, server.asked()]).toEqual([1, 1]);
  });

  it("reaches all calls of somebody who makes many, also those that looked before the new token was there", async () => {
    const { deps, granted, grant, server } = await anExpired();
    await store(deps, server, granted, grant);
    const { provider, call } = await openConnection(deps, granted.workspace, granted.connection, {
      use,
      signal: untold,
    });
    for (let round = 1; round <= 5; round++) {
      server.refuse(grant);
      const calls = Array.from({ length: 30 }, async (_, place) => {
        for (let turns = 0; turns < place; turns++) await new Promise((resolve) => setImmediate(resolve));
        return (await provider.check(call)).id;
      });
      expect(new Set(await Promise.all(calls))).toEqual(new Set([grant.id]));
      expect(grant.exchanges).toBe(round);
    }
  });

  it("leads to the token that another process has got meanwhile", async () => {
    const { deps, granted, grant, server, another } = await anExpired();
    await store(deps, server, granted, grant);
    const { provider, call } = await openConnection(deps, granted.workspace, granted.connection, {
      use,
      signal: untold,
    });
    await provider.check(call);
    server.refuse(grant);
    await callShop(another(), granted);
    expect((await provider.check(call)).id).toBe(grant.id);
    expect(grant.exchanges).toBe(1);
  });
});

it("reads the row of a token far less often than somebody calls", async () => {
  const { deps, granted, grant, server } = await anExpired();
  await store(deps, server, granted, grant);
  let reads = 0;
  const { database } = deps;
  const counted: Database = {
    ...database,
    asWorkspace(context, work) {
      reads += 1;
      return database.asWorkspace(context, work);
    },
  };
  const of = { use, signal: untold };
  const { provider, call } = await openConnection(
    { ...deps, database: counted },
    granted.workspace,
    granted.connection,
    of,
  );
  reads = 0;
  for (let calls = 0; calls < 40; calls++) await provider.check(call);
  expect(reads).toBeLessThan(20);
});

it("uses a token that ends soon while the new one is on its way", async () => {
  const { deps, granted, grant, server, call } = await anExpired();
  await test.database.asWorkspace(
    granted,
    (tx) => tx.sql`update token_sets set expires_at = clock_timestamp() + interval '1 minute'`,
  );
  const step = stopAt(server, "arrived");
  expect(await call()).toBe(grant.id);
  await step.reached;
  step.go();
  await deps.flights.close(5_000);
  await vi.waitFor(async () => expect((await rowOf(granted)).version).toBe("2"));
});
