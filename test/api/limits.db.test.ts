// What one asker can take from the others: requests, and streams that outlive a membership.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { routes } from "#api/contract/index.ts";
import {
  type Asker,
  aMember,
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
let workspace: string;
beforeAll(async () => {
  server = await anApp();
  owner = await aPerson(server, "owner");
  workspace = await aWorkspace(owner);
});
afterEach(() => vi.useRealTimers());
afterAll(() => server.end());

/** Asks until it is told to wait. Answers how often that was, and the last answer. */
async function askTooOften(ask: () => ReturnType<Asker["ask"]>, most: number) {
  for (let asked = 1; asked <= most; asked++) {
    const answer = await ask();
    if (answer.status === 429) return { asked, answer };
  }
  throw new Error(`nobody minded ${most} requests`);
}

const tooMany = { status: 429, body: { code: "too_many_requests" } };

describe("SR-70 requests are limited", () => {
  // Buckets are refilled while we ask, so that a few more than the limit may pass.
  const [few, many] = [60, 600];

  it("of nobody, by address, whatever they ask and with whatever they try", async () => {
    const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
    const wrong: [string, Asker][] = [
      ["192.0.2.1", asker(server)],
      ["192.0.2.2", asker(server, { key: "hwsr_wrong" })],
      ["192.0.2.3", asker(server, { cookie: "__Host-hawser=wrong" })],
    ];
    for (const [address, who] of wrong) {
      const { asked, answer } = await askTooOften(() => who.ask("GET", "/me", from(address)), few * 2);
      expect(asked).toBeGreaterThan(few);
      expect(answer).toMatchObject(tooMany);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await who.ask("GET", "/me", from(`${address}0`))).status).toBe(401);
    }
  });

  it("of a workspace, for all its members and keys together, and others do not feel it", async () => {
    const busy = await aWorkspace(owner, "Busy");
    const key = await anApiKey(server, owner, busy, "viewer");
    const { asked } = await askTooOften(() => key.ask("GET", `/workspaces/${busy}`), many * 2);
    expect(asked).toBeGreaterThan(many / 2);
    // What has come back to the bucket since, and no limit of the owner's own.
    expect((await askTooOften(() => owner.ask("GET", `/workspaces/${busy}`), many / 2)).answer).toMatchObject(tooMany);
    expect((await owner.ask("GET", `/workspaces/${workspace}`)).status).toBe(200);
  });

  it("of whoever tries the doors of others, without cost to these", async () => {
    const stranger = await aPerson(server, "stranger");
    const { answer } = await askTooOften(() => stranger.ask("GET", `/workspaces/${workspace}/syncs`), many * 2);
    expect(answer).toMatchObject(tooMany);
    expect((await owner.ask("GET", `/workspaces/${workspace}/syncs`)).status).toBe(200);
  });

  it("to the figure that a route declares", async () => {
    const limited = routes.filter(({ perMinute }) => perMinute !== undefined);
    expect(limited.map(({ name }) => name)).toContain("identity.signIn");
    const address = { "x-forwarded-for": "192.0.2.9" };
    const body = { email: "nobody@example.com", password: "wrong password" };
    const { asked } = await askTooOften(() => asker(server).ask("POST", "/sign-in", { body, headers: address }), 40);
    expect(asked).toBeLessThanOrEqual(22);
  });
});

describe("SR-51 a live stream", () => {
  it.each([
    ["the membership", (id: string) => owner.ask("DELETE", `/workspaces/${workspace}/members/${id}`)],
    ["the session", (_: string, leaving: Asker) => leaving.ask("POST", "/sign-out")],
  ])("ends within 30 seconds of %s", async (_, end) => {
    const leaving = await aMember(server, owner, workspace, "viewer");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const stream = await server.fetch(
      new Request(`${publicUrl}/api/v1/workspaces/${workspace}/live`, { headers: { cookie: leaving.cookie ?? "" } }),
    );
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    const hear = async (wanted: string) => {
      for (let heard = ""; !heard.includes(wanted); ) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended before ${wanted}`);
        heard += value;
      }
    };
    await hear("retry:");
    await vi.advanceTimersByTimeAsync(15_000);
    await hear(": alive");

    expect((await end(leaving.id, leaving)).status).toBe(204);
    await vi.advanceTimersByTimeAsync(30_000);
    while (!(await reader.read()).done);
  });
});
