// Three roles with as little as each needs: the owner (migrations), the application, sign-in (SR-58).
import pg from "pg";
import { scramVerifier } from "./scram.ts";

export interface RoleUrls {
  /** For role hawser_app, or the operator's own choice. */
  appUrl: string;
  /** For role hawser_auth, or the operator's own choice. */
  authUrl: string;
}

/**
 * Where the application and sign-in connect. Their passwords are derived from the owner's, so that every process that
 * was given the same DATABASE_URL finds the same ones and nothing has to be stored.
 *
 * @param chosen addresses the operator has given, which go before derived ones
 * @throws Error when the owner's address has no password to derive from and an address is missing
 */
export async function roleUrls(ownerUrl: string, chosen: Partial<RoleUrls> = {}): Promise<RoleUrls> {
  return {
    appUrl: chosen.appUrl ?? (await urlFor(ownerUrl, "hawser_app")),
    authUrl: chosen.authUrl ?? (await urlFor(ownerUrl, "hawser_auth")),
  };
}

/**
 * Makes sure that the application's roles exist, can sign in and can do no more than they should. Any number of
 * processes and databases of one cluster may do it at once.
 *
 * @throws Error with the SQL to run by hand when the owner may not create roles
 */
export async function ensureRoles(ownerUrl: string, urls: RoleUrls): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    for (const url of [urls.appUrl, urls.authUrl]) await ensureRole(owner, url);
  } finally {
    await owner.end();
  }
}

/** A password that only who knows `secret` can find, one for each role (HKDF-SHA256). */
export async function derivePassword(secret: string, role: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(role) };
  const bits = await crypto.subtle.deriveBits(parameters, key, 256);
  return new Uint8Array(bits).toBase64({ alphabet: "base64url", omitPadding: true });
}

async function urlFor(ownerUrl: string, role: string): Promise<string> {
  const url = new URL(ownerUrl);
  if (!url.password) {
    throw new Error(
      `The database address has no password to derive that of ${role} from. Give the addresses of hawser_app and hawser_auth too.`,
    );
  }
  const owner = decodeURIComponent(url.username);
  url.password = await derivePassword(decodeURIComponent(url.password), role);
  url.username = role + owner.slice(roleName(owner).length);
  return url.href;
}

/** The role that an address signs in as. */
export const roleOf = (url: string): string => roleName(decodeURIComponent(new URL(url).username));

/** Supabase's shared pooler wants the project behind the role: `hawser_app.abcdefghijklmnopqrst`. */
const roleName = (user: string): string => user.replace(/\.[a-z]{20}$/, "");

async function ensureRole(owner: pg.Client, url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await owner.query("begin");
      // Processes that share a database wait for each other. Roles belong to the whole cluster though, so another
      // database can still be at it at the same moment, and then one of us has to look again.
      await owner.query("select pg_advisory_xact_lock(hashtextextended('hawser roles', 0))");
      await createOrCorrect(owner, url);
      await owner.query("commit");
      return;
    } catch (error) {
      await owner.query("rollback");
      if (!madeMeanwhile.has(codeOf(error) ?? "") || attempt === 20) throw error;
    }
  }
}

async function createOrCorrect(owner: pg.Client, url: string): Promise<void> {
  const role = roleOf(url);
  const password = decodeURIComponent(new URL(url).password);
  const before = await findRole(owner, role);
  if (before) refuseTooMuch(role, before);
  if (before?.rolcanlogin && (await canSignIn(url))) return limitStatements(owner, role, before);

  const name = pg.escapeIdentifier(role);
  const limits = "login nosuperuser nocreatedb nocreaterole nobypassrls";
  const secret = password ? ` password ${pg.escapeLiteral(await scramVerifier(password))}` : "";
  try {
    await owner.query(before ? `alter role ${name} login${secret}` : `create role ${name} ${limits}${secret}`);
  } catch (error) {
    if (codeOf(error) !== insufficientPrivilege) throw error;
    throw new Error(
      `This database user may not ${before ? "change" : "create"} the role ${role}. Let an administrator of the server run, ` +
        `with a password of your choice, and give Hawser the role's address:\n  ${before ? "alter" : "create"} role ${name} ${limits} password '…';`,
      { cause: error },
    );
  }
  await limitStatements(owner, role, before);
}

/** No statement of the role runs for ever (SR-72), behind a pooler too. Where it may not be set the driver gives up. */
async function limitStatements(owner: pg.Client, role: string, has: Role | undefined): Promise<void> {
  if (has?.rolconfig?.some((setting) => setting.startsWith("statement_timeout="))) return;
  await owner.query("savepoint limited");
  try {
    await owner.query(`alter role ${pg.escapeIdentifier(role)} set statement_timeout = '30s'`);
  } catch (error) {
    if (codeOf(error) !== insufficientPrivilege) throw error;
    await owner.query("rollback to savepoint limited");
  }
}

interface Role {
  rolconfig: string[] | null;
  rolcanlogin: boolean;
  rolsuper: boolean;
  rolbypassrls: boolean;
  rolcreaterole: boolean;
  rolcreatedb: boolean;
}

async function findRole(owner: pg.Client, role: string): Promise<Role | undefined> {
  const found = await owner.query<Role>(
    "select rolconfig, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = $1",
    [role],
  );
  return found.rows[0];
}

function refuseTooMuch(role: string, has: Role): void {
  if (!has.rolsuper && !has.rolbypassrls && !has.rolcreaterole && !has.rolcreatedb) return;
  throw new Error(
    `The role ${role} may do more than the application should: row security would not hold. Let an administrator run:\n` +
      `  alter role ${pg.escapeIdentifier(role)} nosuperuser nobypassrls nocreaterole nocreatedb;`,
  );
}

async function canSignIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = codeOf(error);
    // Wrong password, or no way in for this role: what the owner can put right. Anything else is not about the role.
    if (code === "28P01" || code === "28000") return false;
    throw error;
  } finally {
    await client.end();
  }
}

const insufficientPrivilege = "42501";
/** duplicate_object, unique_violation, and "tuple concurrently updated", which has no code of its own. */
const madeMeanwhile = new Set(["42710", "23505", "XX000"]);

const codeOf = (error: unknown) => (error instanceof pg.DatabaseError ? error.code : undefined);
