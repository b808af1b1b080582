import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { buildRequest } from "./definition/build-request.ts";
import { definitionShape } from "./definition/definition.ts";
import { explainFailure } from "./definition/explain-failure.ts";
import { providerFrom } from "./from-definition.ts";
import { createProviderHttp, type Sending } from "./provider-http.ts";

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A service on loopback, and a provider for it that calls it over real HTTP. */
async function aService(
  answer: (request: Seen, response: ServerResponse, origin: string) => void,
  definition: object,
  { config = {}, kept = {} }: { config?: object; kept?: Record<string, string> } = {},
) {
  const seen: Seen[] = [];
  const sent: Sending[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const one = { method: request.method, url: request.url, headers: request.headers, body };
    seen.push(one);
    answer(one, response, origin);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const read = definitionShape.parse({
    display_name: "Yard",
    base_url: `${origin}/v1`,
    auth: [{ type: "none" }],
    ...definition,
  });
  const provider = providerFrom("custom-yard", read);
  const signal = new AbortController().signal;
  const http = createProviderHttp({
    provider,
    base: origin,
    signal,
    async send(request, about) {
      sent.push(about);
      return { reply: await fetch(request) };
    },
  });
  const call = { http, config, kept, auth: "none" as const, signal, account: { id: "1", label: "1" } };
  const run = async (key: string, input: unknown = {}, idempotencyKey = "key-1") => {
    const action = provider.actions?.[key];
    if (!action) throw new Error("no such action");
    return action.run(call, action.input.parse(input), idempotencyKey);
  };
  return { provider, definition: read, run, call, seen, sent, origin };
}

const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}, status = 200) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

const anything = { type: "object" };
const list = (more: object) => ({
  key: "list",
  name: "List",
  method: "GET",
  path: "/items",
  input: anything,
  ...more,
});

