import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { NewJob } from "#jobs/queue.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { lookAfterConnections } from "../jobs.ts";
import { type ConnectionDeps, openConnection } from "../open-connection.ts";
import { renewToken } from "../tokens/renewal.ts";
import { type AGrant, aGrant, expire, processOf, shopAt } from "../tokens/testing/a-grant.ts";
import { tokenServer } from "../tokens/testing/token-server.ts";
import { checkIfDue } from "./check-due.ts";
import { listChecks, recordCheck } from "./checks.ts";
import { readUsage } from "./usage.ts";
import { openUses } from "./uses.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const signal = new AbortController().signal;

async function aShop(options: Parameters<typeof aGrant>[2] = {}) {
  const server = await tokenServer();
  const jobs: NewJob[] = [];
  const deps: ConnectionDeps = {
    ...processOf(test.database, server, { provider: shopAt(server, options.auth) }),
    queue: { enqueue: async (_tx, job) => void jobs.push(job) },
  };
  const granted = await aGrant(deps, server, options);
  return { server, deps, granted, grant: granted.grant, jobs };
}

const rowOf = async ({ workspace, connection }: AGrant) => {
  const [row] = await test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql<{
      status: string;
      failure: { message: string } | null;
      checks_failed: number;
      check_in_h: number | null;
      renew_in_d: number | null;
      version: string;
    }>`
      select c.status, c.failure, c.checks_failed, t.version,
             (extract(epoch from c.check_at - clock_timestamp()) / 3600)::float8 as check_in_h,
             (extract(epoch from t.renew_at - clock_timestamp()) / 86400)::float8 as renew_in_d
        from connections c join token_sets t on t.connection_id = c.id where c.id = ${connection}`,
  );
  if (!row) throw new Error("the connection is gone");
  return row;
};
const letCheckBeDue = ({ workspace }: AGrant) =>
  test.database.asWorkspace({ workspace }, (tx) => tx.sql`update connections set check_at = clock_timestamp()`);

describe("SR-5 uses of a credential", () => {
  it("are counted by the hour and by what they were for, also over several processes", async () => {
    const { deps, granted } = await aShop();
    const { workspace, connection } = granted;
    const [one, other] = [openUses({ database: test.database }), openUses({ database: test.database })];
    for (let n = 0; n < 5; n++) one.count({ workspace, connection, purpose: "sync" });
    other.count({ workspace, connection, purpose: "sync" });
    other.count({ workspace, connection, purpose: "browse" });
    other.failed({ workspace, connection, purpose: "browse" });
    await Promise.all([one.close(), other.close()]);

    const usage = await readUsage(deps, workspace, connection, 14);
    expect(usage.purposes.map(({ purpose, uses, failures }) => [purpose, uses, failures])).toEqual([
      ["sync", 6, 0],
      ["browse", 1, 1],
    ]);
    expect(usage.points).toEqual([{ at: expect.any(Date), uses: 7, failures: 1 }]);
    expect([usage.hourly, usage.from.getUTCHours()]).toEqual([false, 0]);
    expect((await readUsage(deps, workspace, connection, 1)).hourly).toBe(true);
  });

  it("are counted when a call is signed, and when it was refused", async () => {
    const { deps, granted, server } = await aShop();
    const { workspace, connection } = granted;
    const use = { actor: "system" as const, purpose: "browse" };
    const call = async () => {
      const opened = await openConnection(deps, workspace, connection, { use, signal });
      return opened.provider.check(opened.call);
    };
    await call();
    granted.grant.alive = false;
    await expect(call()).rejects.toThrow();
    await deps.uses.flush();

    const { purposes } = await readUsage(deps, workspace, connection, 1);
    expect(purposes.map(({ purpose, uses, failures }) => [purpose, uses, failures])).toEqual([
      ["browse", 2, 1],
      ["token renewal", 1, 0],
    ]);
    expect(server.asked()).toBe(1);
  });

  it("are kept until the database is there again, and dropped for a connection that is gone", async () => {
    const { granted, deps } = await aShop();
    const { workspace, connection } = granted;
    let away = true;
    const uses = openUses({
      database: {
        ...test.database,
        asWorkspace: (context, work) =>
          away ? Promise.reject(new Error("away")) : test.database.asWorkspace(context, work),
      },
    });
    uses.count({ workspace, connection, purpose: "sync" });
    uses.count({ workspace, connection: workspace as string as typeof connection, purpose: "sync" });
    await uses.flush();
    away = false;
    uses.count({ workspace, connection, purpose: "sync" });
    await uses.close();
    expect((await readUsage(deps, workspace, connection, 1)).purposes).toMatchObject([{ purpose: "sync", uses: 2 }]);
  });
});

