import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { createPolicy } from "#outbound/policy.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { createProvider } from "./create-provider.ts";
import { deleteProvider } from "./delete-provider.ts";
import { describeProvider } from "./describe-provider.ts";
import { findProvider, findProviders, holdProvider } from "./find-provider.ts";
import { findSecretUsers } from "./find-secret-users.ts";
import { importOpenapi } from "./import-openapi.ts";
import { checkProviderName, getProvider, listCustomProviders } from "./read-providers.ts";
import { updateProvider } from "./update-provider.ts";
import { validateDefinition } from "./validate-definition.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const policy = createPolicy();
const lookup = { providers: new Map(), sandbox: undefined };
const unmoved = async () => {
  throw new Error("nothing has moved");
};

const definition = (change: object = {}): Record<string, unknown> => ({
  display_name: "Yard API",
  base_url: "https://api.example.com/v1",
  auth: [{ type: "api_key", place: { header: "X-Key" } }],
  actions: [{ key: "list", name: "List", method: "GET", path: "/items" }],
  ...change,
});

async function here() {
  const workspace = newId<WorkspaceId>();
  const within = <T>(work: (tx: WorkspaceTx) => Promise<T>) => db.database.asWorkspace({ workspace }, work);
  await within(
    (tx) => tx.sql`
      insert into workspaces (id, name, slug, created_by)
      values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`,
  );
  const actor: Actor = { kind: "user", id: newId<UserId>(), label: "Ana" };
  const caller = { workspace, actor, signal: new AbortController().signal };
  const deps = { database: db.database, policy };
  return {
    workspace,
    within,
    caller,
    deps,
    define: (name: string, change: object = {}, active = true) =>
      createProvider(deps, caller, { name, definition: definition(change), active }),
    find: (key: string) => within((tx) => findProvider(tx, lookup, key, false)),
    connect: (key: string, name: string) =>
      within(
        (tx) => tx.sql`
          insert into connections (workspace_id, id, provider, name) values (${workspace}, ${newId()}, ${key}, ${name})`,
      ),
    audited: () =>
      within(
        (tx) => tx.sql<{ action: string; after: unknown }>`select action, after from audit_entries order by sequence`,
      ),
  };
}

it("a custom provider is in the catalog like any other, under a key that no built-in one has", async () => {
  const { define, find, within, deps, workspace, audited } = await here();
  const made = await define("yard-api");

  expect(made).toMatchObject({ name: "yard-api", displayName: "Yard API", actions: 1, version: 1, connections: 0 });
  expect(await getProvider(deps, workspace, made.id)).toEqual(made);
  const found = await find("custom-yard-api");
  expect(found).toMatchObject({ origin: "custom", customId: made.id, active: true });
  expect(found && describeProvider(found)).toMatchObject({
    key: "custom-yard-api",
    name: "Yard API",
    category: "custom",
    origin: "custom",
    parts: ["actions"],
    addresses: ["api.example.com"],
    signIn: [{ type: "api_key", label: "API key" }],
  });
  expect((await within((tx) => findProviders(tx, lookup, false))).map(({ provider }) => provider.key)).toEqual([
    "custom-yard-api",
  ]);
  expect(await within((tx) => findProviders(tx, lookup, true))).toEqual([]);
  expect(await audited()).toMatchObject([
    { action: "provider.created", after: { name: "yard-api", base_url: "https://api.example.com/v1", actions: 1 } },
  ]);
});

it("is called with its present definition from the next call on", async () => {
  const { define, find, deps, caller } = await here();
  const { id } = await define("yard");
  const before = await find("custom-yard");
  const change = { definition: definition({ display_name: "New", actions: [] }) };
  expect(await updateProvider(deps, caller, id, change, unmoved)).toMatchObject({ version: 2, displayName: "New" });
  const after = await find("custom-yard");
  expect([before?.provider.name, after?.provider.name]).toEqual(["Yard API", "New"]);
  expect(after?.provider.actions).toBeUndefined();
  expect(after?.fingerprint).toBe(before?.fingerprint);
});

