// Signing in at a provider, from the button to the page that tells how it went, over real HTTP. What must not work is
// tried as an attacker would, and the provider counts the requests for tokens.
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SimulatedService } from "#provider-kit/sim/service.ts";
import type { OpenSandbox } from "../../src/sandbox/sandbox.ts";
import {
  type Arrival,
  answerAt,
  aSandbox,
  aSignIn,
  comeBack,
  definitionAt,
  offering,
  type SignIn,
} from "../support/a-sign-in.ts";
import { aMember, anApp, aPerson, asker, aWorkspace, publicUrl, type TestServer } from "../support/server.ts";

let sandbox: OpenSandbox;
let server: TestServer;
/** Another process on the same database. */
let other: TestServer;
let superuser: pg.Client;
let service: SimulatedService;

beforeAll(async () => {
  sandbox = await aSandbox();
  server = await anApp(offering(sandbox));
  other = await anApp(offering(sandbox), { beside: server });
  superuser = await server.db.superuser();
  const found = sandbox.services.get("api");
  if (!found) throw new Error("the sandbox has no API for custom providers");
  service = found;
});
afterAll(async () => {
  await other.end();
  await server.end();
  await sandbox.close();
});
beforeEach(() => {
  service.faults.clear();
  service.setDown();
  service.oauth?.allowScopes();
  service.log.clear();
});

const tokenRequests = () => service.log.count({ path: "/token" });
const nobodysPage = "/connect-failed?outcome=unknown";
const pageOf = ({ slug, connection }: SignIn, outcome: string) =>
  `/w/${slug}/connections/${connection}?outcome=${outcome}`;

/** Through the provider's pages and back. */
async function signIn(
  yard: SignIn,
  about: { account?: string; wish?: Record<string, unknown> } = {},
): Promise<Arrival> {
  const page = await yard.begin(about.wish);
  return comeBack(server, yard.owner, await answerAt(page, { account: about.account ?? "ada" }));
}