describe("a request", () => {
  it("has each input in its place, encoded for it", async () => {
    const { run, seen } = await aService((_, response) => json(response, {}), {
      headers: { "X-Version": "2026" },
      query: { lang: "en" },
      actions: [
        {
          key: "change",
          name: "Change",
          method: "PATCH",
          path: "/users/{id}/files",
          parameters: [
            { name: "id", in: "path" },
            { name: "tag", in: "query" },
            { name: "sort", in: "query", style: "comma" },
            { name: "where", in: "query", style: "deep_object" },
            { name: "X-Trace", in: "header", input: "trace" },
          ],
          query: { fields: "all" },
          body: { kind: "json", fixed: { source: "hawser" } },
          input: anything,
        },
      ],
    });
    await run("change", {
      id: "a/../b?c#d",
      tag: ["x&y", "z"],
      sort: ["a", "b,c"],
      where: { size: { gt: 3 } },
      trace: "t",
      name: "n",
      source: "somebody else",
    });
    expect(seen).toMatchObject([
      {
        method: "PATCH",
        url: "/v1/users/a%2F..%2Fb%3Fc%23d/files?lang=en&fields=all&tag=x%26y&tag=z&sort=a,b%2Cc&where%5Bsize%5D%5Bgt%5D=3",
        headers: {
          "x-version": "2026",
          "x-trace": "t",
          accept: "application/json",
          "content-type": "application/json",
        },
        body: '{"name":"n","source":"hawser"}',
      },
    ]);
  });

  it("has a form where it is one, with what is nested in brackets", async () => {
    const { run, seen } = await aService((_, response) => json(response, {}), {
      actions: [
        {
          key: "post",
          name: "Post",
          method: "POST",
          path: "/f",
          body: { kind: "form", fixed: { v: 1 } },
          input: anything,
        },
      ],
    });
    await run("post", { name: "a b&c", to: ["x", "y"], deep: { a: true } });
    expect(seen[0]?.headers["content-type"]).toContain("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      name: "a b&c",
      "to[0]": "x",
      "to[1]": "y",
      "deep[a]": "true",
      v: "1",
    });
  });

  it("SR-26 cannot have another header, segment or host by an input", async () => {
    const { run, seen } = await aService((_, response) => json(response, {}), {
      actions: [
        {
          key: "get",
          name: "Get",
          method: "GET",
          path: "/x/{id}",
          parameters: [
            { name: "id", in: "path" },
            { name: "X-A", in: "header" },
          ],
          input: anything,
        },
      ],
    });
    for (const input of [
      { id: "." },
      { id: ".." },
      { id: "" },
      { id: {} },
      {},
      { id: "a", "X-A": "a\r\nX-B: b" },
      { id: "a", "X-A": "ä" },
      { id: "a", other: 1 },
    ]) {
      await expect(run("get", input)).rejects.toMatchObject({ code: "invalid_request" });
    }
    expect(seen).toEqual([]);
    await run("get", { id: "//evil.example/@\\" });
    expect(seen[0]?.url).toBe("/v1/x/%2F%2Fevil.example%2F%40%5C");
  });

  it("SR-25 carries workspace secrets as handles beside it, never as text", async () => {
    const { run, seen, sent } = await aService((_, response) => json(response, {}), {
      headers: { "X-Key": "Key {{workspace.key}}" },
      query: { token: "{{workspace.token}}" },
      actions: [
        {
          key: "post",
          name: "Post",
          method: "POST",
          path: "/f",
          body: { kind: "json", fixed: { a: "{{workspace.key}}" } },
          input: anything,
        },
      ],
    });
    await run("post", { b: "{{workspace.key}}" });
    expect(JSON.stringify(seen)).not.toContain("workspace");
    expect(JSON.parse(JSON.stringify(sent[0]?.withSecrets))).toEqual({
      headers: { "x-key": "Key [secret]" },
      query: { token: "[secret]" },
      body: { json: { b: "{{workspace.key}}", a: "[secret]" } },
    });
  });

  it("is refused by its schema with pointers into the input", async () => {
    const { run } = await aService((_, response) => json(response, {}), {
      actions: [
        list({
          input: {
            type: "object",
            properties: { q: { type: "string" } },
            required: ["q"],
            additionalProperties: false,
          },
        }),
      ],
    });
    await expect(run("list", { z: 1 })).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/q", code: "required" }, { pointer: "/z" }],
    });
  });

  it("tells by its key that it is a repeat, and then may be repeated", async () => {
    const { run, seen, sent } = await aService((_, response) => json(response, {}), {
      actions: [
        {
          key: "pay",
          name: "Pay",
          method: "POST",
          path: "/pay",
          idempotency_header: "Idempotency-Key",
          body: { kind: "json" },
          input: anything,
        },
        {
          key: "search",
          name: "Search",
          method: "POST",
          path: "/search",
          effect: "reads",
          body: { kind: "json" },
          input: anything,
        },
        { key: "plain", name: "Plain", method: "POST", path: "/plain", body: { kind: "json" }, input: anything },
      ],
    });
    await run("pay", { amount: 1 }, "k-1");
    await run("search", { q: "x" });
    await run("plain", { q: "x" });
    expect(seen[0]?.headers["idempotency-key"]).toBe("k-1");
    expect(sent.map(({ repeatable }) => repeatable)).toEqual([true, true, false]);
  });

  it("leaves off what an optional variable has no value for", async () => {
    const { call, definition } = await aService((_, response) => json(response, {}), {
      variables: [{ name: "team", label: "Team", optional: true }],
      headers: { "X-Team": "t-{team}" },
      actions: [list({})],
    });
    const [action] = definition.actions;
    if (!action) throw new Error("no action");
    const headersFor = (config: object) => buildRequest(definition, action, {}, { ...call, config }).headers;
    expect(headersFor({})).toEqual({ accept: "application/json" });
    expect(headersFor({ team: "a" })).toEqual({ accept: "application/json", "x-team": "t-a" });
  });
});

describe("an output", () => {
  it("is the answer, one part of it, or parts under names", async () => {
    const answer = { data: { items: [{ id: 1 }, { id: 2 }] }, n: null };
    const { run } = await aService((_, response) => json(response, answer), {
      actions: [
        list({ key: "all" }),
        list({ key: "one", output: "$.data.items[0].id" }),
        list({ key: "many", output: "$.data.items[*].id" }),
        list({ key: "none", output: "$.nothing" }),
        list({ key: "named", output: { ids: "$..id", first: "$['data'].items[0]" } }),
      ],
    });
    expect(await run("all")).toEqual(answer);
    expect(await run("one")).toBe(1);
    expect(await run("many")).toEqual([1, 2]);
    expect(await run("none")).toBeNull();
    expect(await run("named")).toEqual({ ids: [1, 2], first: { id: 1 } });
  });

  it("is a text where the answer is one, and null where it is empty; what only says that it is JSON is an error", async () => {
    const { run } = await aService(
      (request, response) => {
        if (request.url === "/v1/text") response.writeHead(200, { "content-type": "text/plain" }).end("hello");
        else if (request.url === "/v1/empty") response.writeHead(204).end();
        else response.writeHead(200, { "content-type": "application/json" }).end("<html>");
      },
      {
        actions: [
          list({ key: "text", path: "/text" }),
          list({ key: "empty", path: "/empty" }),
          list({ key: "odd", path: "/odd" }),
        ],
      },
    );
    expect(await run("text")).toBe("hello");
    expect(await run("empty")).toBeNull();
    await expect(run("odd")).rejects.toMatchObject({ kind: "unexpected-reply" });
  });
});

