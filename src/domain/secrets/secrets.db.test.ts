import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId, type SecretId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { createPolicy } from "#outbound/policy.ts";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { reveal } from "#vault/reveal.ts";
import { createVault, type SecretUse } from "#vault/seal.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { deleteSecret } from "./delete-secret.ts";
import { openSecrets } from "./open-secrets.ts";
import { checkSecretName, listSecrets } from "./read-secrets.ts";
import type { SecretsDeps, SecretUser } from "./secret.ts";
import { createSecret, setSecret } from "./set-secret.ts";

let db: TestDatabase;
let superuser: pg.Client;
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
});
afterAll(() => db.close());

const keyring = parseKeyFile({ path: "hawser.key", mode: 0o600, text: newKeyFileText(new Date()) });
const use: SecretUse = { actor: { user: newId<UserId>() }, purpose: "test" };
const canary = "canary-7b1f-value";
const origins = ["https://api.example.com"];

async function here() {
  const workspace = newId<WorkspaceId>();
  await superuser.query("insert into hawser.workspaces (id, name, slug, created_by) values ($1, 'test', $2, $3)", [
    workspace,
    `w-${workspace}`,
    newId(),
  ]);
  const users = new Map<string, SecretUser[]>();
  const deps: SecretsDeps = {
    database: db.database,
    vault: createVault({ keyring, onRefusal: () => {} }),
    policy: createPolicy(),
    secretUsers: async () => users,
  };
  const actor: Actor = { kind: "user", id: newId<UserId>(), label: "Ana" };
  const caller = { workspace, actor };
  const add = (name: string, value = canary) => createSecret(deps, caller, { name, description: "", value, origins });
  const open = (...names: string[]) =>
    db.database.asWorkspace({ workspace }, (tx) => openSecrets(tx, deps, names, use));
  return { workspace, deps, caller, users, add, open };
}

it("SR-7 tells everything of a secret but its value, in answers and in the audit log", async () => {
  const { deps, workspace, add } = await here();

  const made = await add("shop_key");

  expect(made).toMatchObject({ name: "shop_key", origins, lastUsedAt: undefined, usedIn: [] });
  expect(await listSecrets(deps, workspace)).toEqual([made]);
  const { rows } = await superuser.query(
    `select (select json_agg(s) from hawser.workspace_secrets s where workspace_id = $1)::text ||
            (select json_agg(a) from hawser.audit_entries a where workspace_id = $1)::text as all`,
    [workspace],
  );
  expect(rows[0].all).toContain("secret.created");
  expect(rows[0].all + JSON.stringify(made)).not.toContain(canary);
});

it("SR-25 opens by name, with the origins that outbound holds it to, and says when it was used", async () => {
  const { deps, workspace, add, open } = await here();
  await add("shop_key");
  await add("other", "another value");

  const { secrets, version } = await open("shop_key");

  const opened = secrets.get("shop_key");
  expect(opened && reveal(opened.secret)).toBe(canary);
  expect(opened?.origins).toEqual(origins);
  expect(secrets.size).toBe(1);
  expect(version).toMatch(/:1$/);
  const [other, shopKey] = await listSecrets(deps, workspace);
  expect([other?.lastUsedAt, shopKey?.lastUsedAt]).toEqual([undefined, expect.any(Date)]);
  await expect(open("shop_key", "shop-key")).rejects.toMatchObject({ code: "invalid_request" });
});

it("SR-56 opens and lists no secret of another workspace", async () => {
  const [mine, theirs] = [await here(), await here()];
  const { id } = await theirs.add("shop_key");

  await expect(mine.open("shop_key")).rejects.toMatchObject({ code: "invalid_request" });
  expect(await listSecrets(mine.deps, mine.workspace)).toEqual([]);
  await expect(setSecret(mine.deps, mine.caller, id, { value: "mine" })).rejects.toMatchObject({ code: "not_found" });
  await expect(deleteSecret(mine.deps, mine.caller, id)).rejects.toMatchObject({ code: "not_found" });
});