describe("signing in at a provider", () => {
  it("SR-33 SR-35 ends on the connection's page, signed in, tested, and with nothing of the way in its address", async () => {
    const yard = await aSignIn(server, sandbox);
    expect(await yard.view()).toMatchObject({ status: "inactive", account: null, mend: "authorize", life: null });

    const page = new URL(await yard.begin());
    expect(Object.fromEntries(page.searchParams)).toEqual({
      response_type: "code",
      client_id: "sandbox-api",
      redirect_uri: `${publicUrl}/oauth/callback/${yard.provider}`,
      scope: "read write",
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    const arrival = await comeBack(server, yard.owner, await answerAt(page.href));

    expect([arrival.status, arrival.page]).toEqual([303, pageOf(yard, "connected")]);
    expect(arrival.headers.get("referrer-policy")).toBe("no-referrer");
    expect(arrival.headers.get("cache-control")).toBe("no-store");
    expect(tokenRequests()).toBe(1);
    expect(await yard.view()).toMatchObject({
      status: "active",
      account: { id: "ada" },
      failure: null,
      mend: "none",
      auth: { type: "oauth2_authorization_code", set: true, scopes: ["read", "write"], missing_scopes: [] },
      life: { renews: true, ends_at: null, access_expires_at: expect.any(String) },
      next_check_at: expect.any(String),
    });
  });

  it("says which hosts will receive data, and where the provider has to send people back to", async () => {
    const yard = await aSignIn(server, sandbox);
    const { items } = (await yard.below("GET", "/catalog")).body;
    const card = items.find(({ key }: { key: string }) => key === "custom-yard");
    const begun = await yard.below("POST", `/connections/${yard.connection}/authorize`, {});

    expect(card.sign_in[0]).toMatchObject({
      oauth_client: "workspace",
      redirect_uri: `${publicUrl}/oauth/callback/${yard.provider}`,
    });
    expect(begun.body.hosts).toEqual([sandbox.hostAndPort]);
  });

  it("SR-19 goes to a simulator at an address of its own, and stays marked as made with one", async () => {
    const yard = await aSignIn(server, sandbox);
    const card = (await yard.below("GET", "/catalog?sandbox=true")).body.items.find(
      ({ key }: { key: string }) => key === "x",
    );
    const made = await yard.below("POST", "/connections", { provider: "x", name: "Posts", sandbox: true });
    const begun = await yard.below("POST", `/connections/${made.body.id}/authorize`, {});
    const arrival = await comeBack(server, yard.owner, await answerAt(begun.body.url));

    expect(card.sign_in[0]).toMatchObject({
      oauth_client: "sandbox",
      redirect_uri: `${publicUrl}/oauth/callback/sandbox-x`,
    });
    expect(arrival.page).toBe(`/w/${yard.slug}/connections/${made.body.id}?outcome=connected`);
    expect((await yard.below("GET", `/connections/${made.body.id}`)).body).toMatchObject({
      sandbox: true,
      status: "active",
      mend: "none",
    });
  });

  it("goes to the sync wizard from where it was begun there, and nowhere else", async () => {
    const yard = await aSignIn(server, sandbox);
    const wish = { return_to: "sync_wizard" };

    const denied = await comeBack(server, yard.owner, await answerAt(await yard.begin(wish), { decision: "deny" }));
    expect(denied.page).toBe(pageOf(yard, "denied"));
    expect((await signIn(yard, { wish })).page).toBe(
      `/w/${yard.slug}/syncs/new?connection=${yard.connection}&outcome=connected`,
    );
    const elsewhere = await yard.below("POST", `/connections/${yard.connection}/authorize`, { return_to: "//evil" });
    expect(elsewhere.status).toBe(422);
  });

  it("SR-5 SR-76 tells the members who signed in, and counts what the sign-in is used for", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);

    const { rows } = await superuser.query(
      "select action, actor_id, after from hawser.audit_entries where workspace_id = $1 order by sequence desc limit 2",
      [yard.workspace],
    );
    expect(rows).toMatchObject([
      { action: "connection.connected", actor_id: yard.owner.id, after: { status: "active", account: "ada" } },
      { action: "connection.authorize_begun", actor_id: yard.owner.id },
    ]);
  });

  it("SR-33 lets twenty be under way for one person, and no more", async () => {
    const yard = await aSignIn(server, sandbox);
    for (let count = 0; count < 20; count++) await yard.begin();

    const refused = await yard.below("POST", `/connections/${yard.connection}/authorize`, {});
    expect([refused.status, refused.body.code]).toEqual([429, "too_many_requests"]);
  });

  it("is for people with a browser: an API key cannot begin it", async () => {
    const yard = await aSignIn(server, sandbox);
    const made = await yard.below("POST", "/api-keys", { name: "Robot", role: "admin" });
    const robot = asker(server, { key: made.body.key });

    const refused = await yard.below("POST", `/connections/${yard.connection}/authorize`, {}, robot);
    expect([refused.status, refused.body.code]).toEqual([401, "not_signed_in"]);
  });
});

describe("what ends a sign-in without a connection", () => {
  it.each([
    ["denied", "the person says no", { decision: "deny" }],
    ["app_misconfigured", "the provider says that the app may not ask so", { error: "unauthorized_client" }],
    ["provider_down", "the provider says that it is not there", { error: "temporarily_unavailable" }],
    ["failed", "the provider says something that we do not know", { error: "<b>ouch</b>" }],
  ])("SR-35 %s: %s, and no token is asked for", async (outcome, _, said) => {
    const yard = await aSignIn(server, sandbox);
    const page = await yard.begin();
    const callback = await answerAt(page, "decision" in said ? said : {});
    if ("error" in said) {
      callback.searchParams.delete("code");
      callback.searchParams.set("error", said.error ?? "");
    }

    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, outcome));
    expect(tokenRequests()).toBe(0);
    expect(await yard.view()).toMatchObject({ status: "inactive", account: null, auth: { set: false } });
  });

  it("provider_down: the token endpoint is not there, and nothing is tried twice", async () => {
    const yard = await aSignIn(server, sandbox);
    const callback = await answerAt(await yard.begin());
    service.setDown("token");

    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "provider_down"));
    expect(tokenRequests()).toBe(1);
    expect(await yard.view()).toMatchObject({ status: "inactive", auth: { set: false } });
  });

  it("provider_down: the answer to the exchange is lost, so the code is given away once and never again", async () => {
    const yard = await aSignIn(server, sandbox);
    const callback = await answerAt(await yard.begin());
    service.faults.failNext({ loseAnswer: true }, { path: "/token" });

    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "provider_down"));
    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "expired"));
    expect(tokenRequests()).toBe(1);
    expect(await yard.view()).toMatchObject({ status: "inactive", auth: { set: false } });
    expect((await signIn(yard)).page).toBe(pageOf(yard, "connected"));
  });

  it("app_misconfigured: the secret of the OAuth client is wrong", async () => {
    const yard = await aSignIn(server, sandbox);
    await yard.below("POST", "/oauth-clients/custom-yard", { client_id: "sandbox-api", client_secret: "wrong" });

    expect((await signIn(yard)).page).toBe(pageOf(yard, "app_misconfigured"));
  });

  it("needs an OAuth client to begin", async () => {
    const yard = await aSignIn(server, sandbox);
    await yard.below("DELETE", "/oauth-clients/custom-yard");

    const refused = await yard.below("POST", `/connections/${yard.connection}/authorize`, {});
    expect([refused.status, refused.body.code]).toEqual([409, "oauth_client_missing"]);
    expect(await yard.view()).toMatchObject({ mend: "set_oauth_client" });
  });

  it("SR-38 scope_missing: says what was not allowed, and mends by signing in again", async () => {
    const yard = await aSignIn(server, sandbox);
    service.oauth?.removeScope("write");

    expect((await signIn(yard)).page).toBe(pageOf(yard, "scope_missing"));
    expect(await yard.view()).toMatchObject({
      status: "needs_authorization",
      mend: "authorize",
      failure: { message: 'Yard did not allow "write". Sign in again and allow everything.' },
      auth: { scopes: ["read"], missing_scopes: ["write"] },
    });

    service.oauth?.allowScopes();
    expect((await signIn(yard)).page).toBe(pageOf(yard, "connected"));
    expect(await yard.view()).toMatchObject({ status: "active", failure: null, auth: { missing_scopes: [] } });
  });
});

