import { Kysely, PostgresDialect, WithSchemaPlugin } from "kysely";
import pg from "pg";
import type {
  IdentityAccount,
  IdentitySession,
  IdentitySignInFailures,
  IdentityUser,
  IdentityVerification,
} from "./types.ts";

/** The tables of schema `identity`: people, their sessions and how they sign in. */
export interface AuthTables {
  user: IdentityUser;
  session: IdentitySession;
  account: IdentityAccount;
  verification: IdentityVerification;
  sign_in_failures: IdentitySignInFailures;
}

/** The connections of sign-in. Their role sees schema `identity` and nothing of any workspace. */
export interface AuthDatabase {
  readonly kysely: Kysely<AuthTables>;
  close(): Promise<void>;
}

/** Opens the connections of sign-in. `authUrl` must name its role, which owns nothing and sees no workspace (SR-58). */
export function openAuthDatabase({ authUrl, maxConnections = 4 }: { authUrl: string; maxConnections?: number }) {
  const pool = new pg.Pool({
    connectionString: authUrl,
    application_name: "hawser sign-in",
    // The server has its own (roles.ts); this one also holds where an administrator has made the role.
    query_timeout: 30_000,
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that dies while idle is replaced at the next use; without a listener it would end the process.
  pool.on("error", () => {});
  // So would one that dies in use; its queries fail by themselves.
  pool.on("connect", (client) => client.on("error", () => {}));
  const kysely = new Kysely<AuthTables>({
    dialect: new PostgresDialect({ pool }),
    // Behind a pooler a connection has no search path of ours.
    plugins: [new WithSchemaPlugin("identity")],
  });
  return { kysely, close: () => kysely.destroy() } satisfies AuthDatabase;
}
