// The product on a database of Supabase's shape, behind a pooler that works by transaction: what is promised there, and
// what does not pass such a pooler.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openAuthDatabase } from "#db/auth-database.ts";
import { checkDatabase } from "#db/check-database.ts";
import { openDatabase } from "#db/database.ts";
import { migrateDown, migrateUp } from "#db/migrate.ts";
import { ensureRoles } from "#db/roles.ts";
import { migrateJobs } from "#jobs/migrate.ts";
import { openJobs } from "#jobs/queue.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { hasPooler, type Pooler, startPooler } from "../support/pooler.ts";
import { postgres15 } from "../support/postgres-15.ts";
import { type SupabaseDatabase, supabaseDatabase } from "../support/supabase-shape.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

// Once is enough, on the server that Supabase runs where there is one.
const isHere = inject("cluster").major === 15 || !existsSync(postgres15);

let supabase: SupabaseDatabase;
let pooler: Pooler | undefined;
/** Addresses as they are given to Hawser: through the pooler, where this machine has one. */
let owner: string;
let app: string;
let auth: string;
beforeAll(async () => {
  supabase = await supabaseDatabase();
  const urls = [supabase.ownerUrl, supabase.appUrl, supabase.authUrl];
  pooler = hasPooler ? await startPooler(urls) : undefined;
  [owner = "", app = "", auth = ""] = urls.map((url) => pooler?.through(url) ?? url);
});
afterAll(async () => {
  await pooler?.close();
  await supabase.close();
});

it.runIf(isHere)(
  "A6 runs there: sign-up, workspace, connection, a sync of a local folder with its schedule",
  {
    timeout: 120_000,
  },
  async () => {
    const home = temporaryFolder();
    const installation = await anInstallation(home, {
      HAWSER_DATABASE_URL: owner,
      HAWSER_APP_DATABASE_URL: app,
      HAWSER_AUTH_DATABASE_URL: auth,
      HAWSER_LISTEN_DATABASE_URL: supabase.appUrl,
    });
    mkdirSync(join(installation.source, "Hull"));
    writeFileSync(join(installation.source, "Hull", "a.txt"), "of steel");
    let hawser: HawserProcess | undefined;
    try {
      hawser = await startHawser(installation);
      const ada = await signUp(installation.url);
      const sync = await ada.sync(await ada.connect("Yard"), "Hulls", {
        destination: { kind: "local-folder", root: "target", folder: "hulls", layout: "mirror" },
        schedule: { kind: "interval", minutes: 15 },
      });
      const { id } = await ada.ask("POST", `/syncs/${sync}/run`);
      const run = () => ada.ask("GET", `/sync-runs/${id}`);
      await expect.poll(async () => (await run()).status, { timeout: 40_000 }).not.toMatch(/queued|running/);
      expect(await run()).toMatchObject({ status: "done", counts: { created: 1 } });
      const { slug } = await ada.ask("GET", "");
      expect(readFileSync(join(installation.target, slug, "hulls", "Hull", "a.txt"), "utf8")).toBe("of steel");
      await expect
        .poll(async () => (await ada.ask("GET", `/syncs/${sync}`)).next_run_at, { timeout: 40_000 })
        .toBeTruthy();
      await hawser.stop();
      expect(hawser.said()).not.toMatch(/"level":[456]0/);
    } finally {
      await hawser?.kill();
      removeFolder(home);
    }
  },
);

