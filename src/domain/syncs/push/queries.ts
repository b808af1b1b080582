import type { ConnectionId, RemoteId, SyncId, WorkspaceId } from "#core/ids.ts";
import type { GlobalTx, WorkspaceTx } from "#db/database.ts";
import type { Subscription } from "#provider-kit/provider.ts";
import type { Failure } from "../sync.ts";
import type { Channel, LeasedChannel, Wish } from "./channel.ts";

interface ChannelRow {
  id: string;
  connection_id: ConnectionId;
  drive_id: RemoteId;
  account_id: string;
  address: string;
  state: Channel["state"];
  subscription_id: string | null;
  locator: string | null;
  expires_at: Date | null;
  next_at: Date | null;
  attempts: number;
  failing_since: Date | null;
  failure: Failure | null;
}

const toChannel = (row: ChannelRow): Channel => ({
  id: row.id,
  connection: row.connection_id,
  drive: row.drive_id,
  account: row.account_id,
  address: row.address,
  state: row.state,
  subscription:
    row.subscription_id === null
      ? undefined
      : {
          id: row.subscription_id,
          ...(row.locator !== null && { locator: row.locator }),
          ...(row.expires_at && { expiresAt: row.expires_at }),
        },
  nextAt: row.next_at ?? undefined,
  attempts: row.attempts,
  failingSince: row.failing_since ?? undefined,
  failure: row.failure ?? undefined,
});

/** The channel, when nobody else works on it. */
export async function leaseChannel(tx: WorkspaceTx, id: string, seconds: number): Promise<LeasedChannel | undefined> {
  const [row] = await tx.sql<ChannelRow & { epoch: string; now: Date; is_of_another_grant: boolean }>`
    update push_channels
       set epoch = epoch + 1, lease_until = clock_timestamp() + make_interval(secs => ${seconds})
     where id = ${id} and (lease_until is null or lease_until < clock_timestamp())
    returning id, connection_id, drive_id, account_id, address, state, subscription_id, locator, expires_at, next_at,
              attempts, failing_since, failure, epoch, clock_timestamp() as now,
              is_of_another_grant(workspace_id, connection_id, live_at) as is_of_another_grant`;
  return row && { ...toChannel(row), epoch: row.epoch, now: row.now, isOfAnotherGrant: row.is_of_another_grant };
}

type Leased = Pick<LeasedChannel, "id" | "epoch">;

export async function releaseChannel(tx: WorkspaceTx, { id, epoch }: Leased): Promise<void> {
  await tx.sql`update push_channels set lease_until = null where id = ${id} and epoch = ${epoch}`;
}

/** Whether it is still this process's; then nobody else takes it before the transaction ends. */
export async function holdChannel(tx: WorkspaceTx, { id, epoch }: Leased): Promise<boolean> {
  const held = await tx.sql`select 1 as one from push_channels where id = ${id} and epoch = ${epoch} for update`;
  return held.length > 0;
}

/** Who wants this drive with the account that the channel was made with. */
export async function findWish(
  tx: WorkspaceTx,
  { connection, drive, account }: Pick<Channel, "connection" | "drive" | "account">,
): Promise<Wish | undefined> {
  const [row] = await tx.sql<{ provider: string; sandbox: boolean }>`
    select provider, sandbox from push_wishes
     where connection_id = ${connection} and drive_id = ${drive} and account_id = ${account}`;
  return row;
}

/** Does nothing where the drive has one that is not ending, or is not wanted any more. */
export async function insertChannel(
  tx: WorkspaceTx,
  made: { id: string; connection: ConnectionId; drive: RemoteId; address: string },
): Promise<void> {
  await tx.sql`
    insert into push_channels (workspace_id, id, connection_id, drive_id, account_id, address)
    select ${tx.workspace}, ${made.id}, connection_id, drive_id, account_id, ${made.address}
      from push_wishes where connection_id = ${made.connection} and drive_id = ${made.drive}
    on conflict do nothing`;
}

/** From here on deliveries at this place are ours; those at an earlier one are nobody's. */
export async function writePlace(
  tx: WorkspaceTx,
  id: string,
  { placeHash, secret }: { placeHash: Uint8Array; secret: string },
): Promise<void> {
  await tx.sql`update push_channels set place_hash = ${placeHash}, secret = ${secret} where id = ${id}`;
}

