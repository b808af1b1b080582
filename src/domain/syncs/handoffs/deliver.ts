// Sends what is due to one receiver. A hand-off is taken, sent with no transaction open, and what came of it written
// down: killed in between it is sent once more under its id, by which the receiver knows it.
import { AppError, ProviderError } from "#core/errors.ts";
import type { ConnectionId, SyncId, WorkspaceId } from "#core/ids.ts";
import { DestinationError } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { type Connected, loadConnected } from "#domain/connections/connected.ts";
import { openConnection } from "#domain/connections/open-connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { HandedDocument } from "#provider-kit/provider.ts";
import { openDestination } from "../open-destination.ts";
import { readDestination } from "../settings-schema.ts";
import type { HandoffDeps } from "./handoff.ts";
import {
  type ClaimedHandoff,
  claimNext,
  findStoredFile,
  keepPayload,
  recordOutcome,
  renewClaim,
  type StoredFile,
} from "./outbox-rows.ts";
import { type Came, recordAttempt } from "./record-attempt.ts";
import { findPlace } from "./storage-place.ts";

/** The contract's own limit for each receiver, over all processes. */
const AT_ONCE = 8;
const MOST_TIME_MS = 180_000;
const TELL_EVERY_MS = 1_000;
/** While the place where a file is stored cannot be told. */
const REST_MS = 600_000;

/** Sends until nothing is due any more, or the receiver is to be left alone. */
export async function deliverHandoffs(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  connection: ConnectionId,
  signal: AbortSignal,
): Promise<void> {
  const pages = openPages(deps, workspace);
  let rests = false;
  const lane = async () => {
    while (!rests && !signal.aborted) {
      const taken = await takeNext(deps, workspace, connection);
      if (taken === "nothing") return;
      pages.changed(taken.claimed.sync_id);
      if (taken.ready) rests = !(await send(deps, workspace, connection, taken.claimed, taken.ready, signal)) || rests;
      await pages.tell(TELL_EVERY_MS);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  await pages.tell(0);
  for (const result of ended) if (result.status === "rejected") throw result.reason;
  signal.throwIfAborted();
}

interface Ready {
  payload: string;
  withBytes: boolean;
  document: HandedDocument;
  file: StoredFile;
  /** The connection was noted as not working: what comes well now mends that. */
  mends: boolean;
}

/**
 * Takes what is due next and writes what is sent, once: every attempt sends the same. `ready` is absent where the
 * hand-off is over already: its file has changed, or is one that can never be handed over.
 */
const takeNext = (
  deps: HandoffDeps,
  workspace: WorkspaceId,
  connection: ConnectionId,
): Promise<{ claimed: ClaimedHandoff; ready?: Ready } | "nothing"> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const receiver = await loadConnected(tx, deps, connection).catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    const { handoff } = receiver?.provider ?? {};
    if (!receiver || !handoff || !isReady(receiver)) return "nothing";
    const claimed = await claimNext(tx, connection, { atOnce: AT_ONCE, leaseS: deps.leaseSeconds });
    if (!claimed) return "nothing";
    const file = await findStoredFile(tx, claimed);
    if (!file) {
      await recordOutcome(tx, claimed, { state: "outdated", unsent: true });
      return { claimed };
    }
    const { slug, object_key: key } = file;
    const destination = readDestination(file.destination);
    const storage = await findPlace(tx, deps, { destination, slug, key });
    if ("missing" in storage) {
      const answer = { at: deps.clock.now().toISOString(), reason: storage.missing };
      await recordOutcome(tx, claimed, { state: "queued", answer, unsent: true, inMs: REST_MS });
      return { claimed };
    }
    const document = { ...toDocument(file, claimed.version), storage };
    const written = handoff.write(receiver.config, document);
    if ("refused" in written) {
      const answer = { at: deps.clock.now().toISOString(), reason: written.refused };
      await recordOutcome(tx, claimed, { state: "rejected", answer, unsent: true });
      return { claimed };
    }
    // Where the connection has been changed since, what was written for the one before is not sent to this one.
    const form = JSON.stringify(receiver.config);
    const isKept = claimed.payload !== null && claimed.payload_form === form;
    const payload = isKept ? (claimed.payload ?? "") : written.payload;
    if (!isKept) await keepPayload(tx, claimed.id, payload, form);
    return {
      claimed,
      ready: { payload, withBytes: written.bytes, document, file, mends: receiver.connection.status === "error" },
    };
  });

/** A connection that waits for a person, or is itself in error, gets nothing; one that was only away is tried. */
const isReady = ({ connection: { status, failure } }: Connected): boolean =>
  status === "active" || (status === "error" && ["unavailable", "rate-limited"].includes(failure?.kind ?? ""));

const toDocument = (file: StoredFile, version: string): Omit<HandedDocument, "storage"> => ({
  id: file.id,
  name: file.name,
  path: file.folder.split("/").filter((name) => name !== ""),
  mediaType: file.media_type,
  size: Number(file.size),
  sha256: file.sha256,
  source: file.source,
  sourceId: file.remote_id,
  sourceVersion: version,
  modifiedAt: file.modified_at ?? undefined,
  metadata: file.metadata ?? {},
});

/** One attempt, from the call to the row. False when the receiver is to be left alone now. */
async function send(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  connection: ConnectionId,
  claimed: ClaimedHandoff,
  { payload, withBytes, document, file, mends }: Ready,
  signal: AbortSignal,
): Promise<boolean> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(MOST_TIME_MS)]);
  const bytes = { size: document.size, open: () => openStored(deps, workspace, file, limited) };
  const renewing = keepClaim(deps, workspace, claimed);
  let came: Came;
  try {
    const use = { actor: "system" as const, purpose: "hand-off" };
    const { provider, call } = await openConnection(deps, workspace, connection, { use, signal: limited });
    if (!provider.handoff) throw new AppError("connection_not_active", `${provider.name} takes no documents.`);
    const attempt = { id: claimed.id, number: claimed.attempts, payload, storage: document.storage };
    came = await provider.handoff.deliver(call, { ...attempt, ...(withBytes && { bytes }) });
  } catch (error) {
    if (signal.aborted) came = { kind: "stopped" };
    else if (limited.aborted) came = failed(new ProviderError("unavailable", "The receiver took too long to answer."));
    else if (error instanceof ProviderError || error instanceof AppError) came = failed(error);
    else throw error;
  } finally {
    clearInterval(renewing);
  }
  return deps.database.asWorkspace({ workspace }, (tx) =>
    recordAttempt(tx, deps, { connection, mends }, claimed, came),
  );
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
