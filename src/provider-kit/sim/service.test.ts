import { describe, expect, it } from "vitest";
import type { OAuthRules } from "./oauth-rules.ts";
import { tokenFingerprint } from "./request-log.ts";
import { simulatedService } from "./service.ts";

const origin = "http://127.0.0.1:4711/files";
const redirectUri = "http://localhost:8080/back";

const rules: OAuthRules = {
  name: "Files",
  clients: [{ id: "app", secret: "hush", redirectUris: [redirectUri] }],
  accounts: [{ id: "ana", label: "Ana" }],
  pkce: "optional",
  codeLifeS: 60,
  accessLifeS: 3600,
  rotation: "strict",
  answer: ({ pair }) => Response.json({ access_token: pair.access, refresh_token: pair.refresh }),
  refuse: (refusal) => Response.json({ error: refusal }, { status: 400 }),
};

function aService(seed = 1) {
  const notes: string[] = [];
  return simulatedService(
    {
      key: "files",
      rules,
      api: ({ path, access, request }) => {
        if (!access) return new Response(null, { status: 401 });
        if (request.method === "POST") notes.push(path);
        return Response.json({ path, account: access.account, notes });
      },
      memory: {
        save: () => notes,
        restore: (saved) => {
          if (Array.isArray(saved)) notes.push(...saved.map(String));
        },
      },
    },
    { origin, seed },
  );
}
type Service = ReturnType<typeof aService>;

const post = (service: Service, params: Record<string, string>) =>
  service.fetch(
    new Request(`${origin}/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "app", client_secret: "hush", ...params }),
    }),
  );

async function connect(service: Service): Promise<{ access_token: string; refresh_token: string }> {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "app",
    redirect_uri: redirectUri,
    decision: "allow",
  });
  const back = await service.fetch(new Request(`${origin}/authorize?${query}`));
  const code = new URL(back.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const reply = await post(service, { grant_type: "authorization_code", code, redirect_uri: redirectUri });
  return reply.json();
}

const call = (service: Service, token: string, init: RequestInit = {}) =>
  service.fetch(new Request(`${origin}/api/v1/me`, { ...init, headers: { authorization: `Bearer ${token}` } }));

it("serves the real service's paths below /api, to whoever has a token", async () => {
  const service = aService();
  const { access_token } = await connect(service);
  expect(await (await call(service, access_token)).json()).toMatchObject({ path: "/v1/me", account: "ana" });
  expect((await call(service, "another")).status).toBe(401);
  expect((await service.fetch(new Request(`${origin}/elsewhere`))).status).toBe(404);
});

it("SR-105 tells in its log what it was asked, and no secret", async () => {
  const service = aService();
  const { access_token, refresh_token } = await connect(service);
  await post(service, { grant_type: "refresh_token", refresh_token });
  await call(service, access_token);
  const spent = tokenFingerprint(refresh_token);
  expect(service.log.count({ grant: "refresh_token", spent, status: 200 })).toBe(1);
  expect(service.log.count({ path: "/api/v1/me" })).toBe(1);
  const text = JSON.stringify(service.log.entries);
  for (const secret of [access_token, refresh_token, "hush"]) expect(text).not.toContain(secret);
});

it("SR-105 loses an answer after the refresh token was replaced: the old one is spent", async () => {
  const service = aService();
  const { refresh_token } = await connect(service);
  service.faults.failNext({ loseAnswer: true }, { path: "/token" });
  await expect(post(service, { grant_type: "refresh_token", refresh_token })).rejects.toThrow("lost");
  expect(service.log.count({ status: "lost", spent: tokenFingerprint(refresh_token) })).toBe(1);
  expect((await post(service, { grant_type: "refresh_token", refresh_token })).status).toBe(400);
});

describe("a service that is down", () => {
  it.each([
    ["token", 503, 200],
    ["api", 400, 503],
    ["all", 503, 503],
  ] as const)("at %s says so there, and nothing is lost by it", async (part, token, api) => {
    const service = aService();
    const { access_token } = await connect(service);
    service.setDown(part);
    const wrong = await post(service, { grant_type: "refresh_token", refresh_token: "wrong" });
    expect([wrong.status, (await call(service, access_token)).status]).toEqual([token, api]);
    service.setDown();
    expect((await call(service, access_token)).status).toBe(200);
  });
});

it("knows after a restart what it knew before, and begins anew with what it cannot read", async () => {
  const before = aService();
  const { access_token, refresh_token } = await connect(before);
  await call(before, access_token, { method: "POST" });
  const saved: unknown = JSON.parse(JSON.stringify(before.save()));

  const after = aService(2);
  after.restore(saved);
  expect(await (await call(after, access_token)).json()).toMatchObject({ account: "ana", notes: ["/v1/me"] });
  expect((await post(after, { grant_type: "refresh_token", refresh_token })).status).toBe(200);

  for (const broken of [undefined, null, 7, "{", [], { oauth: 7 }, { oauth: { grants: [{}] } }]) {
    const fresh = aService(3);
    fresh.restore(broken);
    expect((await call(fresh, access_token)).status).toBe(401);
    expect((await call(fresh, (await connect(fresh)).access_token)).status).toBe(200);
  }
});

it("gives the same tokens for the same seed, and others for another", async () => {
  const [one, same, other] = [await connect(aService(5)), await connect(aService(5)), await connect(aService(6))];
  expect(one).toEqual(same);
  expect(one.refresh_token).not.toBe(other.refresh_token);
});
