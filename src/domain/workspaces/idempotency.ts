/** A request that is repeated with the same key is done once, and answered the same every time (SR-79). */
import { AppError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";

/** Keeps the reply of a request that has an idempotency key, in the transaction of its effect. */
export type Complete<Reply> = (tx: WorkspaceTx, reply: Reply) => Promise<void>;

export interface KeyedRequest {
  workspace: WorkspaceId;
  route: string;
  key: string;
  /** Of everything that makes this request what it is; keyed, as there may be a secret in it. */
  hash: Uint8Array;
}

export interface Claim {
  request: KeyedRequest;
  /** Which claim this is, should another one take its place. */
  since: string;
}

export type Claimed = { state: "claimed"; claim: Claim } | { state: "done"; status: number; reply: unknown };

/** A process that died with a request leaves its claim; after this long the request may be tried again. */
const abandonedAfterMinutes = 2;

/**
 * Claims a key before the work begins.
 *
 * @throws AppError `idempotency_key_reused` for another request, `idempotency_in_progress` while the first one runs
 */
export async function claimKey({ db }: { db: Database }, request: KeyedRequest): Promise<Claimed> {
  const { workspace, route, key, hash } = request;
  return db.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`delete from idempotency_keys where workspace_id = ${workspace} and created_at < now() - interval '2 days'`;
    const [claimed] = await tx.sql<{ since: string }>`
      insert into idempotency_keys as k (workspace_id, route, key, request_hash)
      values (${workspace}, ${route}, ${key}, ${hash})
          on conflict (workspace_id, route, key) do update set created_at = clock_timestamp()
       where k.request_hash = excluded.request_hash and k.status is null
         and k.created_at < now() - make_interval(mins => ${abandonedAfterMinutes})
      returning created_at::text as since`;
    if (claimed) return { state: "claimed", claim: { request, since: claimed.since } };

    const [kept] = await tx.sql<{ same: boolean; status: number | null; response: unknown }>`
      select request_hash = ${hash} as same, status, response from idempotency_keys where route = ${route} and key = ${key}`;
    if (kept && !kept.same) {
      throw new AppError("idempotency_key_reused", "This Idempotency-Key was used for another request.");
    }
    if (kept?.status == null) {
      throw new AppError("idempotency_in_progress", "The first request with this Idempotency-Key is still at work.", {
        retryAfterS: 1,
      });
    }
    return { state: "done", status: kept.status, reply: kept.response };
  });
}

/**
 * Keeps the reply in the transaction of the effect. Throws, and so takes the effect back, when the claim is no longer
 * ours: somebody else has taken the request up.
 */
export async function completeClaim(tx: WorkspaceTx, { request, since }: Claim, status: number, reply: unknown) {
  const kept = await tx.sql`
    update idempotency_keys set status = ${status}, response = ${JSON.stringify(reply ?? null)}
     where route = ${request.route} and key = ${request.key} and status is null and created_at = ${since}::timestamptz
    returning key`;
  if (kept.length === 0) {
    throw new AppError("idempotency_in_progress", "Another request with this Idempotency-Key was faster.", {
      retryAfterS: 1,
    });
  }
}

/** Gives a key back after a refusal: what was refused has no effect, and may be tried again. */
export async function releaseClaim({ db }: { db: Database }, { request, since }: Claim): Promise<void> {
  await db.asWorkspace(
    { workspace: request.workspace },
    (tx) => tx.sql`
      delete from idempotency_keys
       where route = ${request.route} and key = ${request.key} and status is null and created_at = ${since}::timestamptz`,
  );
}