it("SR-6 takes exact public https origins only, and other ones only together with the value", async () => {
  const { deps, caller, add, open } = await here();
  const { id } = await add("shop_key");
  const wrong = [
    "api.example.com",
    "http://api.example.com",
    "https://api.example.com/v1",
    "https://api.example.com?x=1",
    "https://user:pass@api.example.com",
    "https://127.0.0.1",
    "https://localhost",
    "https://*.example.com",
    "ftp://api.example.com",
  ];
  for (const origin of wrong) {
    const taken = setSecret(deps, caller, id, { value: "a new value", origins: [origins[0] ?? "", origin] });
    await expect(taken, origin).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/origins/1" }],
    });
  }
  const withoutValue = setSecret(deps, caller, id, { origins: ["https://elsewhere.example.com"] });
  await expect(withoutValue).rejects.toMatchObject({ code: "invalid_request", errors: [{ pointer: "/value" }] });
  expect((await open("shop_key")).secrets.get("shop_key")?.origins).toEqual(origins);

  const moved = {
    value: "a new value",
    origins: ["https://elsewhere.example.com:443/", "https://Elsewhere.example.com"],
  };
  expect((await setSecret(deps, caller, id, moved)).origins).toEqual(["https://elsewhere.example.com"]);
});

it("replaces a value in place: another fingerprint, another version, the same name", async () => {
  const { deps, caller, add, open } = await here();
  const before = await add("shop_key");

  const after = await setSecret(deps, caller, before.id, { value: "the new value", description: "Of the shop" });

  expect(after.fingerprint).not.toBe(before.fingerprint);
  expect(after).toMatchObject({ id: before.id, name: "shop_key", description: "Of the shop", origins });
  const { secrets, version } = await open("shop_key");
  expect(version).toBe(`${before.id}:2`);
  const opened = secrets.get("shop_key");
  expect(opened && reveal(opened.secret)).toBe("the new value");
});

it("gives a name to one secret only", async () => {
  const { deps, workspace, add } = await here();
  const { id } = await add("shop_key");

  await expect(add("SHOP_key")).rejects.toMatchObject({ code: "name_taken", errors: [{ pointer: "/name" }] });
  expect(await checkSecretName(deps, workspace, "Shop_Key", undefined)).toBe(false);
  expect(await checkSecretName(deps, workspace, "shop_key", id)).toBe(true);
  const both = await Promise.allSettled([add("same"), add("same")]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "name_taken" } });
});

it("does not delete a secret that something refers to, and names it", async () => {
  const { deps, caller, workspace, users, add } = await here();
  const { id } = await add("shop_key");
  users.set("shop_key", [{ kind: "provider", id: "p", name: "Shop" }]);

  await expect(deleteSecret(deps, caller, id)).rejects.toMatchObject({
    code: "secret_in_use",
    message: expect.stringContaining('"Shop"'),
  });
  expect(await listSecrets(deps, workspace)).toMatchObject([{ usedIn: [{ name: "Shop" }] }]);

  users.clear();
  await deleteSecret(deps, caller, id);
  const { rows } = await superuser.query("select from hawser.workspace_secrets where workspace_id = $1", [workspace]);
  expect(rows).toEqual([]);
  await expect(deleteSecret(deps, caller, id)).rejects.toMatchObject({ code: "not_found" });
});

it("SR-3 does not open a value that was put into the row of another secret", async () => {
  const { add, open } = await here();
  const [one, other] = [await add("one"), await add("other")];
  const move = (from: SecretId, to: SecretId) =>
    superuser.query(
      "update hawser.workspace_secrets set sealed = (select sealed from hawser.workspace_secrets where id = $1) where id = $2",
      [from, to],
    );

  await move(one.id, other.id);

  await expect(open("other")).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("cannot be opened any more"),
  });
  expect((await open("one")).secrets.size).toBe(1);
});
