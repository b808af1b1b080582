import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { TokenFacts, TokenState, TokenTrouble } from "./token-state.ts";

interface StateRow {
  now: Date;
  version: string | null;
  has_access: boolean;
  has_refresh: boolean;
  client_id: string | null;
  token_url: string;
  origins: string[];
  scopes: string[];
  granted_at: Date;
  obtained_at: Date;
  expires_at: Date | null;
  refresh_expires_at: Date | null;
  renew_at: Date | null;
  failures: number;
  failing_since: Date | null;
  retry_at: Date | null;
  failure: TokenTrouble | null;
  epoch: string | null;
  held_until: Date | null;
  intent_version: string | null;
  intent_at: string | null;
  intent_age_ms: number | null;
}

/** What a call is signed with, and whether it still may be; no more than that, as it is read for each call. */
export async function findTokenForCall(
  tx: WorkspaceTx,
  id: ConnectionId,
): Promise<
  | (Pick<TokenFacts, "version" | "origins" | "grantedAt" | "obtainedAt" | "expiresAt"> & {
      now: Date;
      /** Ciphertext. */
      accessToken: string | undefined;
    })
  | undefined
> {
  const [row] = await tx.sql<{
    now: Date;
    version: string;
    access_token: string | null;
    origins: string[];
    granted_at: Date;
    obtained_at: Date;
    expires_at: Date | null;
  }>`
    select clock_timestamp() as now, version, access_token, origins, granted_at, obtained_at, expires_at
      from token_sets where connection_id = ${id}`;
  return (
    row && {
      now: row.now,
      version: row.version,
      accessToken: row.access_token ?? undefined,
      origins: row.origins,
      grantedAt: row.granted_at,
      obtainedAt: row.obtained_at,
      expiresAt: row.expires_at ?? undefined,
    }
  );
}

/** Everything that decides what is done about a connection's tokens, as it is now. */
export async function readTokenState(tx: WorkspaceTx, id: ConnectionId): Promise<TokenState> {
  const [row] = await tx.sql<StateRow>`
    select clock_timestamp() as now, t.version, t.access_token is not null as has_access,
           t.refresh_token is not null as has_refresh, t.client_id, t.token_url, t.origins, t.scopes, t.granted_at,
           t.obtained_at, t.expires_at, t.refresh_expires_at, t.renew_at, t.failures, t.failing_since, t.retry_at,
           t.failure, l.epoch, l.expires_at as held_until, l.intent_version, l.intent_at::text as intent_at,
           (extract(epoch from clock_timestamp() - l.intent_at) * 1000)::float8 as intent_age_ms
      from (select ${id}::uuid as id) as wanted
      left join token_sets t on t.connection_id = wanted.id
      left join token_leases l on l.connection_id = wanted.id`;
  if (!row) throw new Error("a query without a where clause found nothing");
  return toState(row);
}

function toState(row: StateRow): TokenState {
  const { version, epoch, intent_version, intent_at, intent_age_ms } = row;
  return {
    now: row.now,
    tokens:
      version === null
        ? undefined
        : {
            version,
            hasAccess: row.has_access,
            hasRefresh: row.has_refresh,
            clientId: row.client_id ?? undefined,
            tokenUrl: row.token_url,
            origins: row.origins,
            scopes: row.scopes,
            grantedAt: row.granted_at,
            obtainedAt: row.obtained_at,
            expiresAt: row.expires_at ?? undefined,
            refreshExpiresAt: row.refresh_expires_at ?? undefined,
            renewAt: row.renew_at ?? undefined,
            failures: row.failures,
            failingSince: row.failing_since ?? undefined,
            retryAt: row.retry_at ?? undefined,
            failure: row.failure ?? undefined,
          },
    lease:
      epoch === null
        ? undefined
        : {
            epoch,
            heldUntil: row.held_until ?? undefined,
            intent:
              intent_version !== null && intent_at !== null && intent_age_ms !== null
                ? { version: intent_version, at: intent_at, ageMs: intent_age_ms }
                : undefined,
          },
  };
}

/** The ciphertexts; an access token is missing while none could be obtained. */
export async function findSealedTokens(
  tx: WorkspaceTx,
  id: ConnectionId,
): Promise<{ access_token: string | null; refresh_token: string | null } | undefined> {
  const [row] = await tx.sql<{ access_token: string | null; refresh_token: string | null }>`
    select access_token, refresh_token from token_sets where connection_id = ${id}`;
  return row;
}

export interface TokenWrite {
  accessToken: string;
  /** Absent: the one that is there stays. `null`: there is none any more. */
  refreshToken: string | null | undefined;
  scopes: readonly string[];
  clientId: string | null;
  tokenUrl: string;
  origins: readonly string[];
  grantedAt: Date;
  obtainedAt: Date;
  expiresAt: Date | undefined;
  refreshExpiresAt: Date | undefined;
  idleExpiresAt: Date | undefined;
  renewAt: Date | undefined;
}