describe("SR-33 SR-34 SR-35 SR-36 callbacks that must come to nothing", () => {
  /** What the attacker does with a callback; the page that they end on. */
  type Attack = (yard: SignIn, callback: URL) => Promise<Arrival>;
  const with_ = (callback: URL, change: (params: URLSearchParams) => void): URL => {
    const changed = new URL(callback);
    change(changed.searchParams);
    return changed;
  };
  const at = (callback: URL, place: string): URL => new URL(`/oauth/callback/${place}${callback.search}`, callback);

  const attacks: Record<string, { outcome: string; attack: Attack }> = {
    "without a session": {
      outcome: "unknown",
      attack: (_, callback) => comeBack(server, {}, callback),
    },
    "with a made-up session": {
      outcome: "unknown",
      attack: (_, callback) => comeBack(server, { cookie: "__Host-hawser=made-up" }, callback),
    },
    "of an attacker, in the browser of a victim who is in the same workspace": {
      outcome: "unknown",
      attack: async (yard, callback) =>
        comeBack(server, await aMember(server, yard.owner, yard.workspace, "admin"), callback),
    },
    "in the browser of somebody from another workspace": {
      outcome: "unknown",
      attack: async (_, callback) => {
        const stranger = await aPerson(server, "stranger");
        await aWorkspace(stranger, "Elsewhere");
        return comeBack(server, stranger, callback);
      },
    },
    "in another session of the same person": {
      outcome: "unknown",
      attack: async (yard, callback) => {
        const body = { email: yard.owner.email, password: "correct horse" };
        const again = await asker(server).ask("POST", "/sign-in", { body });
        return comeBack(server, { cookie: again.headers.get("set-cookie")?.split(";")[0] ?? "" }, callback);
      },
    },
    "after the session has ended": {
      outcome: "unknown",
      attack: async (yard, callback) => {
        await yard.owner.ask("POST", "/sign-out");
        return comeBack(server, yard.owner, callback);
      },
    },
    "with a state that there never was": {
      outcome: "unknown",
      attack: (yard, callback) =>
        comeBack(
          server,
          yard.owner,
          with_(callback, (params) => params.set("state", "A".repeat(43))),
        ),
    },
    "without a state": {
      outcome: "unknown",
      attack: (yard, callback) =>
        comeBack(
          server,
          yard.owner,
          with_(callback, (params) => params.delete("state")),
        ),
    },
    "after ten minutes": {
      outcome: "expired",
      attack: async (yard, callback) => {
        await superuser.query(
          "update hawser.connect_flows set expires_at = now() - interval '1 second' where connection_id = $1",
          [yard.connection],
        );
        return comeBack(server, yard.owner, callback);
      },
    },
    "after the connection was disconnected": {
      outcome: "expired",
      attack: async (yard, callback) => {
        await yard.below("POST", `/connections/${yard.connection}/disconnect`);
        return comeBack(server, yard.owner, callback);
      },
    },
    "at the address of another provider (mix-up)": {
      outcome: "failed",
      attack: (yard, callback) => comeBack(server, yard.owner, at(callback, "sandbox-x")),
    },
    "at the address of the provider's own key": {
      outcome: "failed",
      attack: (yard, callback) => comeBack(server, yard.owner, at(callback, "custom-yard")),
    },
    "with another issuer": {
      outcome: "failed",
      attack: (yard, callback) =>
        comeBack(
          server,
          yard.owner,
          with_(callback, (params) => params.set("iss", "https://evil.example")),
        ),
    },
    "without the issuer that was promised": {
      outcome: "failed",
      attack: (yard, callback) =>
        comeBack(
          server,
          yard.owner,
          with_(callback, (params) => params.delete("iss")),
        ),
    },
    ...Object.fromEntries(
      ["state", "code", "iss", "anything"].map((name) => [
        `with ${name} twice`,
        {
          outcome: "failed",
          attack: (yard: SignIn, callback: URL) =>
            comeBack(
              server,
              yard.owner,
              with_(callback, (params) => {
                const value = params.get(name) ?? "1";
                params.append(name, value);
                if (name === "anything") params.append(name, value);
              }),
            ),
        },
      ]),
    ),
    ...Object.fromEntries(
      ["POST", "PUT", "HEAD", "DELETE"].map((method) => [
        `by ${method}`,
        {
          outcome: "failed",
          attack: (yard: SignIn, callback: URL) => comeBack(server, yard.owner, callback, { method }),
        },
      ]),
    ),
    "with an error beside its code": {
      outcome: "denied",
      attack: (yard, callback) =>
        comeBack(
          server,
          yard.owner,
          with_(callback, (params) => params.set("error", "access_denied")),
        ),
    },
    "without a code": {
      outcome: "failed",
      attack: (yard, callback) =>
        comeBack(
          server,
          yard.owner,
          with_(callback, (params) => params.delete("code")),
        ),
    },
    "after the token address of the provider was changed": {
      outcome: "provider_changed",
      attack: async (yard, callback) => {
        const auth = { ...promised, token_url: `${sandbox.origin}/x/token` };
        await yard.below("PATCH", `/providers/${yard.provider}`, { definition: definitionAt(sandbox, auth) });
        return comeBack(server, yard.owner, callback);
      },
    },
    "after the provider was switched off": {
      outcome: "provider_changed",
      attack: async (yard, callback) => {
        await yard.below("PATCH", `/providers/${yard.provider}`, { active: false });
        return comeBack(server, yard.owner, callback);
      },
    },
    "after the OAuth client was changed": {
      outcome: "provider_changed",
      attack: async (yard, callback) => {
        const client = { client_id: "another", client_secret: "secret" };
        await yard.below("POST", "/oauth-clients/custom-yard", client);
        return comeBack(server, yard.owner, callback);
      },
    },
  };
  const issuer = "https://issuer.example";
  const promised = { issuer, iss_promised: true };

  it.each(Object.entries(attacks))("%s: nobody asks for a token", async (name, { outcome, attack }) => {
    const yard = await aSignIn(server, sandbox, { auth: promised });
    const genuine = with_(await answerAt(await yard.begin()), (params) => params.set("iss", issuer));

    const arrival = await attack(yard, genuine);

    expect(arrival.status, name).toBe(303);
    expect(arrival.page).toBe(outcome === "unknown" ? nobodysPage : pageOf(yard, outcome));
    expect(tokenRequests()).toBe(0);
    const { rows } = await superuser.query("select 1 from hawser.token_sets where connection_id = $1", [
      yard.connection,
    ]);
    expect(rows).toEqual([]);
    // Whoever was refused in the right browser has used the state up.
    if (outcome !== "unknown") {
      expect((await comeBack(server, yard.owner, genuine)).page).toBe(pageOf(yard, "expired"));
      expect(tokenRequests()).toBe(0);
    }
  });

  it("would all have worked without the attack", async () => {
    const yard = await aSignIn(server, sandbox, { auth: promised });
    const genuine = with_(await answerAt(await yard.begin()), (params) => params.set("iss", issuer));

    expect((await comeBack(server, yard.owner, genuine)).page).toBe(pageOf(yard, "connected"));
    expect(tokenRequests()).toBe(1);
  });

  it("of others leave the sign-in to whom it belongs", async () => {
    const yard = await aSignIn(server, sandbox);
    const callback = await answerAt(await yard.begin());
    const stranger = await aPerson(server, "stranger");

    expect((await comeBack(server, stranger, callback)).page).toBe(nobodysPage);
    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "connected"));
  });

  it.each(["member", "viewer"] as const)("of an admin who is a %s by now", async (role) => {
    const yard = await aSignIn(server, sandbox);
    const admin = await aMember(server, yard.owner, yard.workspace, "admin");
    const callback = await answerAt(await yard.begin({}, admin));
    await yard.below("PATCH", `/members/${admin.id}`, { role });

    expect((await comeBack(server, admin, callback)).page).toBe(pageOf(yard, "not_allowed"));
    expect(tokenRequests()).toBe(0);
  });

  it("of somebody who was taken out of the workspace", async () => {
    const yard = await aSignIn(server, sandbox);
    const admin = await aMember(server, yard.owner, yard.workspace, "admin");
    const callback = await answerAt(await yard.begin({}, admin));
    await yard.below("DELETE", `/members/${admin.id}`);

    expect((await comeBack(server, admin, callback)).page).toBe(pageOf(yard, "not_allowed"));
    expect(tokenRequests()).toBe(0);
  });

  it("that come again change nothing of what the first has brought", async () => {
    const yard = await aSignIn(server, sandbox);
    const callback = await answerAt(await yard.begin());
    await comeBack(server, yard.owner, callback);
    const before = await yard.view();

    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "expired"));
    expect((await comeBack(other, yard.owner, callback)).page).toBe(pageOf(yard, "expired"));
    expect(tokenRequests()).toBe(1);
    expect(await yard.view()).toEqual(before);
  });

  it("that come to two processes at the same moment: one of them asks for a token", async () => {
    const yard = await aSignIn(server, sandbox);
    for (let round = 0; round < 5; round++) {
      service.log.clear();
      const callback = await answerAt(await yard.begin());

      const pages = await Promise.all(
        [server, other, server, other].map(async (process) => (await comeBack(process, yard.owner, callback)).page),
      );

      expect(pages.toSorted()).toEqual([
        pageOf(yard, "connected"),
        ...Array.from({ length: 3 }, () => pageOf(yard, "expired")),
      ]);
      expect(tokenRequests()).toBe(1);
      expect(await yard.view()).toMatchObject({ status: "active" });
    }
  });
});

