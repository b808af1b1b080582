import { generateKeyPairSync, verify } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConnectionId, newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { bodyOf, serve } from "#outbound/testing/loopback.ts";
import type { Auth } from "#provider-kit/auth.ts";
import { sealableFields } from "#provider-kit/credential.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { Secret } from "#vault/secret.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { openConnection } from "./open-connection.ts";
import { connectionDeps } from "./testing/connection-deps.ts";
import { originsOf, storeCredential } from "./tokens/credential.ts";
import { transientAccess } from "./transient-access.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const signal = new AbortController().signal;
const use = { actor: "system" as const, purpose: "test" };

interface Asked {
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A provider that writes down how it is asked, and a connection to it that is signed in with this credential. */
async function connectedWith(authAt: (origin: string) => Auth, entered: Record<string, string>) {
  const asked: Asked[] = [];
  let answer: unknown = { access_token: "token-1", expires_in: 3600, data: { session: "token-2" } };
  const server = await serve(async (request, reply) => {
    asked.push({ path: request.url ?? "", headers: request.headers, body: await bodyOf(request) });
    reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const auth = authAt(server.origin);
  const provider: Provider = {
    key: "shop",
    name: "Shop",
    description: "",
    category: "custom",
    glyph: { letters: "Sh", hue: "teal" },
    addresses: () => [server.origin],
    auth: () => [auth],
    async check({ http }) {
      await http.json({ url: "/me" }, z.unknown());
      return { id: "1", label: "1" };
    },
  };
  const deps = connectionDeps(test.database, { providers: [provider], exceptions: [`127.0.0.1:${server.port}`] });
  const workspace = newId<WorkspaceId>();
  const connection = newId<ConnectionId>();
  const store = (fields: Record<string, string>, origins = originsOf(provider, {}, {})) =>
    test.database.asWorkspace({ workspace }, (tx) =>
      storeCredential(tx, deps, connection, auth, sealableFields(auth, fields), { origins, by: null }),
    );
  await test.database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`;
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, status, account_id, account_label)
      values (${workspace}, ${connection}, 'shop', 'Shop', 'active', '1', '1')`;
  });
  await store(entered);
  const call = async () => {
    const opened = await openConnection(deps, workspace, connection, { use, signal });
    await opened.provider.check(opened.call);
    const last = asked.at(-1);
    if (!last) throw new Error("nobody was asked");
    return last;
  };
  const answerWith = (other: unknown) => {
    answer = other;
  };
  return { asked, call, store, deps, workspace, connection, auth, provider, answerWith };
}

const basicOf = ({ headers }: Asked) =>
  Buffer.from(headers.authorization?.replace("Basic ", "") ?? "", "base64").toString();

describe("a call is signed with the credential itself", () => {
  it.each<[string, Auth, Record<string, string>, (asked: Asked) => unknown, unknown]>([
    ["nothing", { type: "none" }, {}, ({ headers }) => headers.authorization, undefined],
    ["a bearer token", { type: "bearer", label: "Token" }, { token: "t" }, (a) => a.headers.authorization, "Bearer t"],
    [
      "a key in a header of any name, with a prefix",
      { type: "api_key", label: "Key", place: { header: "X-Api-Key", prefix: "Key " } },
      { key: "k" },
      ({ headers }) => headers["x-api-key"],
      "Key k",
    ],
    [
      "a key in the query",
      { type: "api_key", label: "Key", place: { query: "api_key" } },
      { key: "k&1" },
      ({ path }) => path,
      "/me?api_key=k%261",
    ],
    [
      "user name and password",
      { type: "basic", usernameLabel: "User", passwordLabel: "Password" },
      { username: "ana", password: "p:w" },
      basicOf,
      "ana:p:w",
    ],
    ["a key as user name", { type: "basic", usernameLabel: "Key" }, { username: "k" }, basicOf, "k:"],
    [
      "a key as user name, with a fixed password",
      { type: "basic", usernameLabel: "Key", fixedPassword: "x" },
      { username: "k" },
      basicOf,
      "k:x",
    ],
  ])("%s", async (_, auth, entered, look, seen) => {
    const { call } = await connectedWith(() => auth, entered);
    expect(look(await call())).toBe(seen);
  });

  it("SR-5 uses another one from the moment it is entered, and keeps none", async () => {
    const { call, store } = await connectedWith(() => ({ type: "bearer", label: "Token" }), { token: "old" });
    expect((await call()).headers.authorization).toBe("Bearer old");
    await store({ token: "new" });
    expect((await call()).headers.authorization).toBe("Bearer new");
  });

  it("SR-6 sends it nowhere but to the addresses that it was entered for", async () => {
    const { call, store, asked } = await connectedWith(() => ({ type: "bearer", label: "Token" }), { token: "t" });
    await store({ token: "t" }, ["https://elsewhere.test"]);
    await expect(call()).rejects.toMatchObject({ code: "secret_origin_denied" });
    expect(asked).toEqual([]);
  });

  it("wants one to be entered where there is none, or one of another way to sign in", async () => {
    const { call, deps, workspace, connection } = await connectedWith(() => ({ type: "bearer", label: "Token" }), {
      token: "t",
    });
    await deps.database.asWorkspace({ workspace }, (tx) => tx.sql`update credentials set auth_type = 'api_key'`);
    await expect(call()).rejects.toMatchObject({ kind: "reauthorize" });
    await deps.database.asWorkspace(
      { workspace },
      (tx) => tx.sql`delete from credentials where connection_id = ${connection}`,
    );
    await expect(call()).rejects.toMatchObject({ kind: "reauthorize" });
  });
});

describe("a call is signed with a token that the credential gets", () => {
  it("client credentials: once, in the place where tokens stand", async () => {
    const { call, asked } = await connectedWith(
      (origin) => ({
        type: "oauth2_client_credentials",
        tokenUrl: `${origin}/token`,
        tokenBody: "json",
        tokenParams: { audience: "api" },
        clientAuth: "basic",
        scopes: ["a", "b"],
        scopeSeparator: ",",
        tokenPlace: { header: "X-Token" },
      }),
      { client_id: "me", client_secret: "s" },
    );
    expect((await call()).headers["x-token"]).toBe("token-1");
    await call();
    expect(asked.map(({ path }) => path)).toEqual(["/token", "/me", "/me"]);
    const [token] = asked;
    expect(token && basicOf(token)).toBe("me:s");
    expect(JSON.parse(token?.body ?? "")).toEqual({
      audience: "api",
      grant_type: "client_credentials",
      scope: "a,b",
    });
  });

  it("SR-43 a key file signs an assertion; its token address is not looked at", async () => {
    const file = {
      type: "service_account",
      client_email: "robot@yard.test",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      private_key_id: "key-1",
      token_uri: "https://evil.test/token",
    };
    const { call, asked } = await connectedWith(
      (origin) => ({
        type: "service_account",
        label: "Key file",
        tokenUrl: `${origin}/token`,
        audience: "https://shop.test",
        scopes: ["files.read"],
      }),
      { key_file: JSON.stringify(file) },
    );
    expect((await call()).headers.authorization).toBe("Bearer token-1");
    const form = new URLSearchParams(asked[0]?.body);
    const [head = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    expect(read(head)).toMatchObject({ alg: "RS256", kid: "key-1" });
    expect(read(claims)).toMatchObject({ iss: "robot@yard.test", aud: "https://shop.test", scope: "files.read" });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify("sha256", signed, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
  });

  const twoStep = (origin: string): Auth => ({
    type: "two_step",
    fields: [
      { name: "user", label: "User", secret: false },
      { name: "pass", label: "Password", secret: true },
    ],
    login: {
      method: "POST",
      url: `${origin}/login`,
      body: "json",
      params: { login: "{user}", secret: "{pass}", both: "{user}/{pass}", plain: "{nobody} {constructor}" },
      headers: { "x-login": "user {user}" },
    },
    answer: { accessToken: "data.session" },
    tokenPlace: { header: "X-Session" },
  });

  it("two steps: logs in with the fields, then uses what that returns", async () => {
    const { call, asked, answerWith } = await connectedWith(twoStep, { user: "ana", pass: 'p"w' });
    answerWith({ data: { session: "s-1" } });
    expect((await call()).headers["x-session"]).toBe("s-1");
    expect(asked.map(({ path }) => path)).toEqual(["/login", "/me"]);
    expect(asked[0]?.headers["x-login"]).toBe("user ana");
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      login: "ana",
      secret: 'p"w',
      both: 'ana/p"w',
      plain: "{nobody} {constructor}",
    });
  });

  it("gets a new one from another credential, and never uses what the old one has got", async () => {
    const { call, store, asked, answerWith } = await connectedWith(twoStep, { user: "ana", pass: "1" });
    await call();
    await store({ user: "ana", pass: "2" });
    answerWith({ data: { session: "s-2" } });
    expect((await call()).headers["x-session"]).toBe("s-2");
    expect(asked.map(({ path }) => path)).toEqual(["/login", "/me", "/login", "/me"]);
  });
});

describe("access that is not saved", () => {
  it("gets a token once and leaves nothing in the database", async () => {
    const { asked, deps, provider, auth, workspace } = await connectedWith(
      (origin) => ({
        type: "oauth2_client_credentials",
        tokenUrl: `${origin}/token`,
        clientAuth: "body",
        scopes: [],
      }),
      { client_id: "me", client_secret: "s" },
    );
    const values = { client_id: new Secret("other"), client_secret: new Secret("s") };
    const access = transientAccess(deps, { provider, auth, config: {}, values });
    const url = new URL(provider.addresses?.({}, {})[0] ?? "");
    const [first, second] = [await access.sign(url), await access.sign(url)];
    expect(first.credential?.secret).toBe(second.credential?.secret);
    expect(asked.map(({ path }) => path)).toEqual(["/token"]);
    const rows = await deps.database.asWorkspace({ workspace }, (tx) => tx.sql`select 1 as one from token_sets`);
    expect(rows).toEqual([]);
    await expect(access.sign(new URL("https://elsewhere.test"))).rejects.toMatchObject({
      code: "secret_origin_denied",
    });
  });

  it("says that a credential is not accepted", async () => {
    const { deps, provider, auth, answerWith } = await connectedWith(
      (origin) => ({ type: "oauth2_client_credentials", tokenUrl: `${origin}/token`, clientAuth: "body", scopes: [] }),
      { client_id: "me", client_secret: "s" },
    );
    answerWith({ error: "invalid_client" });
    const values = { client_id: new Secret("me"), client_secret: new Secret("wrong") };
    const access = transientAccess(deps, { provider, auth, config: {}, values });
    await expect(access.sign(new URL(provider.addresses?.({}, {})[0] ?? ""))).rejects.toMatchObject({
      kind: "reauthorize",
      message: expect.stringContaining("does not accept this credential"),
    });
  });
});