export async function writeTokens(tx: WorkspaceTx, id: ConnectionId, made: TokenWrite): Promise<void> {
  const keepsRefresh = made.refreshToken === undefined;
  await tx.sql`
    insert into token_sets as t (workspace_id, connection_id, access_token, refresh_token, scopes, client_id, token_url,
           origins, granted_at, obtained_at, expires_at, refresh_expires_at, idle_expires_at, renew_at)
    values (${tx.workspace}, ${id}, ${made.accessToken}, ${made.refreshToken ?? null}, ${made.scopes}, ${made.clientId},
            ${made.tokenUrl}, ${made.origins}, ${made.grantedAt}, ${made.obtainedAt}, ${made.expiresAt ?? null},
            ${made.refreshExpiresAt ?? null}, ${made.idleExpiresAt ?? null}, ${made.renewAt ?? null})
    on conflict (workspace_id, connection_id) do update
       set version = t.version + 1, access_token = excluded.access_token,
           refresh_token = case when ${keepsRefresh} then t.refresh_token else excluded.refresh_token end,
           scopes = excluded.scopes, client_id = excluded.client_id, token_url = excluded.token_url,
           origins = excluded.origins, granted_at = excluded.granted_at, obtained_at = excluded.obtained_at,
           expires_at = excluded.expires_at, refresh_expires_at = excluded.refresh_expires_at,
           idle_expires_at = excluded.idle_expires_at, renew_at = excluded.renew_at, failures = 0,
           failing_since = null, retry_at = null, failure = null`;
}

/** A row to note failures in, for a way to sign in whose first token could not be had yet. */
export async function insertWithoutToken(
  tx: WorkspaceTx,
  id: ConnectionId,
  about: { tokenUrl: string; origins: readonly string[] },
): Promise<void> {
  await tx.sql`
    insert into token_sets (workspace_id, connection_id, version, token_url, origins)
    values (${tx.workspace}, ${id}, 0, ${about.tokenUrl}, ${about.origins})
    on conflict (workspace_id, connection_id) do nothing`;
}

export async function writeTrouble(
  tx: WorkspaceTx,
  id: ConnectionId,
  trouble: TokenTrouble,
  retryAt: Date,
): Promise<void> {
  await tx.sql`
    update token_sets
       set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()), retry_at = ${retryAt},
           failure = ${JSON.stringify(trouble)}::jsonb,
           renew_at = case when ${trouble.kind === "reauthorize"} then null else renew_at end
     where connection_id = ${id}`;
}

/** Should the provider refuse the token next time, it is said that an answer may have been lost. */
export async function leaveDoubt(tx: WorkspaceTx, id: ConnectionId, now: Date): Promise<void> {
  const doubt: TokenTrouble = {
    kind: "unavailable",
    message: "An answer came late.",
    at: now.toISOString(),
    unclear: true,
  };
  await tx.sql`update token_sets set failure = ${JSON.stringify(doubt)}::jsonb where connection_id = ${id}`;
}

export async function writeRenewAt(tx: WorkspaceTx, id: ConnectionId, at: Date | undefined): Promise<void> {
  await tx.sql`update token_sets set renew_at = ${at ?? null} where connection_id = ${id}`;
}

/** Later, where nothing else says when: what failed at the provider has a time of its own. */
export async function putOffRenewal(tx: WorkspaceTx, id: ConnectionId, seconds: number): Promise<void> {
  await tx.sql`
    update token_sets set renew_at = clock_timestamp() + make_interval(secs => ${seconds})
     where connection_id = ${id} and renew_at <= clock_timestamp()
       and (retry_at is null or retry_at <= clock_timestamp())`;
}

/** What a renewal is planned from, and whether the credential was used within the last hour. */
export async function findRenewal(
  tx: WorkspaceTx,
  id: ConnectionId,
): Promise<
  | {
      now: Date;
      obtainedAt: Date;
      expiresAt: Date | undefined;
      idleExpiresAt: Date | undefined;
      renewable: boolean;
      inUse: boolean;
    }
  | undefined
> {
  const [row] = await tx.sql<{
    now: Date;
    obtained_at: Date;
    expires_at: Date | null;
    idle_expires_at: Date | null;
    renewable: boolean;
    in_use: boolean;
  }>`
    select clock_timestamp() as now, t.obtained_at, t.expires_at, t.idle_expires_at, t.refresh_token is not null as renewable,
           exists (select from credential_uses u
                    where u.connection_id = t.connection_id and u.last_at > clock_timestamp() - interval '1 hour'
                      and u.purpose not in ('connection check', 'token renewal')) as in_use
      from token_sets t where t.connection_id = ${id}`;
  return (
    row && {
      now: row.now,
      obtainedAt: row.obtained_at,
      expiresAt: row.expires_at ?? undefined,
      idleExpiresAt: row.idle_expires_at ?? undefined,
      renewable: row.renewable,
      inUse: row.in_use,
    }
  );
}

/** Whether another connection lives on tokens of the same account. */
export async function isAccountElsewhere(
  tx: WorkspaceTx,
  { id, provider, sandbox }: { id: ConnectionId; provider: string; sandbox: boolean },
  account: string,
): Promise<boolean> {
  const found = await tx.sql`
    select 1 as one from connections c join token_sets t on t.connection_id = c.id
     where c.provider = ${provider} and c.sandbox = ${sandbox} and c.account_id = ${account} and c.id <> ${id}
       and c.deleted_at is null
     limit 1`;
  return found.length > 0;
}

export async function deleteTokens(tx: WorkspaceTx, id: ConnectionId): Promise<void> {
  await tx.sql`delete from token_sets where connection_id = ${id}`;
}

/** The OAuth client is another one, or has another secret: what failed is tried again at once, with it. */
export async function retryAtOnce(tx: WorkspaceTx, provider: string): Promise<void> {
  await tx.sql`
    update token_sets set retry_at = null
     where retry_at is not null
       and connection_id in (select id from connections where provider = ${provider} and not sandbox and deleted_at is null)`;
}

export async function mergeKept(
  tx: WorkspaceTx,
  id: ConnectionId,
  kept: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(kept).length === 0) return;
  await tx.sql`update connections set kept = kept || ${JSON.stringify(kept)}::jsonb where id = ${id}`;
}