describe("tests on a schedule", () => {
  const check = (deps: ConnectionDeps, { workspace, connection }: AGrant) =>
    checkIfDue(deps, workspace, connection, signal);

  it("are done when they are due and not before, and again in six hours", async () => {
    const { deps, granted } = await aShop();
    await check(deps, granted);
    expect((await listChecks(deps, granted.workspace, granted.connection, { limit: 9 })).items).toEqual([]);
    await letCheckBeDue(granted);
    await check(deps, granted);

    const { check_in_h, ...row } = await rowOf(granted);
    expect(row).toMatchObject({ status: "active", checks_failed: 0 });
    expect(check_in_h).toBeGreaterThan(5.3);
    expect(check_in_h).toBeLessThan(6.7);
    const { items } = await listChecks(deps, granted.workspace, granted.connection, { limit: 9 });
    expect(items).toMatchObject([{ trigger: "schedule", failure: undefined }]);
  });

  it("find what has been lost, tell it once, and then leave the connection to its people", async () => {
    const { deps, granted } = await aShop();
    granted.grant.alive = false;
    await letCheckBeDue(granted);
    await check(deps, granted);
    expect(await rowOf(granted)).toMatchObject({ status: "needs_authorization", check_in_h: null });
    const audited = await test.database.asWorkspace(
      granted,
      (tx) => tx.sql<{ action: string }>`select action from audit_entries`,
    );
    expect(audited.map(({ action }) => action)).toEqual(["connection.authorization_lost"]);
  });

  it("leave a connection alone that somebody has disconnected", async () => {
    const { deps, granted } = await aShop();
    await letCheckBeDue(granted);
    await test.database.asWorkspace(
      granted,
      (tx) => tx.sql`with gone as (delete from token_sets) update connections set status = 'inactive'`,
    );
    await check(deps, granted);
    const [row] = await test.database.asWorkspace(
      granted,
      (tx) => tx.sql<{ status: string; check_at: Date | null }>`select status, check_at from connections`,
    );
    expect(row).toEqual({ status: "inactive", check_at: null });
  });

  it("come back after an hour where the provider is down, and mend the status by themselves", async () => {
    const { deps, granted, server } = await aShop();
    const gone = { ...deps, providers: new Map([["shop", { ...shopAt(server), check: unavailable }]]) };
    await letCheckBeDue(granted);
    await check(gone, granted);
    const { check_in_h, ...row } = await rowOf(granted);
    expect(row).toMatchObject({ status: "error", checks_failed: 1 });
    expect(check_in_h).toBeLessThan(1.2);
    await letCheckBeDue(granted);
    await check(deps, granted);
    expect(await rowOf(granted)).toMatchObject({ status: "active", failure: null, checks_failed: 0 });
  });

  it("are kept up to two hundred for a connection", async () => {
    const { deps, granted } = await aShop();
    await test.database.asWorkspace(granted, async (tx) => {
      await tx.sql`
        insert into connection_checks (workspace_id, connection_id, trigger, took_ms, at)
        select ${granted.workspace}, ${granted.connection}, 'schedule', n, clock_timestamp() - n * interval '1 minute'
          from generate_series(250, 1, -1) as n`;
      await recordCheck(tx, granted.connection, { trigger: "person", tookMs: 0, failure: undefined, status: "active" });
    });
    const pages = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listChecks(deps, granted.workspace, granted.connection, { limit: 90, cursor });
      pages.push(page.items.length);
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(pages).toEqual([90, 90, 20]);
  });
});

const unavailable = () => Promise.reject(new ProviderError("unavailable", "The shop is closed"));

describe("renewal before it is needed", () => {
  const age = ({ workspace }: AGrant, days: number) =>
    test.database.asWorkspace(
      { workspace },
      (tx) => tx.sql`
        update token_sets
           set obtained_at = obtained_at - make_interval(hours => ${days * 24}),
               expires_at = expires_at - make_interval(hours => ${days * 24}),
               idle_expires_at = idle_expires_at - make_interval(hours => ${days * 24}),
               renew_at = renew_at - make_interval(hours => ${days * 24})`,
    );

  it.each([
    [15, 8, 11],
    [90, 53, 61],
  ])("keeps a refresh token alive that dies of %d days of disuse", async (idleDays, early, late) => {
    const { deps, granted, grant } = await aShop({ auth: { idleDays } });
    // Nobody has used it: when its hour is over it is not renewed, but planned for the end of its idle time.
    await age(granted, 0.5);
    await renewToken(deps, granted);
    const { renew_in_d } = await rowOf(granted);
    expect(renew_in_d).toBeGreaterThan(early);
    expect(renew_in_d).toBeLessThan(late);
    expect(grant.exchanges).toBe(0);

    await age(granted, late);
    await renewToken(deps, granted);
    expect(grant.exchanges).toBe(1);
    expect((await rowOf(granted)).version).toBe("2");
  });

  it("renews what was used within the last hour before it ends, once for all processes", async () => {
    const { server, deps, granted, grant } = await aShop();
    const { workspace, connection } = granted;
    deps.uses.count({ workspace, connection, purpose: "sync" });
    await deps.uses.flush();
    await test.database.asWorkspace(
      granted,
      (tx) => tx.sql`
        update token_sets set obtained_at = clock_timestamp() - interval '56 minutes', renew_at = clock_timestamp(),
                              expires_at = clock_timestamp() + interval '4 minutes'`,
    );
    await Promise.all([renewToken(deps, granted), renewToken(processOf(test.database, server), granted)]);
    expect(grant.exchanges).toBe(1);
  });
});

it("what is due is queued: renewals, tests and revocations", async () => {
  const { deps, granted, jobs } = await aShop();
  await expire(deps, granted);
  await test.database.asWorkspace(granted, async (tx) => {
    await tx.sql`update token_sets set renew_at = clock_timestamp()`;
    await tx.sql`update connections set check_at = clock_timestamp()`;
    await tx.sql`
      insert into revocations (workspace_id, id, connection_id, provider, endpoint, token)
      values (${granted.workspace}, ${granted.workspace}, ${granted.connection}, 'shop', '{}', 'x')`;
  });
  await lookAfterConnections(deps);
  const mine = jobs.filter(({ data }) =>
    Object.values(data).some((id) => id === granted.connection || id === granted.workspace),
  );
  expect(mine.map(({ name }) => name)).toEqual(["renew-token", "check-connection", "revoke-token"]);
});
