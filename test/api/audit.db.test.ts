// Every route that changes something in a workspace, called once with success: what it did and the entry about it stand
// or fall together. A new route has to be added here, or the first test says so.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { routes } from "#api/contract/index.ts";
import { createPolicy } from "#outbound/policy.ts";
import type { ReceiverSimulator } from "#providers/document-processing/simulator.ts";
import { type OpenSandbox, openSandbox } from "../../src/sandbox/sandbox.ts";
import { type Answer, type Asker, aMember, anApp, aPerson, aWorkspace, type TestServer } from "../support/server.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

let home: string;
let sandbox: OpenSandbox;
let server: TestServer;
let superuser: pg.Client;
let owner: Asker & { id: string };
let workspace: string;
/** Ids of what the earlier acts have made. */
const made: Record<string, string> = {};
const askers: Record<string, Asker & { id: string }> = {};

beforeAll(async () => {
  home = temporaryFolder();
  for (const folder of ["source", "target"]) await mkdir(join(home, folder));
  await writeFile(join(home, "source", "a.txt"), "a");
  sandbox = await openSandbox({ port: 0 });
  server = await anApp({
    simulators: sandbox,
    outbound: createPolicy({ exceptions: [sandbox.hostAndPort] }),
    sourceRoots: new Map([["source", join(home, "source")]]),
    destinationRoots: new Map([["target", join(home, "target")]]),
  });
  superuser = await server.db.superuser();
  await superuser.query(`
    create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'no entry'; end $$;
    create trigger a_refusal before insert on hawser.audit_entries for each row execute function public.refuse();
    alter table hawser.audit_entries disable trigger a_refusal`);
  owner = await aPerson(server, "owner");
  workspace = await aWorkspace(owner);
  askers.other = await aMember(server, owner, workspace, "member");
  askers.leaving = await aMember(server, owner, workspace, "member");
  askers.joining = await aPerson(server, "joining");
});
afterAll(async () => {
  await server.end();
  await sandbox.close();
  removeFolder(home);
});

const below = (method: string, path: string, body?: unknown, by = owner): Promise<Answer> =>
  by.ask(method, `/workspaces/${workspace}${path}`, body === undefined ? {} : { body });
const none = { kind: "none" };
const definition = {
  display_name: "Ships",
  base_url: "https://ships.example.com",
  auth: [{ type: "none" }],
  actions: [],
};

/** What some acts need to be possible. */
const ready: Record<string, () => Promise<unknown>> = {
  "invitations.revoke": async () => {
    made.invitation = (await below("POST", "/invitations", { role: "viewer" })).body.id;
  },
  "connections.authorize": async () => {
    const { id } = (await below("POST", "/connections", { provider: "x", name: "Posts", sandbox: true })).body;
    made.signedInAtProvider = id;
  },
  "connections.setCredential": async () => {
    const way = { provider: "autodesk", auth: "oauth2_client_credentials", sandbox: true };
    made.withCredential = (await below("POST", "/connections", { ...way, name: "Models" })).body.id;
  },
  // With a token at hand: getting one is a transaction of its own.
  "connections.call": () => below("POST", `/connections/${made.withCredential}/test`),
  "syncs.retryFailed": () =>
    superuser.query(
      `insert into hawser.files (workspace_id, sync_id, remote_id, name, is_folder, version, state, seen_generation)
       values ($1, $2, 'failed', 'failed.txt', false, '1', 'failed', 1)`,
      [workspace, made["syncs.create"]],
    ),
  "syncs.decideRemovals": async () => {
    await superuser.query("update hawser.sync_runs set status = 'done'");
    await superuser.query("update hawser.syncs set held_removals = 1, held_since = now()");
  },
  "handoffs.makeResultAddress": async () => {
    const { receiver } = sandbox.services.get("document-processing") as ReceiverSimulator;
    const [tenant] = receiver.tenants;
    const about = { config: { tenant_id: tenant?.id }, credential: { secret: tenant?.secrets[0] } };
    const wish = { provider: "document-processing", name: "Digest", sandbox: true, ...about };
    made.receiver = (await below("POST", "/connections", wish)).body.id;
  },
  "handoffs.handStoredOver": () =>
    superuser.query("update hawser.syncs set handoff = jsonb_build_object('connection_id', $1::text)", [made.receiver]),
};