it("SR-6 tells what must let go of its credentials where an address changes, in the same transaction", async () => {
  const { define, find, deps, caller } = await here();
  const { id } = await define("yard");
  const before = await find("custom-yard");
  const elsewhere = { definition: definition({ base_url: "https://api.example.org" }) };
  const failing = updateProvider(deps, caller, id, elsewhere, async () => {
    throw new Error("it could not");
  });
  await expect(failing).rejects.toThrow("it could not");
  expect((await find("custom-yard"))?.fingerprint).toBe(before?.fingerprint);

  const moved: string[] = [];
  await updateProvider(deps, caller, id, elsewhere, async (_, key) => void moved.push(key));
  expect(moved).toEqual(["custom-yard"]);
  expect((await find("custom-yard"))?.fingerprint).not.toBe(before?.fingerprint);
});

it.each([
  ["the base address", { base_url: "https://other.example.com/v1" }],
  ["another address", { more_addresses: ["https://files.example.com"] }],
  ["the token address", { auth: [{ type: "oauth2_client_credentials", token_url: "https://example.com/token2" }] }],
  ["the way to sign in", { auth: [{ type: "bearer" }] }],
])("SR-37 %s counts as an address", async (_, change) => {
  const { define, deps, caller } = await here();
  const { id } = await define("yard", {
    auth: [{ type: "oauth2_client_credentials", token_url: "https://example.com/token" }],
  });
  let moved = 0;
  const auth = [{ type: "oauth2_client_credentials", token_url: "https://example.com/token" }];
  await updateProvider(deps, caller, id, { definition: definition({ auth, ...change }) }, async () => void moved++);
  expect(moved).toBe(1);
});

it("a name belongs to one provider of the workspace, and is free again when that is deleted", async () => {
  const { define, deps, workspace, caller } = await here();
  const { id } = await define("yard");
  await expect(define("yard")).rejects.toMatchObject({ code: "name_taken", errors: [{ pointer: "/name" }] });
  expect(await checkProviderName(deps, workspace, "yard", undefined)).toBe(false);
  expect(await checkProviderName(deps, workspace, "yard", id)).toBe(true);
  const elsewhere = await here();
  await elsewhere.define("yard");
  await deleteProvider(deps, caller, id);
  expect(await checkProviderName(deps, workspace, "yard", undefined)).toBe(true);
  await define("yard");
});

it("is not deleted while connections use it, nor while one is being made", async () => {
  const { define, deps, caller, connect, find, within } = await here();
  const { id } = await define("yard");
  for (const name of ["D", "B", "A", "C"]) await connect("custom-yard", name);
  await expect(deleteProvider(deps, caller, id)).rejects.toMatchObject({
    code: "provider_in_use",
    message: '"yard" is used by "A", "B", "C" and others. Delete those connections first.',
  });
  const other = await define("other");
  const found = await find("custom-other");
  if (!found) throw new Error("not there");
  let deleting: Promise<void> | undefined;
  await within(async (tx) => {
    expect(await holdProvider(tx, found)).toBe(true);
    deleting = deleteProvider(deps, caller, other.id);
    deleting.catch(() => {});
    await tx.sql`
      insert into connections (workspace_id, id, provider, name) values (${tx.workspace}, ${newId()}, 'custom-other', 'E')`;
  });
  await expect(deleting).rejects.toMatchObject({ code: "provider_in_use" });
  expect(await within((tx) => holdProvider(tx, found))).toBe(true);
});

it("one that is switched off is not in the catalog, and says so where it is asked for", async () => {
  const { define, deps, caller, find, within } = await here();
  const { id } = await define("yard");
  await updateProvider(deps, caller, id, { active: false }, unmoved);
  expect(await within((tx) => findProviders(tx, lookup, false))).toEqual([]);
  expect(await find("custom-yard")).toMatchObject({ active: false });
});

it("a change that was made from another version is refused", async () => {
  const { define, deps, caller } = await here();
  const { id } = await define("yard");
  await updateProvider(deps, caller, id, { active: false, version: 1 }, unmoved);
  await expect(updateProvider(deps, caller, id, { active: true, version: 1 }, unmoved)).rejects.toMatchObject({
    code: "conflict",
  });
});

it("SR-56 is not there for another workspace", async () => {
  const { define, find } = await here();
  const { id } = await define("yard");
  const stranger = await here();
  const nothing = { code: "not_found" };
  await expect(getProvider(stranger.deps, stranger.workspace, id)).rejects.toMatchObject(nothing);
  await expect(updateProvider(stranger.deps, stranger.caller, id, { active: false }, unmoved)).rejects.toMatchObject(
    nothing,
  );
  await expect(deleteProvider(stranger.deps, stranger.caller, id)).rejects.toMatchObject(nothing);
  expect(await stranger.find("custom-yard")).toBeUndefined();
  expect(await find("custom-yard")).toBeDefined();
});

