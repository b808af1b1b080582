// A canary in every place where a secret is kept: created, tested, connected, called, refreshed, failed, replaced, given
// up. The other side sends back all that it gets. None of them is anywhere where people or programs could read it.
import { generateKeyPairSync } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPolicy } from "#outbound/policy.ts";
import { type LeakyService, leakyService } from "../support/leaky-service.ts";
import {
  type Answer,
  type Asker,
  anApiKey,
  anApp,
  aPerson,
  aWorkspace,
  publicUrl,
  type TestServer,
} from "../support/server.ts";

let service: LeakyService;
let server: TestServer;
let superuser: pg.Client;
let owner: Asker & { id: string };
let workspace: string;
/** Every answer of the API and every page, as text. */
const answers: string[] = [];
const canaries = new Map<string, string>();

/** One for each kind, with characters that every encoding writes in a way of its own. */
function canary(kind: string): string {
  const known = canaries.get(kind);
  if (known !== undefined) return known;
  const made = `Cn4ry/${kind}+&"<=${crypto.randomUUID()}`;
  canaries.set(kind, made);
  return made;
}

beforeAll(async () => {
  service = await leakyService();
  let issued = 0;
  service.tokens = (grant) => ({
    access_token: canary(`access-${grant}-${++issued}`),
    ...(["authorization_code", "refresh_token"].includes(grant) && { refresh_token: canary(`refresh-${issued}`) }),
    token: canary(`two-step-token-${issued}`),
    token_type: "bearer",
    expires_in: 3600,
  });
  server = await anApp({ outbound: createPolicy({ exceptions: [`127.0.0.1:${service.port}`] }) });
  superuser = await server.db.superuser();
  owner = await aPerson(server, "owner");
  workspace = await aWorkspace(owner);
});
afterAll(async () => {
  await server.end();
  await service.close();
});

async function below(method: string, path: string, body?: unknown, by: Asker = owner): Promise<Answer> {
  const answer = await by.ask(method, `/workspaces/${workspace}${path}`, body === undefined ? {} : { body });
  answers.push(JSON.stringify(answer.body ?? null), JSON.stringify([...answer.headers]));
  return answer;
}

