import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import { audit } from "#domain/audit/audit.ts";
import { hashToken } from "#vault/token.ts";
import {
  type Asker,
  aPerson,
  aServer,
  asker,
  aWorkspace,
  publicUrl,
  type TestServer,
} from "../../test/support/server.ts";
import { routes } from "./contract/index.ts";
import { live, runSync } from "./contract/syncs.ts";
import { handle, handleStream } from "./handle.ts";

let server: TestServer;
let owner: Asker;
let workspace: string;
/** What the handler of `syncs.run` does this time, in the transaction of its effect. */
let effect: () => Promise<void>;
let effects = 0;
let streams = 0;

const someId = "01900000-0000-7000-8000-000000000000";
const aRun = (label: string) => ({
  id: someId,
  sync_id: someId,
  trigger: "manual" as const,
  status: "queued" as const,
  phase: "listing" as const,
  counts: {
    ...{ found: 0, created: 0, updated: 0, moved: 0, unchanged: 0, skipped: 0, failed: 0, remaining: 0, deleted: 0 },
    ...{ held: 0, folders: 0, folders_failed: 0, bytes: 0, remaining_bytes: 0 },
  },
  stopped_at_maximum: false,
  slowed: null,
  requests: 0,
  quota: null,
  failure: null,
  created_at: "2026-01-01T00:00:00Z",
  created_by: label,
  scheduled_for: null,
  started_at: null,
  listed_at: null,
  finished_at: null,
  updated_at: "2026-01-01T00:00:00Z",
});

beforeAll(async () => {
  server = await aServer({
    deps: { corsOrigins: ["https://app.example.org"] },
    handlers: [
      handle(runSync, async (ctx) => {
        const reply = aRun(`run ${++effects}`);
        await server.db.database.asWorkspace(ctx, async (tx) => {
          await audit(tx, {
            actor: ctx.actor,
            action: "sync.run_started",
            target: { kind: "sync", label: reply.created_by },
          });
          await effect();
          await ctx.complete(tx, reply);
        });
        return reply;
      }),
      handleStream(live, async function* (ctx) {
        streams++;
        yield { type: "resync" as const };
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      }),
    ],
  });
  owner = await aPerson(server, "Ada");
  workspace = await aWorkspace(owner);
});
afterAll(() => server.end());
beforeEach(() => {
  effects = 0;
  effect = async () => {};
});