/** The one before it, if any, is to be ended at the provider. The caller holds the channel. */
export async function writeLive(tx: WorkspaceTx, channel: Channel, made: Subscription, nextAt: Date): Promise<void> {
  await tx.sql`
    update push_channels set state = 'ending', next_at = clock_timestamp(), attempts = 0, failing_since = null
     where connection_id = ${channel.connection} and drive_id = ${channel.drive} and state = 'live'`;
  await tx.sql`
    update push_channels
       set state = 'live', live_at = clock_timestamp(), subscription_id = ${made.id}, locator = ${made.locator ?? null},
           expires_at = ${made.expiresAt ?? null}, next_at = ${nextAt}, attempts = 0, failing_since = null,
           failure = null, lease_until = null
     where id = ${channel.id}`;
}

export async function writeRenewed(
  tx: WorkspaceTx,
  { id, epoch }: Leased,
  made: Subscription,
  nextAt: Date,
): Promise<void> {
  await tx.sql`
    update push_channels
       set subscription_id = ${made.id}, locator = ${made.locator ?? null}, expires_at = ${made.expiresAt ?? null},
           next_at = ${nextAt}, attempts = 0, failing_since = null, failure = null, lease_until = null
     where id = ${id} and epoch = ${epoch}`;
}

/** Another one takes its place; this one stays until that one is live, or until it ends by itself. */
export async function writeReplaced(tx: WorkspaceTx, { id, epoch }: Leased): Promise<void> {
  await tx.sql`
    update push_channels set next_at = expires_at, lease_until = null where id = ${id} and epoch = ${epoch}`;
}

export async function writeFailed(
  tx: WorkspaceTx,
  { id, epoch }: Leased,
  failure: Failure,
  nextAt: Date,
): Promise<void> {
  await tx.sql`
    update push_channels
       set attempts = attempts + 1, failing_since = coalesce(failing_since, clock_timestamp()),
           failure = ${JSON.stringify(failure)}::jsonb, next_at = ${nextAt}, lease_until = null
     where id = ${id} and epoch = ${epoch}`;
}

export async function deleteChannel(tx: WorkspaceTx, { id, epoch }: Leased): Promise<void> {
  await tx.sql`delete from push_channels where id = ${id} and epoch = ${epoch}`;
}

/** For so long no new channel is made for a connection that somebody is giving up. */
const GIVING_UP = "30 seconds";

/**
 * Nobody wants the channels of this connection any more: which are to be ended at the provider? Whoever works on one of
 * them at this moment comes too late, and ends what he makes.
 */
export async function retireChannels(tx: WorkspaceTx, connection: ConnectionId): Promise<string[]> {
  const rows = await tx.sql<{ id: string }>`
    update push_channels
       set state = 'ending', next_at = clock_timestamp(), attempts = 0, failing_since = null,
           epoch = epoch + 1, lease_until = null
     where connection_id = ${connection}
    returning id`;
  await tx.sql`
    insert into push_channels (workspace_id, id, connection_id, drive_id, account_id, address, state, next_at)
    select workspace_id, gen_random_uuid(), connection_id, drive_id, account_id, '', 'ending',
           clock_timestamp() + ${GIVING_UP}::interval
      from push_wishes where connection_id = ${connection}`;
  return rows.map(({ id }) => id);
}

/** All of a workspace, as they stand: nobody is told. */
export async function deleteChannels(tx: WorkspaceTx): Promise<void> {
  await tx.sql`delete from push_channels`;
}

export async function findSyncsOfDrive(
  tx: WorkspaceTx,
  { connection, drive }: Pick<Channel, "connection" | "drive">,
): Promise<SyncId[]> {
  const rows = await tx.sql<{ id: SyncId }>`
    select id from syncs where connection_id = ${connection} and drive_id = ${drive} and deleted_at is null order by id`;
  return rows.map(({ id }) => id);
}

// ── over all workspaces ──────────────────────────────────────────────────────

export interface Keys {
  real: readonly string[];
  pretended: readonly string[];
}

export const findMissing = (tx: GlobalTx, { real, pretended }: Keys, most: number) =>
  tx.sql<{ workspace_id: WorkspaceId; connection_id: ConnectionId; drive_id: RemoteId }>`
    select workspace_id, connection_id, drive_id from push_channels_missing(${real}::text[], ${pretended}::text[], ${most})`;

export const findDue = (tx: GlobalTx, { real, pretended }: Keys, address: string, most: number) =>
  tx.sql<{ workspace_id: WorkspaceId; id: string }>`
    select workspace_id, id from push_channels_due(${real}::text[], ${pretended}::text[], ${address}, ${most})`;

export async function locateChannel(
  tx: GlobalTx,
  placeHash: Uint8Array,
): Promise<{ workspace: WorkspaceId; id: string } | undefined> {
  const [row] = await tx.sql<{ workspace_id: WorkspaceId; id: string }>`
    select workspace_id, id from find_push_channel(${placeHash})`;
  return row && { workspace: row.workspace_id, id: row.id };
}

// ── what comes in ────────────────────────────────────────────────────────────