it("is listed page by page without its definition", async () => {
  const { define, deps, workspace } = await here();
  for (const name of ["c", "a", "b"]) await define(name, {}, name !== "b");
  const first = await listCustomProviders(deps, workspace, { limit: 2 });
  expect(first.items.map(({ name, active }) => [name, active])).toEqual([
    ["a", true],
    ["b", false],
  ]);
  expect(first.items[0]).not.toHaveProperty("definition");
  const second = await listCustomProviders(deps, workspace, { limit: 2, cursor: first.next });
  expect(second).toMatchObject({ items: [{ name: "c" }] });
  expect(second.next).toBeUndefined();
});

it("SR-62 a row that holds no definition is no provider, and spoils no other", async () => {
  const { define, find, within } = await here();
  await define("yard");
  await within(
    (tx) => tx.sql`insert into custom_providers (workspace_id, name, definition) values (${tx.workspace}, 'odd', '{}')`,
  );
  expect(await find("custom-odd")).toBeUndefined();
  expect((await within((tx) => findProviders(tx, lookup, false))).map(({ provider }) => provider.key)).toEqual([
    "custom-yard",
  ]);
});

it("SR-62 a definition that plain SQL has changed counts at once", async () => {
  const { define, find, within } = await here();
  const { id } = await define("yard");
  expect((await find("custom-yard"))?.provider.name).toBe("Yard API");
  await within(
    (tx) => tx.sql`
      update custom_providers set definition = jsonb_set(definition, '{display_name}', '"By SQL"') where id = ${id}`,
  );
  expect((await find("custom-yard"))?.provider.name).toBe("By SQL");
});

describe("SR-14 SR-15 SR-16 an address that outbound would refuse is refused when it is saved", () => {
  const refused = [
    "http://api.example.com",
    "https://127.0.0.1",
    "https://10.0.0.1/v1",
    "https://[::1]",
    "https://169.254.169.254/latest",
    "https://localhost",
    "https://intranet",
    "https://db.internal",
    "https://printer.local",
    "https://api.example.com:22",
  ];
  const places: [string, (url: string) => object][] = [
    ["/definition/base_url", (url) => ({ base_url: url })],
    ["/definition/more_addresses/0", (url) => ({ more_addresses: [new URL(url).origin] })],
    ["/definition/auth/0", (url) => ({ auth: [{ type: "oauth2_client_credentials", token_url: url }] })],
    [
      "/definition/auth/0",
      (url) => ({
        auth: [
          {
            type: "oauth2_authorization_code",
            authorize_url: "https://example.com/a",
            token_url: "https://example.com/t",
            revoke_url: url,
          },
        ],
      }),
    ],
    [
      "/definition/auth/0",
      (url) => ({ auth: [{ type: "two_step", fields: [{ name: "key", label: "Key" }], login: { url, params: {} } }] }),
    ],
  ];
  it.each(places)("at %s", async (pointer, change) => {
    const { define } = await here();
    for (const url of refused) {
      await expect(define("yard", change(url)), url).rejects.toMatchObject({
        code: "invalid_request",
        errors: [expect.objectContaining({ pointer, code: "address_refused" })],
      });
    }
  });

  it("but not one that the operator has allowed", async () => {
    const { deps, caller } = await here();
    const allowed = { ...deps, policy: createPolicy({ exceptions: ["127.0.0.1:4711"] }) };
    const wanted = { name: "local", definition: definition({ base_url: "http://127.0.0.1:4711/v1" }), active: true };
    expect(await createProvider(allowed, caller, wanted)).toMatchObject({ name: "local" });
  });
});

it("SR-7 a secret that is written into a definition is refused, and has a place of its own", async () => {
  const { define } = await here();
  const stripe = `sk_${"live"}_0123456789abcdef`;
  await expect(define("shop", { headers: { "x-key": stripe } })).rejects.toMatchObject({
    errors: [{ pointer: "/definition/headers/x-key", code: "secret_refused" }],
  });
  await expect(define("shop", { query: { api_key: "a1b2c3d4e5f6" } })).rejects.toMatchObject({
    errors: [{ pointer: "/definition/query/api_key", code: "secret_refused" }],
  });
  const named = { "x-key": "{{workspace.shop_key}}", "x-version": "2026-11-28" };
  expect(await define("shop", { headers: named })).toMatchObject({ name: "shop" });
});

