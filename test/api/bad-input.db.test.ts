// Every route × everything that a request should not be: a clear answer with a stable code, and nothing is changed.
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { routes } from "#api/contract/index.ts";
import type { Route } from "#api/contract/route.ts";
import { appErrorStatus } from "#core/errors.ts";
import {
  type Asker,
  anApiKey,
  anApp,
  aPerson,
  asker,
  aWorkspace,
  publicUrl,
  type TestServer,
} from "../support/server.ts";

let server: TestServer;
let owner: Asker;
let superuser: pg.Client;

beforeAll(async () => {
  server = await anApp();
  owner = await aPerson(server, "owner");
  superuser = await server.db.superuser();
});
afterAll(async () => {
  await server.end();
});

const someId = "01900000-0000-7000-8000-000000000000";

/** Who asks a route: the owner, by a key of a new workspace where a key will do, so that no limit is met. */
async function askerOf(route: Route): Promise<{ by: Asker; path: string }> {
  const fill = (workspace: string) => route.path.replace("{workspace}", workspace).replaceAll(/\{\w+\}/g, someId);
  if (route.access.who === "anyone") return { by: asker(server), path: fill("") };
  if (route.access.who !== "workspace") return { by: owner, path: fill("") };
  const workspace = await aWorkspace(owner, route.name);
  return { by: await anApiKey(server, owner, workspace, "owner"), path: fill(workspace) };
}

interface Sent {
  method?: string;
  path?: string;
  body?: BodyInit;
  headers?: Record<string, string>;
}

/** Sends something wrong, and says what came back when that is not a proper refusal. */
async function send(by: Asker, route: Route, path: string, sent: Sent) {
  const method = sent.method ?? route.method;
  const response = await server.fetch(
    new Request(`${publicUrl}/api/v1${sent.path ?? path}`, {
      method,
      headers: {
        "x-forwarded-for": `10.9.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`,
        "content-type": "application/json",
        origin: publicUrl,
        "x-requested-with": "portal",
        ...(by.cookie && { cookie: by.cookie }),
        ...(by.key && { authorization: `Bearer ${by.key}` }),
        ...sent.headers,
      },
      ...(sent.body !== undefined && { body: sent.body, duplex: "half" }),
    }),
  );
  const text = await response.text();
  return { status: response.status, type: response.headers.get("content-type"), text, headers: response.headers };
}

type Received = Awaited<ReturnType<typeof send>>;
const codeOf = ({ text }: Received): string => (text === "" ? "" : JSON.parse(text).code);

