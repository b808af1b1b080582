import type { ConnectionId, UserId, WorkspaceId } from "#core/ids.ts";
import type { GlobalTx, WorkspaceTx } from "#db/database.ts";
import type { Flow, FlowEndpoints, Outcome, ReturnTo } from "./flow.ts";

export interface NewFlow extends Omit<Flow, "verifier"> {
  stateHash: Uint8Array;
  sessionHash: Uint8Array;
  user: UserId;
  verifier: string | null;
}

/** When it expires; nothing when the person has `most` that are under way. */
export async function insertFlow(
  tx: WorkspaceTx,
  made: NewFlow,
  limits: { most: number; lifeS: number },
): Promise<Date | undefined> {
  const [row] = await tx.sql<{ expires_at: Date }>`
    insert into connect_flows (workspace_id, id, connection_id, state_hash, user_id, session_hash, provider,
           provider_fingerprint, endpoints, redirect_uri, verifier, scopes, other_account, return_to, expires_at)
    select ${tx.workspace}, ${made.id}, ${made.connection}, ${made.stateHash}::bytea, ${made.user},
           ${made.sessionHash}::bytea, ${made.place}, ${made.providerFingerprint},
           ${JSON.stringify(made.endpoints)}::jsonb, ${made.redirectUri}, ${made.verifier}, ${made.scopes},
           ${made.otherAccount}, ${made.returnTo}, clock_timestamp() + make_interval(secs => ${limits.lifeS})
     where (select count(*) from connect_flows
             where user_id = ${made.user} and taken_at is null and expires_at > clock_timestamp()) < ${limits.most}
    returning expires_at`;
  return row?.expires_at;
}

/** Those that ended long ago; how they ended is in the audit log. */
export async function deleteOldFlows(tx: WorkspaceTx): Promise<void> {
  await tx.sql`delete from connect_flows where expires_at < clock_timestamp() - interval '1 day'`;
}

/** Where the flow with this state is, ended or not. */
export async function locateFlow(
  tx: GlobalTx,
  stateHash: Uint8Array,
): Promise<{ workspace: WorkspaceId; id: string } | undefined> {
  const [row] = await tx.sql<{ workspace_id: WorkspaceId; id: string }>`
    select workspace_id, id from find_connect_flow(${stateHash}::bytea)`;
  return row && { workspace: row.workspace_id, id: row.id };
}

interface FlowRow {
  id: string;
  connection_id: ConnectionId;
  provider: string;
  provider_fingerprint: string;
  endpoints: FlowEndpoints;
  redirect_uri: string;
  verifier: string | null;
  scopes: string[];
  other_account: boolean;
  return_to: ReturnTo;
  alive: boolean;
}

/**
 * Takes a flow, once over all processes (SR-34), for the browser session it began in; nothing when somebody has taken it
 * or it is another session's. `alive` is false for one whose time is over.
 */
export async function takeFlow(
  tx: WorkspaceTx,
  id: string,
  by: { user: UserId; sessionHash: Uint8Array },
): Promise<{ flow: Flow; alive: boolean } | undefined> {
  const [row] = await tx.sql<FlowRow>`
    update connect_flows set taken_at = clock_timestamp()
     where id = ${id} and taken_at is null and user_id = ${by.user} and session_hash = ${by.sessionHash}::bytea
    returning id, connection_id, provider, provider_fingerprint, endpoints, redirect_uri, verifier, scopes, other_account,
              return_to, expires_at > clock_timestamp() as alive`;
  return (
    row && {
      alive: row.alive,
      flow: {
        id: row.id,
        connection: row.connection_id,
        place: row.provider,
        providerFingerprint: row.provider_fingerprint,
        endpoints: row.endpoints,
        redirectUri: row.redirect_uri,
        verifier: row.verifier ?? undefined,
        scopes: row.scopes,
        otherAccount: row.other_account,
        returnTo: row.return_to,
      },
    }
  );
}

/** The connection of a flow that this browser session began, ended or not. */
export async function findOwnFlow(
  tx: WorkspaceTx,
  id: string,
  by: { user: UserId; sessionHash: Uint8Array },
): Promise<ConnectionId | undefined> {
  const [row] = await tx.sql<{ connection_id: ConnectionId }>`
    select connection_id from connect_flows
     where id = ${id} and user_id = ${by.user} and session_hash = ${by.sessionHash}::bytea`;
  return row?.connection_id;
}

/** False when it was ended from outside, by a disconnect. */
export async function writeOutcome(tx: WorkspaceTx, id: string, outcome: Outcome): Promise<boolean> {
  const written = await tx.sql`
    update connect_flows set outcome = ${outcome}, verifier = null where id = ${id} and outcome is null
    returning 1 as one`;
  return written.length > 0;
}

/** Nobody who is on the way comes to an end with this connection any more. */
export async function endFlows(tx: WorkspaceTx, connection: ConnectionId): Promise<void> {
  await tx.sql`
    update connect_flows
       set taken_at = coalesce(taken_at, clock_timestamp()), outcome = 'ended', verifier = null
     where connection_id = ${connection} and outcome is null`;
}