it("what is wrong with a definition is told in our words, with pointers", async () => {
  const { define } = await here();
  const wrong = {
    colour: "red",
    base_url: 7,
    auth: [{ type: "magic" }],
    actions: [{ key: "A B", name: "", method: "HEAD", path: "x", input: { type: "strange" } }],
  };
  const error: unknown = await define("yard", wrong).catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: "invalid_request" });
  const errors = error instanceof Error && "errors" in error && Array.isArray(error.errors) ? error.errors : [];
  const pointers = errors.map(({ pointer }) => pointer);
  expect(pointers).toEqual(
    expect.arrayContaining([
      "/definition/colour",
      "/definition/base_url",
      "/definition/actions/0/key",
      "/definition/actions/0/path",
    ]),
  );
  expect(JSON.stringify(errors)).not.toMatch(/zod|expected string, received|Invalid input/i);
  await expect(
    define("yard", { actions: [{ key: "a", name: "A", method: "GET", path: "/a", input: { type: "strange" } }] }),
  ).rejects.toMatchObject({ errors: [{ pointer: "/definition/actions/0/input", code: "schema_invalid" }] });
});

it("says which workspace secrets it uses", async () => {
  const { define, within } = await here();
  const { id } = await define("yard", {
    headers: { "X-Team": "{{workspace.team}}" },
    actions: [
      {
        key: "a",
        name: "A",
        method: "POST",
        path: "/a",
        query: { k: "{{workspace.key}}" },
        body: { kind: "json", fixed: { a: ["{{ workspace.deep }}"] } },
      },
    ],
  });
  const user = [{ kind: "provider", id, name: "Yard API" }];
  expect(Object.fromEntries(await within(findSecretUsers))).toEqual({ team: user, key: user, deep: user });
});

describe("SR-72 an OpenAPI document", () => {
  const text = readFileSync(fileURLToPath(import.meta.resolve("@readme/oas-examples/3.1/yaml/readme.yaml")), "utf8");

  it("becomes a draft that can be saved, and only its reading is in the audit log", async () => {
    const { deps, caller, audited, workspace, within } = await here();
    const { definition: draft, report } = await importOpenapi(deps, caller, text);
    expect(report.actions).toBe(54);
    expect((await listCustomProviders(deps, workspace, { limit: 10 })).items).toEqual([]);
    expect(await audited()).toMatchObject([{ action: "provider.openapi_read", after: { actions: 54 } }]);
    await createProvider(deps, caller, { name: "readme", definition: draft, active: true });
    const found = await within((tx) => findProvider(tx, lookup, "custom-readme", false));
    expect(Object.keys(found?.provider.actions ?? {})).toHaveLength(54);
  });

  it("that is none, or too much, is refused in words", async () => {
    const { deps, caller } = await here();
    for (const wrong of ["just a text", '{"swagger":"2.0"}', `{"a":`.repeat(50_000)]) {
      await expect(importOpenapi(deps, caller, wrong)).rejects.toMatchObject({
        code: "invalid_request",
        errors: [{ pointer: "/text" }],
      });
    }
  });

  it("is not waited for by whoever has left", async () => {
    const { deps, caller } = await here();
    const leaving = AbortSignal.abort(new Error("left"));
    await expect(importOpenapi(deps, { ...caller, signal: leaving }, text)).rejects.toThrow("left");
  });
});

it("SR-72 while the largest definitions are checked, others have their turn", async () => {
  const { deps } = await here();
  const properties = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`field_${at}`, { type: "string", maxLength: 100 }]),
  );
  const actions = Array.from({ length: 2000 }, (_, at) => ({
    key: `action_${at}`,
    name: `Action ${at}`,
    method: "POST",
    path: `/items/{id}/things_${at}`,
    parameters: [{ name: "id", in: "path" }],
    body: { kind: "json" },
    input: { type: "object", properties: { id: { type: "string" }, ...properties } },
  }));
  let turns = 0;
  let ended = false;
  const others = async () => {
    while (!ended) {
      await setImmediate();
      turns++;
    }
  };
  const waiting = others();
  await validateDefinition(deps, definition({ actions }));
  ended = true;
  await waiting;
  expect(turns).toBeGreaterThan(3);
});