describe.runIf(isHere && hasPooler)("behind a pooler that works by transaction", () => {
  it("roles, migrations and the queue's tables are made, taken back and made again", async () => {
    const other = await supabaseDatabase();
    const through = await startPooler([other.ownerUrl, other.appUrl, other.authUrl]);
    try {
      const [ownerUrl, appUrl, authUrl] = [other.ownerUrl, other.appUrl, other.authUrl].map(through.through) as [
        string,
        string,
        string,
      ];
      await ensureRoles(ownerUrl, { appUrl, authUrl });
      const all = await migrateUp(ownerUrl);
      expect(await migrateDown(ownerUrl, { steps: all.length })).toEqual(all.toReversed());
      expect(await migrateUp(ownerUrl)).toEqual(all);
      await migrateJobs(ownerUrl);
      const found = await checkDatabase(ownerUrl, { appUrl, authUrl, listenUrl: other.appUrl });
      expect(found.filter(({ ok }) => !ok)).toEqual([]);
    } finally {
      await through.close();
      await other.close();
    }
  });

  it("SR-59 a transaction has its own workspace, search path and limits, whoever had the connection before", async () => {
    const database = openDatabase({ appUrl: app, maxConnections: 40 });
    try {
      const seen = await Promise.all(
        Array.from({ length: 200 }, async (_, number) => {
          const workspace = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
          return database.asWorkspace({ workspace: workspace as never }, async (tx) => {
            await tx.sql`select ${number}::int`;
            const [row] = await tx.sql<{ at: string; path: string; limit: string }>`
              select hawser.current_workspace() as at, current_setting('search_path') as path,
                     current_setting('statement_timeout') as limit`;
            return { right: row?.at === workspace, path: row?.path, limit: row?.limit };
          });
        }),
      );
      expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
        new Set([JSON.stringify({ right: true, path: "hawser", limit: "30s" })]),
      );
    } finally {
      await database.close();
    }
    // Nothing of it stays with the server's connection, where the next client would find it.
    const next = new pg.Client({ connectionString: app });
    await next.connect();
    for (let time = 0; time < 5; time++) {
      const { rows } = await next.query(
        "select current_setting('hawser.workspace', true) as at, current_setting('search_path') as path",
      );
      expect(rows).toEqual([{ at: expect.toSatisfy((at) => !at), path: '"$user", public' }]);
    }
    await next.end();
  });

  it("people sign in, over connections that have no search path of ours", async () => {
    const people = openAuthDatabase({ authUrl: auth });
    try {
      expect(await people.kysely.selectFrom("user").select("name").execute()).toEqual([{ name: "Ada" }]);
    } finally {
      await people.close();
    }
  });

  it("notices do not get through, which is noticed: everybody is told to look again, and jobs start all the same", async () => {
    const told: boolean[] = [];
    const deaf = Promise.withResolvers<void>();
    const looked = Promise.withResolvers<void>();
    const database = openDatabase({
      appUrl: app,
      hears: (hears) => {
        told.push(hears);
        deaf.resolve();
      },
    });
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const jobs = await openJobs({ appUrl: app, database, log });
    try {
      const stop = await database.listen("hawser_live", (payload) => {
        if (payload === "") looked.resolve();
      });
      const { promise: ran, resolve } = Promise.withResolvers<void>();
      await jobs.work("run-sync", async () => resolve());
      await database.asWorkspace({ workspace: crypto.randomUUID() as never }, (tx) =>
        jobs.enqueue(tx, { name: "run-sync", data: { run: crypto.randomUUID() } }),
      );
      await ran;
      await Promise.all([deaf.promise, looked.promise]);
      expect(told).toEqual([false]);
      await stop();
    } finally {
      await jobs.stop();
      await database.close();
    }
  });

  it("`check database` says which address has to be given besides", async () => {
    const found = await checkDatabase(owner, { appUrl: app, authUrl: auth });
    expect(found.filter(({ ok }) => !ok)).toEqual([
      {
        check: "notices",
        ok: false,
        found: expect.stringContaining("do not get through"),
        advice: expect.stringContaining("HAWSER_LISTEN_DATABASE_URL"),
      },
    ]);
  });
});

it.runIf(isHere)(
  "notices get through a direct address, and those who listen are not told to look again for nothing",
  async () => {
    const told: boolean[] = [];
    const database = openDatabase({ appUrl: app, listenUrl: supabase.appUrl, hears: (hears) => told.push(hears) });
    try {
      const { promise: heard, resolve } = Promise.withResolvers<string>();
      await database.listen("hawser_live", resolve);
      await database.acrossWorkspaces((tx) => tx.sql`select pg_notify('hawser_live', 'a sail')`);
      expect(await heard).toBe("a sail");
      expect(told).toEqual([]);
    } finally {
      await database.close();
    }
  },
);
