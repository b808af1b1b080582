import { Kysely, PostgresDialect } from "kysely";
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
    options: "-c search_path=identity -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000",
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that dies while idle is replaced at the next use; without a listener it would end the process.
  pool.on("error", () => {});
  // So would one that dies in use; its queries fail by themselves.
  pool.on("connect", (client) => client.on("error", () => {}));
  const kysely = new Kysely<AuthTables>({ dialect: new PostgresDialect({ pool }) });
  return { kysely, close: () => kysely.destroy() } satisfies AuthDatabase;
}