describe("signing up, in and out", () => {
  it("goes from no account to a workspace and back out", async () => {
    expect((await asker(server).ask("GET", "/setup")).body).toEqual({ first_user: false, sign_up: "open" });
    const eve = await aPerson(server, "Eve");
    const made = await aWorkspace(eve, "Harbour Süd");
    expect((await eve.ask("GET", "/me")).body).toEqual({
      id: eve.id,
      name: "Eve",
      email: eve.email,
      instance_admin: false,
      workspaces: [{ id: made, name: "Harbour Süd", slug: "harbour-sud", role: "owner" }],
    });
    expect((await eve.ask("POST", "/sign-out")).status).toBe(204);
    expect((await eve.ask("GET", "/me")).status).toBe(401);
  });

  it("SR-44 puts the session into a cookie that scripts and other sites do not get", async () => {
    const body = { name: "Ada", email: "cookie@example.com", password: "correct horse" };
    const { headers } = await asker(server).ask("POST", "/sign-up", { body });
    expect(headers.get("set-cookie")).toMatch(
      /^__Host-hawser=hwss_[\w-]{49}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it("SR-45 does not fall back from a key that is wrong to a session that is right", async () => {
    const headers = { authorization: "Bearer hwsr_wrong" };
    expect((await owner.ask("GET", "/me", { headers })).body.code).toBe("not_signed_in");
  });
});

describe("SR-79 an idempotency key", () => {
  const run = (key: string, path = someId) =>
    owner.ask("POST", `/workspaces/${workspace}/syncs/${path}/run`, { headers: { "idempotency-key": key } });
  const audited = async () => {
    const { body } = await owner.ask("GET", `/workspaces/${workspace}/audit?action=sync.run_started&limit=200`);
    return body.items.map((entry: { target: { label: string } }) => entry.target.label);
  };

  it("has its work done once, and gets the same answer again", async () => {
    const [first, second] = [await run("once"), await run("once")];
    expect([first.status, second.status, effects]).toEqual([202, 202, 1]);
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect(await audited()).toEqual(["run 1"]);
  });

  it("is for one request only", async () => {
    await run("one-request");
    const other = await run("one-request", someId.replace("0190", "0191"));
    expect(other.body).toMatchObject({ status: 422, code: "idempotency_key_reused" });
    expect(effects).toBe(1);
  });

  it("is told to wait while the first request is at work", async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    effect = async () => {
      begun.resolve();
      await finish.promise;
    };
    const first = run("at-work");
    await begun.promise;
    const meanwhile = await run("at-work");
    expect(meanwhile.body).toMatchObject({ status: 409, code: "idempotency_in_progress" });
    expect(meanwhile.headers.get("retry-after")).toBe("1");
    finish.resolve();
    expect((await first).status).toBe(202);
    expect((await run("at-work")).headers.get("idempotency-replayed")).toBe("true");
    expect(effects).toBe(1);
  });

  it("is free again after a refusal", async () => {
    effect = () => Promise.reject(new AppError("sync_paused", "It rests."));
    expect((await run("refused")).body.code).toBe("sync_paused");
    effect = async () => {};
    expect((await run("refused")).status).toBe(202);
  });

  it("that was left by a process that died is taken up, and the late first one changes nothing", async () => {
    const before = await audited();
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    effect = async () => {
      if (effects > 1) return;
      begun.resolve();
      await finish.promise;
    };
    const first = run("left");
    await begun.promise;
    await server.db.database.asWorkspace(
      { workspace: workspace as WorkspaceId },
      (tx) => tx.sql`update idempotency_keys set created_at = now() - interval '5 minutes' where key = 'left'`,
    );
    finish.resolve();
    // The audit entry holds the chain's lock until its transaction ends, so the late one goes first here; its claim is
    // gone by then, as it would be had the second one finished.
    expect((await first).body.code).toBe("idempotency_in_progress");
    expect((await run("left")).status).toBe(202);
    expect(await audited()).toEqual(["run 2", ...before]);
  });

  it("SR-1 leaves nothing of the request by which somebody with the database could guess a secret in it", async () => {
    await run("with-a-secret");
    const [kept] = await server.db.database.asWorkspace(
      { workspace: workspace as WorkspaceId },
      (tx) => tx.sql<{ hash: string }>`
        select encode(request_hash, 'hex') as hash from idempotency_keys where key = 'with-a-secret'`,
    );
    const request = `${publicUrl}/api/v1/workspaces/${workspace}/syncs/${someId}/run\n`;
    expect(kept?.hash).toHaveLength(64);
    expect(kept?.hash).not.toBe(hashToken(request));
  });

  it("has 1 to 255 visible ASCII characters", async () => {
    expect((await run("x".repeat(256))).body.code).toBe("invalid_request");
    expect((await run("ü")).body.code).toBe("invalid_request");
  });
});

describe("SR-56 a cursor", () => {
  it("goes on where the page ended, and belongs to its list, query and workspace", async () => {
    const first = (await owner.ask("GET", `/workspaces/${workspace}/audit?limit=1`)).body;
    const go = async (path: string) => (await owner.ask("GET", `${path}&cursor=${first.next}`)).body;
    expect((await go(`/workspaces/${workspace}/audit?limit=3`)).items[0].sequence).toBe(first.items[0].sequence - 1);
    const other = await aWorkspace(owner, "Other");
    for (const path of [`/workspaces/${workspace}/audit?action=sync`, `/workspaces/${other}/audit?limit=1`]) {
      expect((await go(path)).code, path).toBe("cursor_not_valid");
    }
  });
});

describe("over a socket", () => {
  let port: number;
  beforeAll(async () => {
    port = await server.listen(0, "127.0.0.1");
  });
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;

  it("SR-52 says that it is alive, and no more", async () => {
    expect(await (await fetch(at("/health"))).json()).toEqual({ status: "alive" });
    expect(await (await fetch(at("/status"))).json()).toEqual({ status: "degraded" });
  });

  it("SR-47 names every type and allows pages nothing from elsewhere", async () => {
    for (const path of ["/health", "/docs", "/docs/start.js", "/openapi.json", "/api/v1/me", "/nowhere"]) {
      const { headers } = await fetch(at(path));
      expect(headers.get("content-type"), path).toBeTruthy();
      expect(Object.fromEntries(headers), path).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": expect.stringContaining("max-age="),
        "content-security-policy": expect.stringMatching(/^default-src 'none'.*frame-ancestors 'none'$/),
        "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
    const page = await fetch(at("/docs"));
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(await page.text()).not.toMatch(/<script>|<style|style=|https?:/);
    expect((await fetch(at("/api/v1/me"))).headers.get("cache-control")).toBe("no-store");
  });

  it("SR-46 answers pages of the origins that the operator names, and no others", async () => {
    const allowed = async (origin: string, method = "GET") => {
      const { headers } = await fetch(at("/api/v1/workspaces"), { method, headers: { origin } });
      return [headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")];
    };
    expect(await allowed("https://app.example.org")).toEqual(["https://app.example.org", null]);
    expect(await allowed("https://app.example.org", "OPTIONS")).toEqual(["https://app.example.org", null]);
    expect(await allowed("https://evil.example")).toEqual([null, null]);
    expect(await allowed(publicUrl)).toEqual([null, null]);
  });

  it("SR-70 refuses headers over 16 KiB in words that a client can read", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET /health HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(17_000)}\r\n\r\n`);
    const said = await new Response(socket as never).text();
    expect(said).toMatch(/^HTTP\/1\.1 431 /);
    expect(said).toContain('"code":"header_too_large"');
  });

  it("answers HEAD as GET, without a body", async () => {
    const { status, headers, body } = await fetch(at("/openapi.json"), { method: "HEAD" });
    expect([status, headers.get("content-type"), body]).toEqual([200, "application/json", null]);
  });

  it("answers HEAD for a stream without beginning one", async () => {
    const path = at(`/api/v1/workspaces/${workspace}/live`);
    const { status, headers } = await fetch(path, { method: "HEAD", headers: { cookie: owner.cookie ?? "" } });
    expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    expect(streams).toBe(0);
  });

  it("has a document for every route, and none of this installation's data in it", async () => {
    const document = await (await fetch(at("/openapi.json"))).json();
    const operations = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>);
    const ids = operations.flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    expect(ids.sort()).toEqual(routes.map(({ name }) => name).sort());
    expect(JSON.stringify(document)).not.toContain(workspace);
  });

  it("SR-97 ends streams and finishes when it is told to stop", async () => {
    const stream = await fetch(at(`/api/v1/workspaces/${workspace}/live`), { headers: { cookie: owner.cookie ?? "" } });
    expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    while (!heard.includes("data:")) heard += (await reader.read()).value;
    expect(heard).toContain('data: {"type":"resync"}');
    await server.close();
    while (!(await reader.read()).done);
    await expect(fetch(at("/health"))).rejects.toThrow();
  });
});

describe("SR-54 the server does not start", () => {
  const start = (handlers: Parameters<typeof aServer>[0]) => aServer(handlers).then((other) => other.end());

  it("with a handler for a route that is not in the contract, or with two for one", async () => {
    const extra = handle({ ...runSync, name: "syncs.extra" }, async () => aRun("x"));
    await expect(start({ handlers: [extra] })).rejects.toThrow("syncs.extra is not in the contract");
    const run = handle(runSync, async () => aRun("x"));
    await expect(start({ handlers: [run, run] })).rejects.toThrow("syncs.run has two handlers");
  });

  it("with a route that nobody handles", async () => {
    await expect(start({ deps: { handlers: [] } })).rejects.toThrow("identity.signIn has no handler");
  });
});

describe("SR-35 a callback of a provider", () => {
  const comesBack = (address: string) =>
    server.fetch(
      new Request(`${publicUrl}/oauth/callback/shop?code=c0de&state=st4te`, {
        headers: { "x-forwarded-for": address },
      }),
    );

  it("SR-70 is never answered at its own address, which has the code in it, not even when there are too many", async () => {
    const pages = await Promise.all(
      Array.from({ length: 65 }, async () => (await comesBack("10.9.9.9")).headers.get("location")),
    );
    expect(pages.filter((page) => page === "/connect-failed?outcome=failed").length).toBeGreaterThanOrEqual(4);
    const reply = await comesBack("10.9.9.9");
    expect([reply.status, reply.headers.get("referrer-policy"), await reply.text()]).toEqual([303, "no-referrer", ""]);
    expect((await comesBack("10.9.9.8")).headers.get("location")).not.toBe("/connect-failed?outcome=failed");
  });
});
