// Sends what is due to one receiver. Hand-offs are taken, sent with no transaction open, and what came of them written
// down: killed in between they are sent once more under their ids, by which the receiver knows them.
import { AppError, ProviderError } from "#core/errors.ts";
import type { ConnectionId, HandoffId, SyncId, WorkspaceId } from "#core/ids.ts";
import { DestinationError } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { callOf } from "#domain/connections/open-connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import { openDestination } from "../open-destination.ts";
import { readDestination } from "../settings-schema.ts";
import type { HandoffDeps } from "./handoff.ts";
import { type ClaimedHandoff, renewClaim, type StoredFile } from "./outbox-rows.ts";
import { type Attempted, type Came, isToBeLeftAlone } from "./record-attempts.ts";
import { AT_ONCE, type Ready, takeTurn } from "./take-turn.ts";

const MOST_TIME_MS = 180_000;
/** Taken besides, so that none of the eight waits for the database; where the receiver answers so soon that they wait for nothing else. */
const AHEAD = 8;
const QUICK_MS = 500;
const TELL_EVERY_MS = 1_000;

/** Sends until nothing is due any more, or the receiver is to be left alone. */
export async function deliverHandoffs(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  connection: ConnectionId,
  signal: AbortSignal,
): Promise<void> {
  const pages = openPages(deps, workspace);
  const underWay = new Map<HandoffId, Promise<void>>();
  /** Taken, and not begun yet. */
  const held: Held[] = [];
  let over: Attempted[] = [];
  let isQuick = false;
  let goesOn = true;
  let failure: { cause: unknown } | undefined;
  const mayBegin = () => goesOn && !failure && !signal.aborted;

  const begin = (): void => {
    while (mayBegin() && underWay.size < AT_ONCE) {
      const next = held.shift();
      if (!next) return;
      const begun = performance.now();
      const sending = send(deps, workspace, next.ready, signal)
        .then(
          (attempted) => {
            over.push(attempted);
            isQuick = attempted.came.kind === "accepted" && performance.now() - begun < QUICK_MS;
            goesOn &&= !isToBeLeftAlone(attempted.came);
          },
          (cause: unknown) => {
            failure ??= { cause };
          },
        )
        .finally(() => {
          clearInterval(next.renewing);
          underWay.delete(next.ready.claimed.id);
          begin();
        });
      underWay.set(next.ready.claimed.id, sending);
    }
  };

  // Those that end while others are written down wait for the next turn: the busier, the more of them share one.
  for (;;) {
    const attempts = over;
    over = [];
    if (!mayBegin()) {
      for (const { ready, renewing } of held.splice(0)) {
        clearInterval(renewing);
        attempts.push({ claimed: ready.claimed, came: { kind: "unsent" }, mends: false });
      }
    }
    const own = [...underWay.keys(), ...held.map(({ ready }) => ready.claimed.id)];
    const wanted = mayBegin() ? AT_ONCE + (isQuick ? AHEAD : 0) - own.length : 0;
    if (attempts.length > 0 || wanted > 0) {
      try {
        const turn = await takeTurn(deps, workspace, connection, attempts, { wanted, own });
        for (const { sync_id } of [...attempts.map(({ claimed }) => claimed), ...turn.claimed]) pages.changed(sync_id);
        held.push(...turn.ready.map((ready) => ({ ready, renewing: keepClaim(deps, workspace, ready.claimed) })));
        begin();
        await pages.tell(TELL_EVERY_MS);
        if (turn.claimed.length > turn.ready.length) continue;
      } catch (cause) {
        failure ??= { cause };
      }
    }
    if (underWay.size === 0 && over.length === 0 && held.length === 0) break;
    if (over.length === 0 && underWay.size > 0) await Promise.race(underWay.values());
  }
  await pages.tell(0);
  if (failure) throw failure.cause;
  signal.throwIfAborted();
}

interface Held {
  ready: Ready;
  renewing: NodeJS.Timeout;
}

/** One attempt. */
async function send(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  { claimed, receiver, payload, withBytes, document, file }: Ready,
  signal: AbortSignal,
): Promise<Attempted> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(MOST_TIME_MS)]);
  const bytes = { size: document.size, open: () => openStored(deps, workspace, file, limited) };
  const { handoff, connection } = receiver;
  const attempted = (came: Came): Attempted => ({ claimed, came, mends: connection.status === "error" });
  try {
    const use = { actor: "system" as const, purpose: "hand-off" };
    const call = callOf(deps, workspace, receiver, { use, signal: limited });
    const attempt = { id: claimed.id, number: claimed.attempts, payload, storage: document.storage };
    return attempted(await handoff.deliver(call, { ...attempt, ...(withBytes && { bytes }) }));
  } catch (error) {
    if (signal.aborted) return attempted({ kind: "stopped" });
    if (limited.aborted) {
      return attempted(failed(new ProviderError("unavailable", "The receiver took too long to answer.")));
    }
    if (error instanceof ProviderError || error instanceof AppError) return attempted(failed(error));
    throw error;
  }
}

/** Whoever is still at it says so, and only the hand-offs of dead processes are taken for abandoned. */
const keepClaim = ({ database, leaseSeconds }: HandoffDeps, workspace: WorkspaceId, claimed: ClaimedHandoff) =>
  setInterval(
    () => {
      // Should it not get through, another process sends the same once more, which the receiver knows by its id.
      void database.asWorkspace({ workspace }, (tx) => renewClaim(tx, claimed, leaseSeconds)).catch(() => {});
    },
    (leaseSeconds * 1000) / 3,
  );

const failed = (error: ProviderError | AppError): Came => ({ kind: "failed", error });

async function openStored(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  file: StoredFile,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const use = { actor: "system" as const, purpose: "hand-off" };
  const kept = { workspace, slug: file.slug, destination: readDestination(file.destination) };
  const destination = await openDestination(deps, kept, { use, signal });
  const stored = await destination?.read(file.object_key as ObjectKey).catch((cause: unknown) => {
    if (!(cause instanceof DestinationError)) throw cause;
    throw new ProviderError("unavailable", `The stored file could not be read: ${cause.message}`, { cause });
  });
  if (!stored) throw new ProviderError("unavailable", "The stored file is not where it was stored.");
  return stored.bytes;
}

/** Pages that are open hear of changes now and then, not of each. */
function openPages({ database }: HandoffDeps, workspace: WorkspaceId) {
  const syncs = new Set<SyncId>();
  let toldAt = performance.now();
  return {
    changed: (sync: SyncId) => void syncs.add(sync),
    async tell(everyMs: number) {
      if (syncs.size === 0 || performance.now() - toldAt < everyMs) return;
      const told = [...syncs];
      syncs.clear();
      toldAt = performance.now();
      await database.asWorkspace({ workspace }, async (tx) => {
        for (const sync of told) await notifyLive(tx, { workspace, type: "changed", what: "handoffs", sync_id: sync });
      });
    },
  };
}