/** What each route is asked, in an order in which each is possible. */
const acts: Record<string, () => Promise<Answer>> = {
  "workspaces.create": () => owner.ask("POST", "/workspaces", { body: { name: "Another" } }),
  "workspaces.update": () => below("PATCH", "", { name: "Pier" }),
  "invitations.create": () => below("POST", "/invitations", { role: "viewer" }),
  "invitations.accept": async () => {
    const token = made.invitationUrl?.split("/").at(-1);
    return askers.joining!.ask("POST", "/invitations/accept", { body: { token } });
  },
  "invitations.revoke": () => below("DELETE", `/invitations/${made.invitation}`),
  "members.update": () => below("PATCH", `/members/${askers.other!.id}`, { role: "admin" }),
  "members.remove": () => below("DELETE", `/members/${askers.other!.id}`),
  "members.leave": () => below("POST", "/leave", undefined, askers.leaving),
  "apiKeys.create": () => below("POST", "/api-keys", { name: "Robot", role: "viewer" }),
  "apiKeys.revoke": () => below("DELETE", `/api-keys/${made["apiKeys.create"]}`),
  "connections.testConfig": () =>
    below("POST", "/connections/test", { provider: "local-folder", config: { root: "source" } }),
  "connections.create": () =>
    below("POST", "/connections", { provider: "local-folder", name: "Papers", config: { root: "source" } }),
  "connections.update": () => below("PATCH", `/connections/${made["connections.create"]}`, { name: "Documents" }),
  "connections.test": () => below("POST", `/connections/${made["connections.create"]}/test`),
  "connections.authorize": () => below("POST", `/connections/${made.signedInAtProvider}/authorize`, {}),
  "connections.setCredential": () => {
    const client = sandbox.clients.get("autodesk");
    const credential = { client_id: client?.id, client_secret: client?.secret };
    return below("POST", `/connections/${made.withCredential}/credential`, { credential });
  },
  "connections.call": () =>
    below("POST", `/connections/${made.withCredential}/calls`, {
      request: { method: "GET", path: "/project/v1/hubs" },
    }),
  "connections.disconnect": () => below("POST", `/connections/${made.withCredential}/disconnect`),
  "oauthClients.set": () => below("POST", "/oauth-clients/x", { client_id: "ours", client_secret: "hunter22" }),
  "oauthClients.delete": () => below("DELETE", "/oauth-clients/x"),
  "providers.importOpenapi": () =>
    below("POST", "/providers/import-openapi", {
      text: JSON.stringify({ openapi: "3.0.0", info: { title: "Ships", version: "1" }, paths: {} }),
    }),
  "providers.create": () => below("POST", "/providers", { name: "ships", definition }),
  "providers.update": () => below("PATCH", `/providers/${made["providers.create"]}`, { active: false }),
  "providers.delete": () => below("DELETE", `/providers/${made["providers.create"]}`),
  "transfer.import": async () => {
    const { body } = await below("GET", "/export");
    return below("POST", "/import", { yaml: body.yaml, apply: true });
  },
  "destinations.test": () =>
    below("POST", "/destinations/test", { destination: { kind: "local-folder", root: "target", folder: "copy" } }),
  "secrets.create": () =>
    below("POST", "/secrets", { name: "shop_key", value: "hunter22", origins: ["https://api.example.com"] }),
  "secrets.set": () => below("PATCH", `/secrets/${made["secrets.create"]}`, { description: "Of the shop" }),
  "secrets.delete": () => below("DELETE", `/secrets/${made["secrets.create"]}`),
  "syncs.create": async () => {
    const { body } = await below("GET", `/connections/${made["connections.create"]}/drives`);
    const [{ id, name }] = body.items;
    const connection = { connection_id: made["connections.create"], drive: { id, name } };
    return below("POST", "/syncs", { ...connection, name: "Drawings", destination: none });
  },
  "syncs.update": () => below("PATCH", `/syncs/${made["syncs.create"]}`, { name: "Plans" }),
  "syncs.run": () => below("POST", `/syncs/${made["syncs.create"]}/run`),
  "syncs.pause": () => below("POST", `/syncs/${made["syncs.create"]}/pause`),
  "syncs.resume": () => below("POST", `/syncs/${made["syncs.create"]}/resume`),
  "syncs.cancel": () => below("POST", `/syncs/${made["syncs.create"]}/cancel`),
  "syncs.retryFailed": () => below("POST", `/syncs/${made["syncs.create"]}/retry-failed`, {}),
  "syncs.decideRemovals": () => below("POST", `/syncs/${made["syncs.create"]}/removals`, { decision: "keep" }),
  "syncs.verify": () => below("POST", `/syncs/${made["syncs.create"]}/verification`, {}),
  "handoffs.makeResultAddress": () => below("POST", `/connections/${made.receiver}/result-address`, {}),
  "handoffs.handStoredOver": () => below("POST", `/syncs/${made["syncs.create"]}/handoffs/stored`, {}),
  "handoffs.replay": () => below("POST", `/syncs/${made["syncs.create"]}/handoffs/replay`, {}),
  "syncs.delete": () => below("DELETE", `/syncs/${made["syncs.create"]}`),
  "drafts.save": () => below("POST", "/drafts/sync", { body: { name: "Drawings" } }),
  "drafts.discard": () => below("DELETE", "/drafts/sync"),
  "connections.delete": () => below("DELETE", `/connections/${made["connections.create"]}`),
  "workspaces.delete": () => below("DELETE", "?name=Pier"),
};

