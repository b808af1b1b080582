import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { derivePassword, ensureRoles, roleOf, roleUrls } from "./roles.ts";

let test: TestDatabase;
let superuser: pg.Client;

beforeAll(async () => {
  test = await testDatabase();
  superuser = await test.superuser();
});
afterAll(() => test.close());

/** Addresses for two roles that no other test file uses: roles belong to the whole cluster. */
async function newRoles(): Promise<{ appUrl: string; authUrl: string; names: string[] }> {
  const names = ["app", "auth"].map((part) => `${part}_${crypto.randomUUID().replaceAll("-", "")}`);
  const [appUrl, authUrl] = names.map((name) => {
    const url = new URL(test.ownerUrl);
    url.username = name;
    url.password = "a password / with : odd @ characters";
    return url.href;
  });
  return { appUrl: appUrl!, authUrl: authUrl!, names };
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it("SR-58 gives the application and sign-in roles that own nothing and cannot step over row security", async () => {
  const { appUrl, authUrl, names } = await newRoles();

  await ensureRoles(test.ownerUrl, { appUrl, authUrl });

  const attributes = await superuser.query(
    "select rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication from pg_roles where rolname = any ($1)",
    [names],
  );
  const least = {
    rolcanlogin: true,
    rolsuper: false,
    rolcreatedb: false,
    rolcreaterole: false,
    rolbypassrls: false,
    rolreplication: false,
  };
  expect(attributes.rows).toEqual([least, least]);
  expect(await query(appUrl, "select current_user as me")).toEqual([{ me: names[0] }]);
  expect(await query(authUrl, "select current_user as me")).toEqual([{ me: names[1] }]);
});

it("can be done by many processes of many databases at once", async () => {
  const other = await testDatabase();
  const { appUrl, authUrl } = await newRoles();

  const owners = Array.from({ length: 12 }, (_, index) => (index % 2 ? other.ownerUrl : test.ownerUrl));
  await Promise.all(owners.map((ownerUrl) => ensureRoles(ownerUrl, { appUrl, authUrl })));

  expect(await query(authUrl, "select 1 as here")).toEqual([{ here: 1 }]);
  await other.close();
});

it("sets a role's password again when the owner's has changed", async () => {
  const { appUrl, authUrl } = await newRoles();
  await ensureRoles(test.ownerUrl, { appUrl, authUrl });
  const changed = new URL(appUrl);
  changed.password = "another";

  await ensureRoles(test.ownerUrl, { appUrl: changed.href, authUrl });

  expect(await query(changed.href, "select 1 as here")).toEqual([{ here: 1 }]);
  await expect(query(appUrl, "select 1")).rejects.toThrow(/password authentication failed/);
});

it("SR-58 refuses an application role that may step over row security", async () => {
  const { appUrl, authUrl, names } = await newRoles();
  await superuser.query(`create role ${names[0]} login bypassrls`);

  await expect(ensureRoles(test.ownerUrl, { appUrl, authUrl })).rejects.toThrow(/alter role .* nobypassrls/);
});

it("goes on with roles that an administrator has made, and says what to run where they are missing", async () => {
  const { appUrl, authUrl, names } = await newRoles();
  const plain = await newRoles();
  await ensureRoles(test.ownerUrl, plain);
  const ownerWithoutRights = plain.appUrl;

  await expect(ensureRoles(ownerWithoutRights, { appUrl, authUrl })).rejects.toThrow(
    `create role "${names[0]}" login nosuperuser nocreatedb nocreaterole nobypassrls password`,
  );
  await ensureRoles(test.ownerUrl, { appUrl, authUrl });
  await ensureRoles(ownerWithoutRights, { appUrl, authUrl });
});

it("derives the same passwords wherever the owner's is known, and takes the operator's addresses first", async () => {
  const { appUrl, authUrl } = await roleUrls("postgresql://me:s%2Fcret@db.example:6543/hawser?sslmode=require");
  const app = new URL(appUrl);

  expect([app.username, app.host, app.pathname, app.search]).toEqual([
    "hawser_app",
    "db.example:6543",
    "/hawser",
    "?sslmode=require",
  ]);
  // HKDF-SHA256 (RFC 5869) without salt, computed with OpenSSL 3: a change would lock out every running installation.
  expect(app.password).toBe("LAzfACwuZuXcx73jr24cI6FdKjYnTIyykNrbJeZWAw0");
  expect(new URL(authUrl).password).not.toBe(app.password);

  const chosen = "postgresql://hawser_app:own@pool.example/hawser";
  expect(await roleUrls("postgresql://me:x@h/d", { appUrl: chosen })).toMatchObject({ appUrl: chosen });
  await expect(roleUrls("postgresql://me@h/d")).rejects.toThrow(/no password to derive/);
  expect(await derivePassword("a", "hawser_app")).not.toBe(await derivePassword("b", "hawser_app"));
});

it("names the project behind its roles, and not in the database, where a pooler wants it in the owner's name", async () => {
  const project = "abcdefghijklmnopqrst";
  const { appUrl, authUrl } = await roleUrls(`postgresql://postgres.${project}:secret@pool.example:6543/postgres`);

  expect([appUrl, authUrl].map((url) => new URL(url).username)).toEqual([
    `hawser_app.${project}`,
    `hawser_auth.${project}`,
  ]);
  expect([appUrl, authUrl, "postgresql://an.owner:x@h/d"].map(roleOf)).toEqual([
    "hawser_app",
    "hawser_auth",
    "an.owner",
  ]);
});

it("SR-72 gives its roles a time limit for statements that holds behind a pooler too", async () => {
  const { appUrl, authUrl } = await newRoles();
  await ensureRoles(test.ownerUrl, { appUrl, authUrl });

  for (const url of [appUrl, authUrl]) {
    expect(await query(url, "select current_setting('statement_timeout') as most")).toEqual([{ most: "30s" }]);
  }
});

it("never sends a password that a log of statements could keep", async () => {
  const other = await testDatabase();
  const { appUrl, authUrl, names } = await newRoles();
  // A server that is told a password stores it in this way; one that is told a verifier stores the verifier.
  await superuser.query(`alter database ${new URL(other.ownerUrl).pathname.slice(1)} set password_encryption = 'md5'`);

  await ensureRoles(other.ownerUrl, { appUrl, authUrl });

  const stored = await superuser.query("select rolpassword from pg_authid where rolname = any ($1)", [names]);
  expect(stored.rows.map((row) => row.rolpassword.slice(0, 19))).toEqual([
    "SCRAM-SHA-256$4096:",
    "SCRAM-SHA-256$4096:",
  ]);
  await other.close();
});