async function well(method: string, path: string, body?: unknown) {
  const answer = await below(method, path, body);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
const keyFile = JSON.stringify({
  type: "service_account",
  client_email: "robot@example.com",
  private_key: pem,
  private_key_id: "k1",
  token_uri: "https://evil.example/token",
});

interface Way {
  type: string;
  auth: Record<string, unknown>;
  credential?: Record<string, string>;
}

const ways = (): Record<string, Way> => {
  const token_url = `${service.origin}/token`;
  return {
    "key-header": {
      type: "api_key",
      auth: { type: "api_key", place: { header: "X-Api-Key" } },
      credential: { key: canary("key-header") },
    },
    "key-query": {
      type: "api_key",
      auth: { type: "api_key", place: { query: "key" } },
      credential: { key: canary("key-query") },
    },
    bearer: { type: "bearer", auth: { type: "bearer" }, credential: { token: canary("bearer") } },
    basic: {
      type: "basic",
      auth: { type: "basic", password_label: "Password" },
      credential: { username: "ana", password: canary("password") },
    },
    "basic-key": {
      type: "basic",
      auth: { type: "basic", username_label: "Key" },
      credential: { username: canary("basic-key") },
    },
    machine: {
      type: "oauth2_client_credentials",
      auth: { type: "oauth2_client_credentials", token_url, client_auth: "basic" },
      credential: { client_id: "machine", client_secret: canary("machine-secret") },
    },
    robot: {
      type: "service_account",
      auth: { type: "service_account", token_url },
      credential: { key_file: keyFile },
    },
    "two-step": {
      type: "two_step",
      auth: {
        type: "two_step",
        fields: [
          { name: "user", label: "User", secret: false },
          { name: "pin", label: "PIN" },
        ],
        login: { url: `${service.origin}/login`, params: { user: "{user}", pin: "{pin}" } },
        answer: { access_token: "token" },
      },
      credential: { user: "ana", pin: canary("pin") },
    },
    person: {
      type: "oauth2_authorization_code",
      auth: {
        type: "oauth2_authorization_code",
        authorize_url: `${service.origin}/authorize`,
        token_url,
        revoke_url: `${service.origin}/revoke`,
        client_auth: "body",
        refresh: "rotating",
      },
    },
  };
};

const definition = (auth: Record<string, unknown>) => ({
  display_name: "Leaky",
  base_url: service.origin,
  auth: [auth],
  check: { path: "/me", account: { id: "$.id", label: "$.label" } },
  error_message: "$.message",
  actions: [
    {
      key: "echo",
      name: "Echo",
      method: "POST",
      path: "/echo",
      headers: { "X-Secret": "{{ workspace.canary }}" },
      query: { s: "{{ workspace.canary }}" },
      body: { kind: "json", fixed: { secret: "{{ workspace.canary }}" } },
      input: { type: "object", properties: {}, additionalProperties: false },
      output: { everything: "$" },
    },
    {
      key: "look",
      name: "Look",
      method: "GET",
      path: "/look",
      headers: { "X-Secret": "{{ workspace.canary }}" },
      input: { type: "object", properties: {}, additionalProperties: false },
      output: { everything: "$" },
      cache_ttl_s: 60,
    },
  ],
});

it("SR-7 SR-12 SR-25 every kind of secret is used, and the work succeeds", async () => {
  await well("POST", "/secrets", { name: "canary", value: canary("workspace-secret"), origins: [service.origin] });

  for (const [name, way] of Object.entries(ways())) {
    await well("POST", "/providers", { name, definition: definition(way.auth) });
    const provider = `custom-${name}`;
    const given = { provider, config: {}, ...(way.credential && { credential: way.credential }) };
    if (way.credential) expect(await well("POST", "/connections/test", given)).toMatchObject({ ok: true });
    const { id } = await well("POST", "/connections", { ...given, name });
    if (!way.credential) await signIn(provider, id);
    expect(await well("POST", `/connections/${id}/test`), name).toMatchObject({ ok: true });

    await call(id, name);
    await expireTokens();
    await call(id, name);

    service.failing = "api";
    await well("POST", `/connections/${id}/test`);
    if (way.credential) await well("POST", "/connections/test", given);
    await call(id, name, false);
    service.failing = "token";
    await expireTokens();
    await well("POST", `/connections/${id}/test`);
    if (way.credential) await well("POST", "/connections/test", given);
    await call(id, name, false);
    service.failing = undefined;

    if (way.credential) await well("POST", `/connections/${id}/credential`, { credential: way.credential });
    for (const part of ["", "/actions", "/calls", "/checks", "/usage"]) await well("GET", `/connections/${id}${part}`);
    for (const { id: made } of (await well("GET", `/connections/${id}/calls`)).items)
      await well("GET", `/calls/${made}`);
  }
  for (const path of ["/connections", "/catalog", "/providers", "/secrets", "/audit", "/activity", "/home"]) {
    await well("GET", path);
  }
  const { yaml } = await well("GET", "/export");
  expect(yaml).toContain("{{ workspace.canary }}");
  await well("POST", "/import", { yaml });
  expect(service.served).toBeGreaterThan(40);
  expect(service.heard.size).toBeGreaterThan(1);
});

it("SR-75 SR-76 none of them is in any answer, page, log line or row, in any encoding", async () => {
  await expectNone();
});

it("SR-11 giving up leaves none behind, also while the provider cannot be told", async () => {
  for (const { id } of (await well("GET", "/connections")).items) await well("POST", `/connections/${id}/disconnect`);

  await expectNone();
  const { rows } = await superuser.query("select count(*)::int as sealed from hawser.credentials");
  expect(rows).toEqual([{ sealed: 0 }]);
});

async function call(id: string, name: string, isWell = true): Promise<void> {
  // A key of its own, so that no limit is met.
  const robot = await anApiKey(server, owner, workspace, "member");
  const wanted = [
    { request: { method: "POST", path: "/echo", body: { json: { hello: 1 } } } },
    { action: "echo" },
    { action: "look" },
    { action: "look" },
  ];
  const made: Answer[] = [];
  for (const one of wanted) made.push(await below("POST", `/connections/${id}/calls`, one, robot));
  for (const { status, body } of made) {
    expect(status, `${name}: ${JSON.stringify(body)}`).toBe(201);
    if (isWell) expect(body, name).toMatchObject({ failure: null, response: { status: 200 } });
  }
}

/** The provider's client of the workspace, the sign-in of a person, and three that go wrong. */
async function signIn(provider: string, id: string): Promise<void> {
  await well("POST", `/oauth-clients/${provider}`, { client_id: "client", client_secret: canary("client-secret") });
  await well("GET", `/oauth-clients/${provider}`);

  const begin = async () => new URL((await well("POST", `/connections/${id}/authorize`, {})).url);
  const first = await begin();
  service.failing = "token";
  await comeBack(first, { code: canary("code-refused") });
  service.failing = undefined;
  await comeBack(await begin(), { error: "access_denied", error_description: canary("callback-words") });
  await comeBack(first, { code: canary("code-replayed") });
  const last = await begin();
  const page = await comeBack(last, { code: canary("code") });
  expect(page.status, await page.clone().text()).toBeLessThan(400);
}

async function comeBack(url: URL, params: Record<string, string>): Promise<Response> {
  const back = new URL(url.searchParams.get("redirect_uri") ?? "");
  for (const [name, value] of Object.entries({ ...params, state: url.searchParams.get("state") ?? "" })) {
    back.searchParams.set(name, value);
  }
  expect(back.origin).toBe(publicUrl);
  const page = await server.fetch(new Request(back, { headers: { cookie: owner.cookie ?? "" }, redirect: "manual" }));
  answers.push(await page.clone().text(), JSON.stringify([...page.headers]));
  return page;
}

/** As if an hour had gone by. */
const expireTokens = () =>
  superuser.query(
    "update hawser.token_sets set expires_at = now() - interval '1 minute', obtained_at = obtained_at - interval '2 hours'",
  );

async function expectNone(): Promise<void> {
  for (const heard of service.heard) canaries.set(`heard ${canaries.size}`, heard);
  canaries.set("private key", pem.toString().split("\n")[5] ?? "");
  const places = {
    answers: answers.join("\n"),
    logs: JSON.stringify(server.logged),
    ...(await dump()),
  };
  const found: string[] = [];
  for (const [kind, value] of canaries) {
    for (const [form, text] of Object.entries(formsOf(value))) {
      for (const [place, content] of Object.entries(places)) {
        const at = content.indexOf(text);
        if (at >= 0) found.push(`${kind} ${form} in ${place}: …${content.slice(Math.max(0, at - 120), at + 10)}`);
      }
    }
  }
  expect(found).toEqual([]);
}

/** Every row of every table there is, as text; bytes are hexadecimal in it. */
async function dump(): Promise<Record<string, string>> {
  const { rows: tables } = await superuser.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const dumped: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await superuser.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    dumped[name] = rows.map(({ row }) => row).join("\n");
  }
  expect(Object.keys(dumped)).toEqual(expect.arrayContaining(["hawser.action_calls", "hawser.audit_entries"]));
  expect(Object.keys(dumped).some((name) => name.startsWith("pgboss."))).toBe(true);
  return dumped;
}

/** A text as others may write it. In base64 it is looked for without its ends, whatever stands around it. */
function formsOf(value: string): Record<string, string> {
  const inside = (before: number) =>
    Buffer.from("x".repeat(before) + value)
      .toString("base64")
      .slice(4, -4);
  const json = JSON.stringify(value).slice(1, -1);
  return {
    plain: value,
    json,
    "json twice": JSON.stringify(json).slice(1, -1),
    url: encodeURIComponent(value),
    form: new URLSearchParams({ "": value }).toString().slice(1),
    html: value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    "base64 1": inside(0),
    "base64 2": inside(1),
    "base64 3": inside(2),
    base64url: Buffer.from(value).toString("base64url"),
    hex: Buffer.from(value).toString("hex"),
    // What everybody who tells the middle of it would tell.
    middle: value.slice(Math.floor(value.length / 2) - 8, Math.floor(value.length / 2) + 8),
  };
}
