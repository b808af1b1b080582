import type { ConnectionId } from "#core/ids.ts";
import type { ClientAuthentication } from "#core/token-answer.ts";
import type { WorkspaceTx } from "#db/database.ts";

/** All that is needed to tell a provider of a token that was given up, but for the secrets. */
export interface RevocationEndpoint extends ClientAuthentication {
  url: string;
  hint: "refresh_token" | "access_token";
  clientId: string;
}

export interface Revocation {
  id: string;
  connection: ConnectionId;
  provider: string;
  endpoint: RevocationEndpoint;
  /** Ciphertexts. */
  token: string;
  clientSecret: string | null;
}

export async function insertRevocation(tx: WorkspaceTx, made: Revocation): Promise<void> {
  await tx.sql`
    insert into revocations (workspace_id, id, connection_id, provider, endpoint, token, client_secret)
    values (${tx.workspace}, ${made.id}, ${made.connection}, ${made.provider}, ${JSON.stringify(made.endpoint)}::jsonb,
            ${made.token}, ${made.clientSecret})`;
}

export interface RevocationAtWork extends Revocation {
  attempts: number;
  ageMs: number;
}

/** A revocation that is due, and put off by so many seconds, so that nobody else takes it meanwhile. */
export async function takeRevocation(
  tx: WorkspaceTx,
  id: string,
  forSeconds: number,
): Promise<RevocationAtWork | undefined> {
  const [row] = await tx.sql<{
    connection_id: ConnectionId;
    provider: string;
    endpoint: RevocationEndpoint;
    token: string;
    client_secret: string | null;
    attempts: number;
    age_ms: number;
  }>`
    update revocations
       set attempts = attempts + 1, next_at = clock_timestamp() + make_interval(secs => ${forSeconds})
     where id = ${id} and next_at <= clock_timestamp()
    returning connection_id, provider, endpoint, token, client_secret, attempts,
              (extract(epoch from clock_timestamp() - created_at) * 1000)::float8 as age_ms`;
  return (
    row && {
      id,
      connection: row.connection_id,
      provider: row.provider,
      endpoint: row.endpoint,
      token: row.token,
      clientSecret: row.client_secret,
      attempts: row.attempts,
      ageMs: row.age_ms,
    }
  );
}

export async function putOffRevocation(
  tx: WorkspaceTx,
  id: string,
  { inMs, notBefore }: { inMs: number; notBefore: Date | undefined },
): Promise<void> {
  await tx.sql`
    update revocations
       set next_at = greatest(clock_timestamp() + make_interval(secs => ${inMs / 1000}), ${notBefore ?? null}::timestamptz)
     where id = ${id}`;
}

export async function deleteRevocation(tx: WorkspaceTx, id: string): Promise<void> {
  await tx.sql`delete from revocations where id = ${id}`;
}