export interface Listening {
  id: string;
  connection: ConnectionId;
  drive: RemoteId;
  provider: string;
  sandbox: boolean;
  state: Channel["state"];
  /** It is being subscribed at this moment. */
  isBeingMade: boolean;
  /** Ciphertext. */
  secret: string;
}

export async function findListening(tx: WorkspaceTx, id: string): Promise<Listening | undefined> {
  const [row] = await tx.sql<{
    connection_id: ConnectionId;
    drive_id: RemoteId;
    provider: string;
    sandbox: boolean;
    state: Channel["state"];
    is_being_made: boolean;
    secret: string | null;
  }>`
    select p.connection_id, p.drive_id, c.provider, c.sandbox, p.state, p.secret,
           p.state = 'making' and coalesce(p.lease_until > clock_timestamp(), false) as is_being_made
      from push_channels p join connections c on c.id = p.connection_id
     where p.id = ${id} and c.deleted_at is null`;
  if (!row || row.secret === null) return undefined;
  const { connection_id: connection, drive_id: drive, provider, sandbox, state, is_being_made, secret } = row;
  return { id, connection, drive, provider, sandbox, state, isBeingMade: is_being_made, secret };
}

const MOST_IDS = 100;

/** Notes what came; answers how many of the notices had not come before. One without an id is always taken for new. */
export async function noteNotices(
  tx: WorkspaceTx,
  id: string,
  notices: readonly { id?: string; asks?: "renew" | "subscribe" }[],
): Promise<number> {
  const [row] = await tx.sql<{
    recent_ids: string[];
  }>`select recent_ids from push_channels where id = ${id} for update`;
  if (!row) return 0;
  const named = new Map(notices.flatMap((one) => (one.id === undefined ? [] : [[one.id, one]])));
  for (const known of row.recent_ids) named.delete(known);
  const fresh = [...named.values(), ...notices.filter((one) => one.id === undefined)];
  if (fresh.length === 0) return 0;
  const asks = (what: "renew" | "subscribe") => fresh.some((one) => one.asks === what);
  // One that the provider has ended is as good as one whose time is over.
  await tx.sql`
    update push_channels
       set notices = notices + ${fresh.length}, last_notice_at = clock_timestamp(),
           recent_ids = ${[...named.keys(), ...row.recent_ids].slice(0, MOST_IDS)},
           expires_at = case when ${asks("subscribe")} and state = 'live' then clock_timestamp() else expires_at end,
           next_at = case when ${asks("subscribe") || asks("renew")} and state = 'live' then clock_timestamp() else next_at end
     where id = ${id}`;
  return fresh.length;
}

export async function noteRefused(tx: WorkspaceTx, id: string, count: number): Promise<void> {
  await tx.sql`update push_channels set refused = refused + ${count} where id = ${id}`;
}

// ── what the page of a sync shows ────────────────────────────────────────────

export interface PushFacts {
  sandbox: boolean;
  live?: { since: Date; expiresAt: Date | undefined; lastNoticeAt: Date | undefined; failure: Failure | undefined };
  making?: { since: Date; failingSince: Date | undefined; failure: Failure | undefined };
}

export async function findPushFacts(tx: WorkspaceTx, syncs: readonly SyncId[]): Promise<Map<SyncId, PushFacts>> {
  const rows = await tx.sql<{
    sync_id: SyncId;
    sandbox: boolean;
    state: "making" | "live" | null;
    created_at: Date;
    live_at: Date;
    expires_at: Date | null;
    last_notice_at: Date | null;
    failing_since: Date | null;
    failure: Failure | null;
  }>`
    select s.id as sync_id, c.sandbox, p.state, p.created_at, p.live_at, p.expires_at, p.last_notice_at, p.failing_since,
           p.failure
      from syncs s
      join connections c on c.id = s.connection_id
      left join push_channels p
        on p.connection_id = s.connection_id and p.drive_id = s.drive_id and p.state in ('making', 'live')
       and (p.state = 'making' or p.expires_at is null or p.expires_at > now())
     where s.id = any(${syncs}::uuid[])`;
  const facts = new Map<SyncId, PushFacts>();
  for (const row of rows) {
    const known = facts.get(row.sync_id) ?? { sandbox: row.sandbox };
    const failure = row.failure ?? undefined;
    if (row.state === "live") {
      const { live_at: since, expires_at, last_notice_at } = row;
      known.live = { since, expiresAt: expires_at ?? undefined, lastNoticeAt: last_notice_at ?? undefined, failure };
    } else if (row.state === "making") {
      known.making = { since: row.created_at, failingSince: row.failing_since ?? undefined, failure };
    }
    facts.set(row.sync_id, known);
  }
  return facts;
}
