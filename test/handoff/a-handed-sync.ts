import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConnectionId, newId, type UserId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import { deliverHandoffs } from "#domain/syncs/handoffs/deliver.ts";
import type { HandoffDeps, HandoffReply, HandoffState } from "#domain/syncs/handoffs/handoff.ts";
import { aSync } from "#domain/syncs/testing/a-sync.ts";
import { updateSync } from "#domain/syncs/update-sync.ts";
import { documentProcessing } from "#providers/document-processing/index.ts";
import { documentProcessingSimulator, type ReceiverSimulator } from "#providers/document-processing/simulator.ts";
import { localFolder } from "#providers/local-folder/index.ts";
import { serveOnLoopback } from "../../src/sandbox/serve.ts";

export interface HandoffRow {
  id: string;
  name: string;
  version: string;
  state: HandoffState;
  attempts: number;
  failures: number;
  answer: HandoffReply | null;
  /** How long it was to wait, of the waits that there are: what has passed of it by now plays no part. */
  waits_s: number | null;
}

const waits = [0, 5, 30, 120, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400];

const nearestWait = (seconds: number): number =>
  waits.reduce((best, wait) => (Math.abs(wait - seconds) < Math.abs(best - seconds) ? wait : best));

/** A sync of a real folder whose files are handed over, by default to a pretend receiver on loopback. */
export async function aHandedSync(
  database: Database,
  options: {
    config?: Record<string, unknown>;
    credential?: Record<string, string>;
    /** Another receiver than the pretend one, which answers checks well. */
    port?: number;
    exceptions?: readonly string[];
  } = {},
) {
  const simulator: ReceiverSimulator = documentProcessingSimulator({ origin: "http://127.0.0.1/receiver", seed: 7 });
  const served = await serveOnLoopback(0, (request) => simulator.fetch(request));
  const port = options.port ?? served.port;
  const address = `http://127.0.0.1:${port}${options.port === undefined ? "/receiver/api" : ""}`;
  const sync = await aSync(database, { layout: "mirror" });
  const providers = [localFolder({ roots: new Map([["source", sync.source]]) }), documentProcessing()];
  const exceptions = options.exceptions ?? [`127.0.0.1:${port}`];
  /** Each of them is a process of its own: with its own memory of hosts, and the same keys. */
  const aProcess = (): HandoffDeps & typeof sync.deps => ({
    ...sync.deps,
    ...connectionDeps(database, { providers, exceptions }),
    // No chance: five seconds are five seconds.
    random: () => 0.5,
  });
  const deps = aProcess();
  const actor: Actor = { kind: "user", id: newId<UserId>(), label: "Ana" };
  const { workspace } = sync;
  const caller = { workspace, actor, signal: new AbortController().signal };
  const tenant = simulator.receiver.tenants[0]!;
  const connected = await createConnection(deps, caller, {
    provider: "document-processing",
    name: "Digest",
    tags: [],
    config: { base_url: address, tenant_id: tenant.id, ...options.config },
    credential: options.credential ?? { secret: tenant.secrets[0]! },
  });
  const connection: ConnectionId = connected.id;
  await updateSync(deps, caller, sync.sync, { handoff: { connection_id: connection } });
  const sql = <Row extends object>(text: TemplateStringsArray, ...values: unknown[]) =>
    database.asWorkspace({ workspace }, (tx) => tx.sql<Row>(text, ...values));

  return {
    ...sync,
    deps,
    aProcess,
    caller,
    simulator,
    tenant,
    receiver: connection,
    sql,
    write: (files: Record<string, string | Uint8Array>) =>
      Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(sync.source, name), text))),
    /** Sends all that is due, as one process. */
    deliver: (by: HandoffDeps = deps, signal = new AbortController().signal) =>
      deliverHandoffs(by, workspace, connection, signal),
    /** By the names of the files. */
    handoffs: async () => {
      const rows = await sql<HandoffRow & { left_s: number | null }>`
        select h.id, f.name, h.version, h.state, h.attempts, h.failures, h.answer,
               extract(epoch from h.next_attempt_at - clock_timestamp())::float8 as left_s
          from handoffs h join files f on f.id = h.file_id order by f.name, h.id`;
      return rows.map(
        ({ left_s, ...row }): HandoffRow => ({ ...row, waits_s: left_s === null ? null : nearestWait(left_s) }),
      );
    },
    /** Time passes: what is to be tried later is due now. */
    later: () => sql`update handoffs set next_attempt_at = now() where state in ('queued', 'sending')`,
    connectionStatus: async () => {
      const [row] = await sql<{ status: string; failure: { message: string } | null }>`
        select status, failure from connections where id = ${connection}`;
      return row;
    },
    messages: () => [...simulator.receiver.messages.values()],
    async end() {
      await served.close();
      await sync.end();
    },
  };
}

export type HandedSync = Awaited<ReturnType<typeof aHandedSync>>;