describe("SR-42 signing in again", () => {
  const revocations = async ({ connection }: SignIn) =>
    (await superuser.query("select provider from hawser.revocations where connection_id = $1", [connection])).rows;
  const sealed = async ({ connection }: SignIn) =>
    (
      await superuser.query("select access_token, refresh_token from hawser.token_sets where connection_id = $1", [
        connection,
      ])
    ).rows;

  it("with the same account keeps everything", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const before = await sealed(yard);

    expect((await signIn(yard)).page).toBe(pageOf(yard, "connected"));
    expect(await yard.view()).toMatchObject({ status: "active", account: { id: "ada" } });
    expect(await sealed(yard)).not.toEqual(before);
    // Revoking the earlier ones could end the whole consent.
    expect(await revocations(yard)).toEqual([]);
  });

  it("with another account replaces nothing; what it brought is given back", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const before = await sealed(yard);

    expect((await signIn(yard, { account: "ben" })).page).toBe(pageOf(yard, "wrong_account"));
    expect(await yard.view()).toMatchObject({ status: "active", account: { id: "ada" } });
    expect(await sealed(yard)).toEqual(before);
    expect(await revocations(yard)).toEqual([{ provider: "custom-yard" }]);
    expect((await yard.below("POST", `/connections/${yard.connection}/test`)).body).toMatchObject({ ok: true });
  });

  it("gives nothing back where another connection lives on that account", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const of = await yard.below("POST", "/connections", { provider: "custom-yard", name: "Of Ben" });
    const bens = { ...yard, connection: of.body.id };
    const begun = await yard.below("POST", `/connections/${bens.connection}/authorize`, {});
    await comeBack(server, yard.owner, await answerAt(begun.body.url, { account: "ben" }));

    expect((await signIn(yard, { account: "ben" })).page).toBe(pageOf(yard, "wrong_account"));
    expect(await revocations(yard)).toEqual([]);
  });

  it("with another account on purpose takes its place and gives the old one back, while no sync counts on it", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);

    expect((await signIn(yard, { account: "ben", wish: { other_account: true } })).page).toBe(
      pageOf(yard, "connected"),
    );
    expect(await yard.view()).toMatchObject({ status: "active", account: { id: "ben" } });
    expect(await revocations(yard)).toEqual([{ provider: "custom-yard" }]);
  });

  it("with another account is refused while syncs count on the one that is pinned, also one that was made meanwhile", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const wish = { other_account: true };
    const callback = await answerAt(await yard.begin(wish), { account: "ben" });
    await superuser.query(
      "insert into hawser.syncs (workspace_id, connection_id, name, drive_id) values ($1, $2, 'Drawings', 'top')",
      [yard.workspace, yard.connection],
    );

    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "wrong_account"));
    const refused = await yard.below("POST", `/connections/${yard.connection}/authorize`, wish);
    expect([refused.status, refused.body.code]).toEqual([409, "connection_in_use"]);
    expect(await yard.view()).toMatchObject({ status: "active", account: { id: "ada" } });
  });

  it("keeps a sign-in that works when the new one has fewer rights or cannot be tested", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const before = await sealed(yard);
    const page = await yard.begin();
    const next = await yard.begin();
    const callback = await answerAt(next);
    service.faults.always({ status: 503 }, { path: "/api" });

    expect((await comeBack(server, yard.owner, callback)).page).toBe(pageOf(yard, "provider_down"));
    service.faults.clear();
    service.oauth?.state.refusedScopes.push("write");
    expect((await comeBack(server, yard.owner, await answerAt(page))).page).toBe(pageOf(yard, "scope_missing"));
    expect(await sealed(yard)).toEqual(before);
    expect(await yard.view()).toMatchObject({ status: "active", account: { id: "ada" } });
  });

  it("SR-11 after a disconnect finds account and syncs as they were", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const gone = await yard.below("POST", `/connections/${yard.connection}/disconnect`);

    expect(gone.body).toMatchObject({
      status: "inactive",
      account: { id: "ada" },
      auth: { set: false },
      mend: "authorize",
    });
    expect(await sealed(yard)).toEqual([]);
    expect(await revocations(yard)).toEqual([{ provider: "custom-yard" }]);
    expect((await signIn(yard, { account: "ben" })).page).toBe(pageOf(yard, "wrong_account"));
    expect((await signIn(yard)).page).toBe(pageOf(yard, "connected"));
  });
});

