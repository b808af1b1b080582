// From a change at a pretend provider to the run that follows, over real HTTP in both directions.
import { createServer } from "node:net";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { SimulatedFiles } from "#provider-kit/sim/files.ts";
import type { SimulatedService } from "#provider-kit/sim/service.ts";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { type App, openApp } from "../../src/app.ts";
import { type OpenSandbox, openSandbox } from "../../src/sandbox/sandbox.ts";
import { answerAt, offering } from "../support/a-sign-in.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpPerson, signUp } from "../support/http-person.ts";

let db: TestDatabase;
let superuser: pg.Client;
let sandbox: OpenSandbox;
let app: App;
let url: string;
let ana: HttpPerson;

beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
  sandbox = await openSandbox({ port: 0, seed: 1 });
  const port = await freePort();
  url = `http://localhost:${port}`;
  app = await openApp({
    ...offering(sandbox),
    outbound: offering(sandbox).outbound ?? raise(),
    appUrl: db.appUrl,
    authUrl: db.authUrl,
    embedded: true,
    keyring: parseKeyFile({ path: "hawser.key", mode: 0o600, text: newKeyFileText(new Date()) }),
    publicUrl: url,
    role: "all",
    signUp: "open",
    sourceRoots: new Map(),
    destinationRoots: new Map(),
    leaseSeconds: 30,
    corsOrigins: [],
    trustedProxies: [],
    version: "0.0.0",
    limits: [],
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  await app.server.listen(port, "127.0.0.1");
  await app.work();
  ana = await signUp(url, "Ana");
});
afterAll(async () => {
  await app.stop();
  await sandbox.close();
  await db.close();
});

const raise = (): never => {
  throw new Error("the sandbox is an exception of the policy");
};

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Asks again until it is so; a failing test ends by its own time limit. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function pretend(key: string): SimulatedFiles {
  const service = sandbox.services.get(key);
  if (!service || !hasFiles(service)) throw new Error(`the pretend ${key} has no files`);
  return service;
}
const hasFiles = (service: SimulatedService): service is SimulatedFiles => "tree" in service;

const providers = [
  { key: "google-drive", config: {}, ending: /channels\/stop$/ },
  { key: "onedrive", config: {}, ending: /subscriptions\/[^/]+$/ },
  { key: "autodesk", config: { webhooks: true }, ending: /hooks\/[^/]+$/ },
];

it.concurrent.each(providers)(
  "$key tells of changes: a run follows, what is new is there, and the channel is ended with the connection",
  async ({ key, config, ending }) => {
    const service = pretend(key);
    const made = await ana.ask("POST", "/connections", { name: key, provider: key, sandbox: true, config });
    const { url: page } = await ana.ask("POST", `/connections/${made.id}/authorize`, {});
    await ana.visit((await answerAt(page)).href);
    const { items: drives } = await ana.ask("GET", `/connections/${made.id}/drives`);
    const drive = drives.find(({ id }: { id: string }) => id === service.drive.id);
    const sync = await ana.ask("POST", "/syncs", {
      connection_id: made.id,
      name: `All of ${key}`,
      drive: { id: drive.id, name: drive.name },
      schedule: { kind: "interval", minutes: 1440 },
    });
    const view = () => ana.ask("GET", `/syncs/${sync.id}`);
    const runs = async () => (await ana.ask("GET", `/syncs/${sync.id}/runs`)).items;
    /** Nothing is open, and nothing waits to be. */
    const quiet = () =>
      until(async () => {
        const { rowCount } = await superuser.query("select from hawser.push_hints where sync_id = $1", [sync.id]);
        return rowCount === 0 && (await view()).open_run === null ? true : undefined;
      });
    /** As if a while had passed, so that the next run need not wait for its turn. */
    const letTimePass = async () => {
      await superuser.query(
        "update hawser.sync_runs set created_at = created_at - interval '1 minute' where sync_id = $1",
        [sync.id],
      );
    };

    await until(async () => ((await view()).push.state === "live" ? true : undefined));
    await until(async () => ((await runs()).length > 0 ? true : undefined));
    await quiet();
    const before = (await runs()).length;
    await letTimePass();

    // Not at the top: in a project of Autodesk no files lie there.
    const folder = [...(service.drive.top.children ?? [])].find(({ isFolder }) => isFolder);
    service.tree.addFile(folder ?? service.drive.top, "ahoy.txt", bytesOf("ahoy"));
    const run = await until(async () => {
      // The first one since, however many there are: a provider may tell of one change more than once.
      const next = (await runs()).toReversed()[before];
      return next !== undefined && next.finished_at !== null ? next : undefined;
    });
    expect(run).toMatchObject({ trigger: "push", status: "done" });
    const { items: files } = await ana.ask("GET", `/syncs/${sync.id}/files?search=ahoy`);
    expect(files.map(({ name }: { name: string }) => name)).toEqual(["ahoy.txt"]);
    expect((await view()).push).toMatchObject({ state: "live", last_notice_at: expect.any(String) });

    service.log.clear();
    await ana.ask("POST", `/connections/${made.id}/disconnect`, {});
    expect(service.log.entries.filter(({ path, status }) => ending.test(path) && status === 204)).not.toEqual([]);
    await until(async () => {
      const { rowCount } = await superuser.query(
        "select from hawser.push_channels where connection_id = $1 and subscription_id is not null",
        [made.id],
      );
      return rowCount === 0 ? true : undefined;
    });
  },
  60_000,
);