/** What people do outside of any workspace stands in the log of requests, as their `event`. */
const outside = (name: string) => name.startsWith("identity.");
/** They are POST for the size of what they are asked, and change nothing. */
const questions = ["invitations.lookUp", "schedules.preview", "syncs.preview"];

const changing = routes.filter(({ method }) => method !== "GET");

it("SR-76 every route that changes something has an audit action, and is tried here", () => {
  const unnamed = changing.filter(({ audit }) => audit === undefined).map(({ name }) => name);
  expect(unnamed.sort()).toEqual(questions);
  const named = changing.filter(({ audit, name }) => audit !== undefined && !outside(name)).map(({ name }) => name);
  expect(Object.keys(acts).sort()).toEqual(named.sort());
});

it.each(Object.keys(acts))("SR-76 %s writes its entry in the transaction of what it does", async (name) => {
  const act = acts[name]!;
  const action = routes.find((route) => route.name === name)?.audit;

  await ready[name]?.();
  // Its entry cannot be written: then nothing may be done.
  await superuser.query("alter table hawser.audit_entries enable trigger a_refusal");
  const before = await everything();
  const refused = await act();
  expect([refused.status, refused.body.code]).toEqual([500, "internal"]);
  expect(await everything()).toEqual(before);
  await superuser.query("alter table hawser.audit_entries disable trigger a_refusal");

  const [{ now } = { now: new Date(0) }] = (await superuser.query<{ now: Date }>("select clock_timestamp() as now"))
    .rows;
  const done = await act();
  expect(done.status, JSON.stringify(done.body)).toBeLessThan(300);
  made[name] = done.body?.id;
  if (name === "invitations.create") made.invitationUrl = done.body.url;

  const { rows } = await superuser.query(
    "select action, actor_kind, actor_id, result, address, request_id from hawser.audit_entries where at >= $1 order by at desc limit 1",
    [now],
  );
  const by = name === "members.leave" ? askers.leaving : name === "invitations.accept" ? askers.joining : owner;
  expect(rows).toEqual([
    {
      action,
      actor_kind: "user",
      actor_id: by!.id,
      result: "done",
      address: expect.stringMatching(/^10\.1\./),
      request_id: done.headers.get("x-request-id"),
    },
  ]);
});

it("SR-76 the chain of it all is whole, also in a workspace that was deleted", async () => {
  const { rows } = await superuser.query<{ whole: boolean; entries: number }>(`
    select bool_and(hash = hawser.audit_hash(e)) as whole, count(*)::int as entries from hawser.audit_entries e`);
  expect(rows[0]).toMatchObject({ whole: true });
  expect(rows[0]?.entries).toBeGreaterThan(Object.keys(acts).length);
});

/** A fingerprint of each table of the workspaces and of the queue, but for uses, which are counted behind everything. */
async function everything(): Promise<Record<string, string>> {
  const { rows: tables } = await superuser.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = 'hawser' and tablename <> 'credential_uses' or schemaname = 'pgboss' and tablename like 'job%' order by 1`,
  );
  const prints: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await superuser.query(
      `select md5(coalesce(string_agg(t::text, '' order by t::text), '')) as print from ${name} t`,
    );
    prints[name] = rows[0].print;
  }
  return prints;
}