const numbers = Array.from({ length: 25 }, (_, at) => at);
const query = (request: Seen) => new URL(request.url ?? "", "http://x").searchParams;

describe("pages", () => {
  const ways: [string, object, (request: Seen, response: ServerResponse, origin: string) => void][] = [
    [
      "cursor",
      { kind: "cursor", items: "$.items", cursor: "$.next", param: "after", size_param: "n", size: 10 },
      (request, response) => {
        const from = Number(query(request).get("after") ?? 0);
        const next = from + 10 < 25 ? { next: String(from + 10) } : { next: "" };
        json(response, { items: numbers.slice(from, from + Number(query(request).get("n"))), ...next });
      },
    ],
    [
      "link in the answer",
      { kind: "link", items: "$.items", next: "$.paging.next" },
      (request, response, origin) => {
        const from = Number(query(request).get("from") ?? 0);
        json(response, {
          items: numbers.slice(from, from + 10),
          paging: { next: from + 10 < 25 ? `${origin}/v1/items?from=${from + 10}` : null },
        });
      },
    ],
    [
      "Link header",
      { kind: "link", items: "$" },
      (request, response) => {
        const from = Number(query(request).get("from") ?? 0);
        const link =
          from + 10 < 25 ? { link: `</v1/items?from=${from + 10}>; rel="next", </v1/items>; rel="first"` } : {};
        json(response, numbers.slice(from, from + 10), link);
      },
    ],
    [
      "offset",
      { kind: "offset", items: "$.items", param: "skip", size_param: "take", size: 10 },
      (request, response) => {
        const from = Number(query(request).get("skip"));
        json(response, { items: numbers.slice(from, from + Number(query(request).get("take"))) });
      },
    ],
    [
      "page",
      { kind: "page", items: "$.items", param: "page", size_param: "per_page", size: 10 },
      (request, response) => {
        const from = (Number(query(request).get("page")) - 1) * 10;
        json(response, { items: numbers.slice(from, from + 10) });
      },
    ],
  ];
  it.each(ways)(
    "are gathered by %s, up to the maximum, and it is told when there are more",
    async (_, pagination, answer) => {
      const { run, seen } = await aService(answer, {
        actions: [
          list({ pagination }),
          list({ key: "few", pagination: { ...pagination, max_items: 10 }, output: { n: "$" } }),
        ],
      });
      expect(await run("list")).toEqual({ items: numbers, more: false });
      expect(seen.length).toBe(3);
      expect(await run("few")).toEqual({ items: numbers.slice(0, 10).map((n) => ({ n })), more: true });
    },
  );

  it("SR-73 that go in circles are an error, not a list", async () => {
    const { run } = await aService((_, response) => json(response, { items: [1], next: "same" }), {
      actions: [list({ pagination: { kind: "cursor", items: "$.items", cursor: "$.next", param: "after" } })],
    });
    await expect(run("list")).rejects.toMatchObject({ kind: "unexpected-reply" });
  });

  it.each([
    "https://evil.example/x",
    "//evil.example/x",
    "http://a:b@127.0.0.1/",
    "javascript:alert(1)",
    "http://127.0.0.1:1/",
  ])("SR-21 the link %s is not followed", async (next) => {
    const { run, seen } = await aService((_, response) => json(response, { items: [1], next }), {
      actions: [list({ pagination: { kind: "link", items: "$.items", next: "$.next" } })],
    });
    await expect(run("list")).rejects.toThrow("leads away from the provider");
    expect(seen).toHaveLength(1);
  });
});