describe("what is changed under a connection that is signed in", () => {
  it("SR-6 other addresses of the provider take its sign-in away, and say so", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const definition = { ...definitionAt(sandbox), base_url: `${sandbox.origin}/x/api` };
    await yard.below("PATCH", `/providers/${yard.provider}`, { definition });

    expect(await yard.view()).toMatchObject({
      status: "needs_authorization",
      mend: "authorize",
      auth: { set: false },
      failure: { message: expect.stringContaining("other addresses") },
    });
  });

  it("another OAuth client asks for a sign-in; going back to the first one mends it by itself", async () => {
    const yard = await aSignIn(server, sandbox);
    await signIn(yard);
    const set = (client_id: string, client_secret: string) =>
      yard.below("POST", "/oauth-clients/custom-yard", { client_id, client_secret });

    await set("another", "secret");
    expect(await yard.view()).toMatchObject({ status: "needs_authorization", mend: "authorize" });
    await set("sandbox-api", "sandbox-api-secret");
    expect(await yard.view()).toMatchObject({ status: "active", mend: "none", failure: null });
    await yard.below("DELETE", "/oauth-clients/custom-yard");
    expect(await yard.view()).toMatchObject({ status: "needs_authorization", mend: "set_oauth_client" });
  });

  it("SR-7 the client's secret is shown to nobody", async () => {
    const yard = await aSignIn(server, sandbox);
    const shown = await yard.below("GET", "/oauth-clients/custom-yard");

    expect(shown.body).toEqual({
      source: "workspace",
      client_id: "sandbox-api",
      secret_set: true,
      fingerprint: expect.stringMatching(/^[\w-]{12}$/),
      set_at: expect.any(String),
      set_by: "Ana",
    });
    expect(JSON.stringify(shown.body)).not.toContain("sandbox-api-secret");
  });
});
