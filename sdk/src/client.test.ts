import { describe, expect, it } from "vitest";
import { createHawser, HawserError, type HawserOptions } from "./index.ts";

interface Seen {
  method: string;
  url: URL;
  headers: Headers;
  body: unknown;
  credentials: string;
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

/** A client whose requests are answered in turn and remembered. */
function aClient(answers: (Response | Error)[], options: Partial<HawserOptions> = {}) {
  const seen: Seen[] = [];
  const hawser = createHawser({
    baseUrl: "https://hawser.test/",
    token: "key-1",
    ...options,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      seen.push({
        method: request.method,
        url: new URL(request.url),
        headers: request.headers,
        body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
        credentials: init?.credentials ?? "",
      });
      init?.signal?.throwIfAborted();
      const answer = answers.shift() ?? new Error("no answer was prepared");
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { hawser, seen };
}

const workspace = "w 1";

describe("a request", () => {
  it("has its parameters in the path, its query behind it and the key in Authorization", async () => {
    const { hawser, seen } = aClient([json({ items: [], next: undefined })]);
    await hawser.syncs.list({ workspace }, { limit: 20, search: "a&b", tag: undefined });
    expect(seen[0]?.url.href).toBe("https://hawser.test/api/v1/workspaces/w%201/syncs?limit=20&search=a%26b");
    expect(seen[0]?.headers.get("authorization")).toBe("Bearer key-1");
    expect(seen[0]?.credentials).toBe("omit");
  });

  it("sends a body as JSON and a query with the options where a route takes both", async () => {
    const { hawser, seen } = aClient([json({ id: "s" }, 201)]);
    const body = { name: "Drawings", connection_id: "c", drive: { id: "d" } };
    await hawser.syncs.create({ workspace }, body, { query: { run: "true" } });
    expect(seen[0]).toMatchObject({ method: "POST", body });
    expect(seen[0]?.url.search).toBe("?run=true");
    expect(seen[0]?.headers.get("content-type")).toBe("application/json");
  });

  it("SR-79 carries a fresh Idempotency-Key where the route takes one, or the caller's", async () => {
    const { hawser, seen } = aClient([json({}, 202), json({}, 202), json({}, 202), json({})]);
    await hawser.syncs.run({ workspace, id: "s" });
    await hawser.syncs.run({ workspace, id: "s" });
    await hawser.syncs.run({ workspace, id: "s" }, { idempotencyKey: "mine" });
    await hawser.syncs.pause({ workspace, id: "s" });
    const keys = seen.map((one) => one.headers.get("idempotency-key"));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys.slice(2)).toEqual(["mine", null]);
  });

  it("SR-45 of a session carries no key, the page's cookie and X-Requested-With on changes", async () => {
    const { hawser, seen } = aClient([json({}), json({})], { token: undefined, session: true });
    await hawser.identity.me();
    await hawser.syncs.pause({ workspace, id: "s" });
    expect(seen.map((one) => one.headers.get("x-requested-with"))).toEqual([null, "portal"]);
    expect(seen.map((one) => one.credentials)).toEqual(["same-origin", "same-origin"]);
    expect(seen[1]?.headers.get("content-type")).toBe("application/json");
    expect(seen[1]?.headers.get("authorization")).toBeNull();
  });

  it("is given up with its signal, and says so as the platform does", async () => {
    const { hawser } = aClient([]);
    const asked = hawser.syncs.list({ workspace }, {}, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });

  it("is refused before it leaves when a parameter is missing", async () => {
    const { hawser, seen } = aClient([json({})]);
    await expect(hawser.syncs.get({ workspace, id: "" })).rejects.toThrow('needs "id"');
    expect(seen).toHaveLength(0);
  });
});

describe("an answer", () => {
  it("of 204 is nothing", async () => {
    const { hawser } = aClient([new Response(null, { status: 204 })]);
    expect(await hawser.syncs.delete({ workspace, id: "s" })).toBeUndefined();
  });

  it("that explains a failure becomes an error with code, fields, request id and waiting time", async () => {
    const errors = [{ pointer: "/name", code: "name_taken", detail: "Another sync has this name." }];
    const problem = { type: "about:blank", title: "Conflict", status: 409, code: "name_taken", detail: "Taken." };
    const { hawser } = aClient([json({ ...problem, request_id: "r1", errors }, 409, { "retry-after": "3" })]);
    const failed = await hawser.workspaces.create({ name: "A" }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(HawserError);
    const expected = { status: 409, code: "name_taken", detail: "Taken.", errors, requestId: "r1", retryAfterS: 3 };
    expect(failed).toMatchObject(expected);
  });

  it("of a proxy in between still is a HawserError", async () => {
    const { hawser } = aClient([new Response("<h1>Bad gateway</h1>", { status: 502 })]);
    await expect(hawser.identity.me()).rejects.toMatchObject({ status: 502, code: "unexpected_answer" });
  });

  it("that never comes is an error of its own", async () => {
    const { hawser } = aClient([new TypeError("fetch failed")]);
    await expect(hawser.identity.me()).rejects.toMatchObject({ status: 0, code: "offline" });
  });
});

it("pages walks through every page with the same question", async () => {
  const { hawser, seen } = aClient([
    json({ items: [{ id: "1" }, { id: "2" }], next: "c2" }),
    json({ items: [{ id: "3" }] }),
  ]);
  const ids: string[] = [];
  for await (const sync of hawser.pages(hawser.syncs.list, { workspace }, { search: "x" })) ids.push(sync.id);
  expect(ids).toEqual(["1", "2", "3"]);
  expect(seen.map((one) => one.url.search)).toEqual(["?search=x", "?search=x&cursor=c2"]);
});