function expectProblem(received: Received, route: Route, what: string, codes?: readonly string[]): void {
  const about = `${route.name}: ${what}: ${received.status} ${received.text}`;
  expect(received.status, about).toBeLessThan(500);
  expect(received.status, about).toBeGreaterThanOrEqual(400);
  expect(received.type, about).toBe("application/problem+json");
  const problem = JSON.parse(received.text);
  expect(appErrorStatus, about).toHaveProperty(problem.code, received.status);
  expect(problem.request_id, about).toBe(received.headers.get("x-request-id"));
  expect(received.text, about).not.toMatch(/zod|postgres|select |\.ts:|node_modules|\/work\//i);
  if (codes) expect([...codes, ...(route.perMinute ? ["too_many_requests"] : [])], about).toContain(problem.code);
}

/** Rows of every table that a request could change; sessions and limits come and go by themselves. */
async function rows(): Promise<Record<string, string>> {
  const { rows: tables } = await superuser.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('hawser', 'identity') and tablename not in ('session', 'sign_in_failures') order by 1`,
  );
  const counts: Record<string, string> = {};
  for (const { name } of tables) {
    const found = await superuser.query<{ digest: string }>(
      `select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest
         from (select to_jsonb(r) - 'last_used_at' as t from ${name} r) as s`,
    );
    counts[name] = found.rows[0]!.digest;
  }
  return counts;
}

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const changing = routes.filter(({ method }) => method !== "GET");
const withBody = routes.filter(({ body }) => body);
const named = (list: readonly Route[]) => list.map((route) => [route.name, route] as const);

describe("SR-32 SR-70 SR-77 a body that is none", () => {
  it.each(named(withBody))("%s", async (_, route) => {
    const { by, path } = await askerOf(route);
    const before = await rows();
    const expectCode = async (code: string, what: string, sent: Sent) =>
      expectProblem(await send(by, route, path, sent), route, what, [code]);
    await expectCode("invalid_json", "nothing", { body: "" });
    await expectCode("invalid_json", "broken", { body: '{"name": "a"' });
    await expectCode("invalid_json", "a key twice", { body: '{"name": "a", "name": "b"}' });
    await expectCode("invalid_json", "a key twice, once in disguise", { body: '{"name": "a", "n\\u0061me": "b"}' });
    await expectCode("invalid_json", "__proto__", { body: '{"__proto__": {"role": "owner"}}' });
    await expectCode("invalid_json", "too deep", { body: `{"x": ${nested(40)}}` });
    await expectCode("invalid_json", "far too deep", { body: `{"x": ${nested(200_000)}}` });
    await expectCode("invalid_json", "not UTF-8", { body: new Uint8Array([0x22, 0xff, 0x22]) });
    await expectCode("invalid_json", "NUL", { body: '{"name": "a\\u0000b"}' });
    await expectCode("invalid_json", "half a character", { body: '{"name": "\\ud800"}' });
    await expectCode("body_too_large", "too long", {
      body: JSON.stringify({ name: "x".repeat(route.maxBodyBytes ?? 1024 * 1024) }),
    });
    await expectCode("body_too_large", "too long and not announced", {
      body: longer(route.maxBodyBytes ?? 1024 * 1024),
    });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await expectCode("unsupported_media_type", "a form", { body: "name=a", headers: form });
    for (const body of ["[]", "null", "1", '"text"', "true"]) await expectCode("invalid_request", body, { body });
    await expectCode("invalid_request", "an unknown field", { body: '{"not_a_field": 1}' });
    expect(await rows()).toEqual(before);
  });
});

/** More than so many bytes in small pieces, without a length in front. */
const longer = (bytes: number) => {
  let left = bytes / (16 * 1024) + 1;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
      else controller.close();
    },
  });
};

const hostile = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  9e15,
  "",
  " ",
  "x".repeat(100_000),
  "../../etc/passwd",
  "'; drop table",
  [],
  {},
  [null],
];

describe("SR-77 a field that is of another kind", () => {
  it.each(named(withBody))("%s", async (_, route) => {
    const { by, path } = await askerOf(route);
    if (!(route.body instanceof z.ZodObject)) throw new Error(`${route.name} takes a body that is no object`);
    for (const field of Object.keys(route.body.shape)) {
      for (const value of hostile) {
        const received = await send(by, route, path, { body: JSON.stringify({ [field]: value }) });
        // Some of it is fine for some fields; then it is done or not found, and not our mistake.
        if (received.status < 400) continue;
        expectProblem(received, route, `${field} = ${JSON.stringify(value).slice(0, 40)}`);
      }
    }
  });
});

describe("SR-77 a query that is none", () => {
  it.each(named(routes))("%s", async (_, route) => {
    const { by, path } = await askerOf(route);
    const ask = (query: string) =>
      send(by, route, path, { path: `${path}?${query}`, ...(route.body && { body: "{}" }) });
    expectProblem(await ask("not_a_field=1"), route, "an unknown field", ["invalid_request"]);
    expectProblem(await ask("a=1&a=2"), route, "a field twice", ["invalid_request"]);
    expectProblem(await ask("__proto__=1"), route, "__proto__", ["invalid_request"]);
    expectProblem(await ask("a=%00"), route, "NUL", ["invalid_request"]);
    if (!(route.query instanceof z.ZodObject) || route.stream) return;
    for (const field of Object.keys(route.query.shape)) {
      for (const value of [
        "",
        "-1",
        "0",
        "1e9",
        "NaN",
        "x".repeat(10_000),
        "%00",
        "%F0%28",
        "' or 1=1",
        "null",
        "[]",
      ]) {
        const received = await ask(`${field}=${value.startsWith("%") ? value : encodeURIComponent(value)}`);
        if (received.status < 400) continue;
        expectProblem(received, route, `${field}=${value.slice(0, 40)}`);
        if (field === "cursor" && value !== "%00" && value.length < 2_000) {
          expect(["cursor_not_valid", "invalid_request"], received.text).toContain(codeOf(received));
        }
      }
    }
  });
});

describe("SR-56 ids of nothing", () => {
  it.each(named(routes.filter(({ path }) => path.includes("{"))))("%s", async (_, route) => {
    const { by, path } = await askerOf(route);
    // Providers have a key instead of an id: any short text may be one.
    const isKey = route.path.endsWith("{provider}");
    for (const bad of [
      ...(isKey ? [] : ["not-a-uuid", "..%2f..", "1' or '1'='1", someId.replaceAll("0", "G")]),
      "%00",
      "x".repeat(5_000),
    ]) {
      const at = path.includes(someId)
        ? path.replace(someId, bad)
        : path.replace(/workspaces\/[^/]+/, `workspaces/${bad}`);
      expectProblem(await send(by, route, path, { path: at, ...(route.body && { body: "{}" }) }), route, bad, [
        "not_found",
      ]);
    }
  });
});

describe("SR-45 a change that another site asks for", () => {
  it.each(named(changing.filter(({ access }) => access.who !== "anyone")))("%s", async (_, route) => {
    const path = route.path.replaceAll(/\{\w+\}/g, someId);
    const refused = async (what: string, code: string, headers: Record<string, string>) =>
      expectProblem(await send(owner, route, path, { headers, ...(route.body && { body: "{}" }) }), route, what, [
        code,
      ]);
    await refused("another origin", "origin_refused", { origin: "https://evil.example" });
    await refused("no origin", "origin_refused", { origin: "" });
    await refused("not by the portal", "origin_refused", { "x-requested-with": "XMLHttpRequest" });
    await refused("as a form", "unsupported_media_type", { "content-type": "text/plain" });
  });

  it("is refused before anybody is signed in, too", async () => {
    const evil = { origin: "https://evil.example" };
    const body = { email: "a@example.com", password: "x" };
    expect((await asker(server).ask("POST", "/sign-in", { body, headers: evil })).body.code).toBe("origin_refused");
  });
});

describe("SR-77 a method that an address does not take", () => {
  it.each(named(routes))("%s", async (_, route) => {
    const { by, path } = await askerOf(route);
    const taken = routes.filter((other) => isAt(other, path)).map(({ method }) => String(method));
    for (const method of ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"].filter((one) => !taken.includes(one))) {
      const received = await send(by, route, path, { method });
      expectProblem(received, route, method, ["method_not_allowed"]);
      expect(received.headers.get("allow")?.split(", "), route.name).toEqual(
        expect.arrayContaining([...new Set(taken)]),
      );
    }
  });
});

const isAt = (route: Route, path: string) => new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);

it("SR-74 logs one line for each request, without bodies, queries and cookies", () => {
  const lines = server.logged.filter((line) => "duration_ms" in line);
  expect(lines.length).toBeGreaterThan(1_000);
  const known = ["request_id", "method", "status", "duration_ms", "route", "event", "workspace", "actor"];
  for (const line of lines) expect(known).toEqual(expect.arrayContaining(Object.keys(line)));
  expect(server.logged.filter((line) => "err" in line)).toEqual([]);
});