describe("a failure", () => {
  const definition = {
    actions: [list({})],
    errors: [
      { at: "$.error", equals: "ratelimited", means: "rate_limited" },
      { at: "$.ok", equals: false, means: "rejected" },
      { status: [420], means: "rate_limited" },
      { status: [400], at: "$.error.code", contains: "TOKEN", means: "reauthorize" },
    ],
    error_message: "$.message",
    retry: { wait_for: [{ header: "x-wait-ms", unit: "ms" }], wait_until: [{ header: "x-reset" }] },
  };
  const failing = async (status: number, body: unknown, headers: Record<string, string> = {}) => {
    const { run } = await aService((_, response) => json(response, body, headers, status), definition);
    return run("list").then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it("is what the definition says of it, also with status 200", async () => {
    expect(await failing(200, { ok: false, message: "no such\u0007 thing" })).toMatchObject({
      kind: "rejected",
      message: "Yard: no such  thing",
    });
    expect(await failing(200, { ok: false, error: "ratelimited" })).toMatchObject({ kind: "rate-limited" });
    expect(await failing(420, {})).toMatchObject({ kind: "rate-limited" });
    expect(await failing(400, { error: { code: "invalid_token" } })).toMatchObject({ kind: "reauthorize" });
    expect(await failing(400, {})).toMatchObject({ kind: "rejected", message: "Yard answered 400" });
    expect(await failing(200, { ok: true })).toBeUndefined();
  });

  it("tells when to try again: after a while, at a time in seconds, milliseconds or words", () => {
    const now = new Date("2026-05-01T12:00:00Z");
    const later = new Date("2026-05-01T12:01:00Z");
    const rules = definitionShape.parse({
      ...definition,
      display_name: "Yard",
      base_url: "https://api.example.com",
      auth: [{ type: "none" }],
    });
    const retryAt = (header: string, value: string) =>
      explainFailure(rules, { status: 429, headers: new Headers({ [header]: value }), body: {} }, now)?.retryAt;
    expect(retryAt("x-wait-ms", "60000")).toEqual(later);
    expect(retryAt("x-reset", "60")).toEqual(later);
    expect(retryAt("x-reset", String(later.getTime() / 1000))).toEqual(later);
    expect(retryAt("x-reset", String(later.getTime()))).toEqual(later);
    expect(retryAt("x-reset", later.toUTCString())).toEqual(later);
    for (const nothing of ["soon", "", "-1", "1e400", "999999999999999"]) {
      expect(retryAt("x-reset", nothing), nothing).toBeUndefined();
    }
  });
});

describe("a check", () => {
  it("looks up what calls need, then asks whose account it is", async () => {
    const { provider, call, seen } = await aService(
      (request, response) => json(response, request.url === "/v1/meta" ? { dc: "us1" } : { id: 7, name: "Ana\u202e" }),
      {
        lookups: [{ url: "/meta", keep: [{ name: "dc", from: "$.dc", pattern: "[a-z]{2}[0-9]" }] }],
        check: { path: "/{dc}/me", account: { id: "$.id", label: "$.name" } },
        headers: { "X-Dc": "{dc}" },
      },
    );
    expect(await provider.check(call)).toEqual({ id: "7", label: "Ana", kept: { dc: "us1" } });
    expect(seen.map(({ url }) => url)).toEqual(["/v1/meta", "/v1/us1/me"]);
    expect(seen[1]?.headers["x-dc"]).toBe("us1");
  });

  it("SR-21 takes nothing from a look-up that its author did not expect", async () => {
    const { provider, call } = await aService((_, response) => json(response, { dc: "evil.example/" }), {
      lookups: [{ url: "/meta", keep: [{ name: "dc", from: "$.dc", pattern: "[a-z]{2}[0-9]" }] }],
    });
    await expect(provider.check(call)).rejects.toMatchObject({ kind: "unexpected-reply" });
  });

  it("fails where the answer has another status, or tells no account", async () => {
    const { provider, call } = await aService((_, response) => json(response, {}, {}, 202), {
      check: { path: "/me", expected_status: [200] },
    });
    await expect(provider.check(call)).rejects.toMatchObject({ kind: "unexpected-reply" });
    const other = await aService((_, response) => json(response, {}), {
      check: { path: "/me", account: { id: "$.id" } },
    });
    await expect(other.provider.check(other.call)).rejects.toThrow("does not tell whose account this is");
  });

  it("asks nothing where none is defined", async () => {
    const { provider, call, seen, origin } = await aService((_, response) => json(response, {}), {});
    expect(await provider.check(call)).toMatchObject({ id: `${origin}/v1` });
    expect(seen).toEqual([]);
  });
});
