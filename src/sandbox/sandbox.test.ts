import { createHash, randomBytes } from "node:crypto";
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { tokenFingerprint } from "#provider-kit/sim/request-log.ts";
import { simulators } from "#providers/simulators.ts";
import { type OpenSandbox, openSandbox, type SandboxStorage } from "./sandbox.ts";
import { hasFiles } from "./work.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function aSandbox(options: Partial<Parameters<typeof openSandbox>[0]> = {}): Promise<OpenSandbox> {
  const sandbox = await openSandbox({ port: 0, seed: 1, ...options });
  ends.push(sandbox.close);
  return sandbox;
}

/** What the command line keeps in a file. */
function aStorage(): SandboxStorage & { text: string } {
  return {
    text: "",
    load() {
      return this.text === "" ? undefined : JSON.parse(this.text);
    },
    save(state) {
      this.text = JSON.stringify(state);
    },
  };
}

const redirectUri = "http://localhost:8080/oauth/callback/x";

/** Signs somebody in at the pretend X, and gives what is sent for each of the next tokens. */
async function signIn({ origin, clients }: OpenSandbox) {
  const client = clients.get("x");
  if (!client) throw new Error("X is not in the sandbox");
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: "tweet.read users.read offline.access",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    decision: "allow",
  });
  const back = await fetch(`${origin}/x/authorize?${query}`, { redirect: "manual" });
  const code = new URL(back.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;
  const token = (params: Record<string, string>) =>
    fetch(`${origin}/x/token`, { method: "POST", headers: { authorization }, body: new URLSearchParams(params) });
  const reply = await token({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  const tokens: { access_token: string; refresh_token: string } = await reply.json();
  return { ...tokens, refresh: (refresh_token: string) => token({ grant_type: "refresh_token", refresh_token }) };
}

const whoAmI = ({ origin }: OpenSandbox, token: string) =>
  fetch(`${origin}/x/api/2/users/me`, { headers: { authorization: `Bearer ${token}` } });

const play = ({ origin }: OpenSandbox, order: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(origin, { method: "POST", headers, body: new URLSearchParams(order), redirect: "manual" });

it("has every provider that has a simulator, all on one port of loopback", async () => {
  const sandbox = await aSandbox();
  expect([...sandbox.providers.keys()].sort()).toEqual(simulators.map(({ key }) => key).sort());
  expect(sandbox.origin).toBe(`http://${sandbox.hostAndPort}`);
  for (const provider of sandbox.providers.values()) {
    const root = `${sandbox.origin}/${provider.key}/api`;
    // Where these are, only a person knows.
    const entered: Record<string, object> = {
      wordpress: { siteUrl: root },
      "supabase-storage": { url: root, bucket: "archive" },
      "document-processing": { base_url: root },
    };
    const config = entered[provider.key] ?? {};
    for (const address of provider.addresses?.(config, {}) ?? []) expect(address).toContain(sandbox.origin);
    for (const auth of provider.auth(config)) {
      for (const key of ["authorizeUrl", "tokenUrl", "revokeUrl", "refreshUrl"] as const) {
        const url: unknown = Reflect.get(auth, key);
        if (url !== undefined) expect(url).toContain(sandbox.origin);
      }
    }
  }
});

describe("a restart", () => {
  it("keeps what the simulators knew: connections made before still work", async () => {
    const storage = aStorage();
    const before = await openSandbox({ port: 0, storage, seed: 1 });
    const { access_token, refresh_token } = await signIn(before);
    await before.close();

    const after = await aSandbox({ storage, seed: 2 });
    expect((await whoAmI(after, access_token)).status).toBe(200);
    const { refresh } = await signIn(after);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it.each(["null", "7", "[]", '{"x":{"oauth":{"grants":[{}]}},"y":{}}', '{"x":7}'])(
    "begins anew with what it cannot read: %s",
    async (text) => {
      const sandbox = await aSandbox({ storage: { ...aStorage(), load: () => JSON.parse(text) } });
      const { access_token } = await signIn(sandbox);
      expect((await whoAmI(sandbox, access_token)).status).toBe(200);
    },
  );
});

describe("the port", () => {
  it("is shared by the processes of one machine: the second uses what the first serves", async () => {
    const first = await aSandbox();
    const second = await aSandbox({ port: Number(new URL(first.origin).port) });
    expect(second.origin).toBe(first.origin);
    expect([...second.providers.keys()]).toEqual([...first.providers.keys()]);
    const { access_token } = await signIn(second);
    await second.close();
    expect((await whoAmI(first, access_token)).status).toBe(200);
  });

  it("is not taken for ours when something else listens there", async () => {
    const other = createServer((_, reply) => reply.end("something else"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    ends.push(() => new Promise((resolve) => void other.close(() => resolve())));
    const { port } = other.address() as AddressInfo;
    await expect(openSandbox({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("answers under the names of loopback alone, so that no page elsewhere can have it for its own", async () => {
    const { origin } = await aSandbox();
    const port = Number(new URL(origin).port);
    const statusFor = (host: string) =>
      new Promise((resolve, reject) => {
        const asking = ask({ host: "127.0.0.1", port, path: "/", headers: { host } }, (reply) => {
          reply.resume();
          resolve(reply.statusCode);
        });
        asking.on("error", reject).end();
      });
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200);
    expect(await statusFor(`localhost:${port}`)).toBe(200);
    for (const host of [`evil.test:${port}`, "evil.test", "127.0.0.1", `127.0.0.1.evil.test:${port}`]) {
      expect(await statusFor(host)).toBe(421);
    }
  });
});

describe("SR-105 over HTTP", () => {
  it("an answer is lost as a broken connection, after the work is done", async () => {
    const sandbox = await aSandbox();
    const { refresh_token, refresh } = await signIn(sandbox);
    const x = sandbox.services.get("x");
    x?.faults.failNext({ loseAnswer: true }, { path: "/token" });
    await expect(refresh(refresh_token)).rejects.toThrow();
    expect(x?.log.count({ spent: tokenFingerprint(refresh_token), status: "lost" })).toBe(1);
    expect((await refresh(refresh_token)).status).toBe(400);
  });

  it("a body breaks off in the middle", async () => {
    const sandbox = await aSandbox();
    const { access_token } = await signIn(sandbox);
    const x = sandbox.services.get("x");
    x?.faults.failNext({ cutAfter: 10 }, { path: "/api" });
    const asked = whoAmI(sandbox, access_token).then((reply) => reply.text());
    await expect(asked).rejects.toThrow();
    expect(x?.log.count({ path: "/api/2/users/me", status: 200 })).toBe(1);
  });

  it("a request that hangs ends with the caller's patience", async () => {
    const sandbox = await aSandbox();
    sandbox.services.get("x")?.faults.failNext({ hang: true });
    const impatient = fetch(`${sandbox.origin}/x/api/2/users/me`, { signal: AbortSignal.timeout(50) });
    await expect(impatient).rejects.toThrow();
    expect((await whoAmI(sandbox, "none")).status).toBe(401);
  });

  it("any status is answered, with its headers", async () => {
    const sandbox = await aSandbox();
    for (const status of [204, 304, 400, 429, 503]) {
      sandbox.services.get("x")?.faults.failNext({ status, headers: { "retry-after": "3" } });
      const reply = await whoAmI(sandbox, "none");
      expect([reply.status, reply.headers.get("retry-after")]).toEqual([status, "3"]);
    }
  });
});

describe("the page of controls", () => {
  it("lists every service, and takes access back, lets tokens expire and services fail", async () => {
    const sandbox = await aSandbox();
    const html = await (await fetch(sandbox.origin)).text();
    for (const key of sandbox.services.keys()) expect(html).toContain(`<h2>${key}</h2>`);

    const { access_token, refresh_token, refresh } = await signIn(sandbox);
    expect((await play(sandbox, { service: "x", act: "down-api" })).status).toBe(303);
    expect((await whoAmI(sandbox, access_token)).status).toBe(503);
    await play(sandbox, { service: "x", act: "up" });
    expect((await whoAmI(sandbox, access_token)).status).toBe(200);
    await play(sandbox, { service: "x", act: "slow" });
    expect((await whoAmI(sandbox, access_token)).status).toBe(429);
    await play(sandbox, { service: "x", act: "up" });
    expect((await whoAmI(sandbox, access_token)).status).toBe(200);

    await play(sandbox, { service: "x", act: "expire" });
    expect((await whoAmI(sandbox, access_token)).status).toBe(401);
    const next: { access_token: string; refresh_token: string } = await (await refresh(refresh_token)).json();
    await play(sandbox, { service: "x", act: "remove-scope", scope: "users.read" });
    expect((await whoAmI(sandbox, next.access_token)).status).toBe(403);

    await play(sandbox, { service: "x", act: "revoke" });
    expect((await refresh(next.refresh_token)).status).toBe(400);
  });

  it("is not played by a page of another origin, nor with an order it does not know", async () => {
    const sandbox = await aSandbox();
    const { access_token } = await signIn(sandbox);
    for (const origin of ["http://evil.test", "null", `${sandbox.origin}1`]) {
      expect((await play(sandbox, { service: "x", act: "revoke" }, { origin })).status).toBe(403);
    }
    const orders: Record<string, string>[] = [
      { service: "x" },
      { service: "z", act: "up" },
      { service: "x", act: "constructor" },
    ];
    for (const order of orders) expect((await play(sandbox, order)).status).toBe(400);
    expect((await fetch(sandbox.origin, { method: "DELETE" })).status).toBe(403);
    expect((await whoAmI(sandbox, access_token)).status).toBe(200);
  });

  it("is played by its own buttons: a browser tells of them whose they are", async () => {
    const sandbox = await aSandbox();
    // Fetch, "Append a request Origin header": under no-referrer the origin of a form is "null".
    expect((await fetch(sandbox.origin)).headers.get("referrer-policy")).toBe("same-origin");
    const { origin } = sandbox;
    expect((await play(sandbox, { service: "x", act: "down-all" }, { origin })).status).toBe(303);
    expect(sandbox.services.get("x")?.down).toBe("all");
  });

  it("lets somebody work at the files, the same by the same seed, and tells what was done", async () => {
    const trees: string[][] = [];
    for (let n = 0; n < 2; n++) {
      const sandbox = await aSandbox();
      const service = sandbox.services.get("onedrive");
      if (!service || !hasFiles(service)) throw new Error("there are no files");
      const paths = () => [...service.tree.nodes.values()].map((node) => service.tree.pathOf(node)).sort();
      const before = paths();
      expect((await play(sandbox, { service: "onedrive", act: "work", seed: "7" })).status).toBe(303);
      expect(paths()).not.toEqual(before);
      trees.push(paths());
      const html = await (await fetch(sandbox.origin)).text();
      for (const done of ["made", "edited", "renamed", "moved", "threw away"])
        expect(html).toContain(`Somebody ${done} `);
    }
    expect(trees[0]).toEqual(trees[1]);
  });

  it("tells what to sign in with where that is no OAuth", async () => {
    const html = await (await fetch((await aSandbox()).origin)).text();
    for (const words of ["application password", "Integration token", "Key file of the service account", "client ID"]) {
      expect(html).toContain(words);
    }
  });
});
