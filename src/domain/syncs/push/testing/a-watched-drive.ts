import { type ConnectionId, newId, type SyncId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import type { NewJob } from "#jobs/queue.ts";
import { readSync } from "../../read-syncs.ts";
import { describePush } from "../describe-push.ts";
import { lookAfterChannels } from "../jobs.ts";
import { keepChannel } from "../keep-channel.ts";
import { openNotices } from "../take-notice.ts";
import { noticeService } from "./notice-service.ts";

export const publicUrl = "https://hawser.test";

export interface ChannelRow {
  id: string;
  state: string;
  secret: string;
  place_hash: Buffer;
  notices: number;
  refused: number;
  attempts: number;
  /** From the last thing that happened to it to when something is done about it. */
  pause_s: number;
  failure: { kind: string; message: string } | null;
}

/** A workspace whose syncs keep one drive of a service that sends notices, and the means to look after its channel. */
export async function aWatchedDrive(
  database: Database,
  settings: {
    renewable?: boolean;
    syncs?: number;
    schedule?: unknown;
    publicUrl?: string;
    /** The service is one of the sandbox. */
    sandbox?: boolean;
    masterKey?: string;
  } = {},
) {
  const service = noticeService(settings);
  const { sandbox = false, masterKey } = settings;
  const pretended = { providers: new Map([[service.provider.key, service.provider]]), clients: new Map() };
  const aProcess = (): ConnectionDeps => ({
    ...connectionDeps(database, {
      providers: sandbox ? [] : [service.provider],
      ...(masterKey !== undefined && { masterKey }),
    }),
    sandbox: sandbox ? pretended : undefined,
    publicUrl: settings.publicUrl ?? publicUrl,
  });
  const deps = aProcess();
  service.listen(openNotices(deps));
  const workspace = newId<WorkspaceId>();
  const connection = newId<ConnectionId>();
  const syncs = Array.from({ length: settings.syncs ?? 1 }, () => newId<SyncId>());
  const schedule = JSON.stringify(settings.schedule ?? { kind: "interval", minutes: 60 });
  const actor: Actor = { kind: "user", id: newId<UserId>(), label: "Ana" };
  const asOwner = <T>(work: Parameters<typeof database.asWorkspace<T>>[1]) => database.asWorkspace({ workspace }, work);

  await asOwner(async (tx) => {
    await tx.sql`
      insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`;
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, status, account_id, account_label, sandbox)
      values (${workspace}, ${connection}, 'harbour', 'Ana''s harbour', 'active', 'account-1', 'Ana', ${sandbox})`;
    for (const id of syncs) {
      await tx.sql`
        insert into syncs (workspace_id, id, connection_id, name, drive_id, schedule)
        values (${workspace}, ${id}, ${connection}, ${`Drawings ${id}`}, 'drive!1', ${schedule}::jsonb)`;
    }
  });

  const here = {
    database,
    workspace,
    connection,
    syncs,
    service,
    pretended,
    deps,
    aProcess,
    asOwner,
    caller: { workspace, actor, signal: new AbortController().signal },
    /** What a process does that looks after channels, until nothing of this workspace is left to do. */
    async work(by: ConnectionDeps = deps) {
      const { queue } = by;
      if (!("jobs" in queue)) throw new Error("the queue of a test keeps its jobs");
      for (let round = 0; round < 5; round++) {
        await lookAfterChannels(by);
        const known = new Set((await here.channels()).map(({ id }) => id));
        const jobs = (queue.jobs as NewJob[]).splice(0).filter(({ data }) => known.has(data.channel ?? ""));
        if (jobs.length === 0) return;
        for (const { data } of jobs) {
          await keepChannel(by, workspace, data.channel ?? "", new AbortController().signal).catch(() => {});
        }
      }
    },
    channels: () =>
      asOwner(
        (tx) => tx.sql<ChannelRow>`
          select id, state, secret, place_hash, notices::int as notices, refused::int as refused, attempts, failure,
                 extract(epoch from next_at - coalesce((failure ->> 'at')::timestamptz, live_at))::float8 as pause_s
            from push_channels order by created_at, id`,
      ),
    runs: () =>
      asOwner(
        (tx) => tx.sql<{ id: string; sync_id: string; trigger: string; status: string }>`
          select id, sync_id, trigger, status from sync_runs order by created_at, id`,
      ),
    hints: () => asOwner((tx) => tx.sql<{ sync_id: string }>`select sync_id from push_hints order by sync_id`),
    /** What the page of a sync says. */
    push: async (sync = syncs[0]) => describePush(deps, await asOwner((tx) => readSync(tx, sync ?? newId<SyncId>()))),
    /** Time passes for what is due, and for runs. */
    letBeDue: () =>
      asOwner(async (tx) => {
        await tx.sql`update push_channels set next_at = clock_timestamp()`;
      }),
    letRunsBeOver: () =>
      asOwner(async (tx) => {
        await tx.sql`
          update sync_runs
             set status = 'done', started_at = coalesce(started_at, now()), finished_at = now(),
                 created_at = least(created_at, now()) - interval '1 minute'`;
      }),
  };
  return here;
}
