// What came of attempts is written down, and what is due next is taken, in one transaction: the commit is what costs most.
import { AppError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type Connected, loadConnected } from "#domain/connections/connected.ts";
import type { HandedDocument, HandoffReceiver } from "#provider-kit/provider.ts";
import { readDestination } from "../settings-schema.ts";
import type { HandoffDeps } from "./handoff.ts";
import {
  type Claim,
  type ClaimedHandoff,
  claimDue,
  findStoredFiles,
  keepPayloads,
  type Outcome,
  recordOutcomes,
  type StoredFile,
} from "./outbox-rows.ts";
import { type Attempted, isToBeLeftAlone, recordAttempts } from "./record-attempts.ts";
import { openPlaces } from "./storage-place.ts";

/** The contract's own limit for each receiver, over all processes. */
export const AT_ONCE = 8;
/** While the place where a file is stored cannot be told. */
const REST_MS = 600_000;

/** A hand-off that is sent now. */
export interface Ready {
  claimed: ClaimedHandoff;
  /** As it was when this was taken. */
  receiver: Receiver;
  payload: string;
  withBytes: boolean;
  document: HandedDocument;
  file: StoredFile;
}

export interface Turn {
  /** Some of them may be over already: a file has changed, or is one that can never be handed over. */
  claimed: ClaimedHandoff[];
  ready: Ready[];
}

/** Takes as many as are wanted and may be taken. `own`: what this process has taken besides of the attempts. */
export async function takeTurn(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  connection: ConnectionId,
  attempts: readonly Attempted[],
  next: Pick<Claim, "wanted" | "own">,
): Promise<Turn> {
  const { database } = deps;
  try {
    return await database.asWorkspace({ workspace }, async (tx) => {
      const goesOn = attempts.every(({ came }) => !isToBeLeftAlone(came));
      // Asked together, and both to their end: each wait for an answer holds up all that is under way.
      const [recorded, found] = await Promise.allSettled([
        recordAttempts(tx, deps, connection, attempts),
        goesOn && next.wanted > 0 ? findReceiver(tx, deps, connection) : undefined,
      ]);
      if (recorded.status === "rejected") throw recorded.reason;
      if (found.status === "rejected") throw found.reason;
      const receiver = found.value;
      return receiver ? takeNext(tx, deps, receiver, next) : { claimed: [], ready: [] };
    });
  } catch (error) {
    // Whichever of them it was, or what was to be taken: the others have been sent, and are not sent again for it.
    for (const one of attempts) {
      await database.asWorkspace({ workspace }, (tx) => recordAttempts(tx, deps, connection, [one])).catch(() => {});
    }
    throw error;
  }
}

type Receiver = Connected & { handoff: HandoffReceiver };

/** Nothing where it gets nothing now. */
async function findReceiver(
  tx: WorkspaceTx,
  deps: HandoffDeps,
  connection: ConnectionId,
): Promise<Receiver | undefined> {
  const receiver = await loadConnected(tx, deps, connection).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  const { handoff } = receiver?.provider ?? {};
  return receiver && handoff && isReady(receiver) ? { ...receiver, handoff } : undefined;
}

/** What is sent is written once: every attempt sends the same. */
async function takeNext(
  tx: WorkspaceTx,
  deps: HandoffDeps,
  receiver: Receiver,
  next: Pick<Claim, "wanted" | "own">,
): Promise<Turn> {
  const { connection, handoff } = receiver;
  const claimed = await claimDue(tx, connection.id, { ...next, atOnce: AT_ONCE, leaseS: deps.leaseSeconds });
  if (claimed.length === 0) return { claimed, ready: [] };
  const files = await findStoredFiles(tx, claimed);
  const placeOf = openPlaces(tx, deps);
  const at = deps.clock.now().toISOString();
  const form = JSON.stringify(receiver.config);
  const ready: Ready[] = [];
  const unsent: { claimed: ClaimedHandoff; outcome: Outcome }[] = [];
  const written: { id: ClaimedHandoff["id"]; payload: string }[] = [];
  for (const one of claimed) {
    const isOver = (outcome: Outcome) => unsent.push({ claimed: one, outcome: { ...outcome, unsent: true } });
    const file = files.get(one.id);
    if (!file) {
      isOver({ state: "outdated" });
      continue;
    }
    const { slug, object_key: key } = file;
    const storage = await placeOf({ destination: readDestination(file.destination), slug, key });
    if ("missing" in storage) {
      isOver({ state: "queued", answer: { at, reason: storage.missing }, inMs: REST_MS });
      continue;
    }
    const document = { ...toDocument(file, one.version), storage };
    const message = handoff.write(receiver.config, document);
    if ("refused" in message) {
      isOver({ state: "rejected", answer: { at, reason: message.refused } });
      continue;
    }
    // Where the connection has been changed since, what was written for the one before is not sent to this one.
    const isKept = one.payload !== null && one.payload_form === form;
    const payload = isKept ? (one.payload ?? "") : message.payload;
    if (!isKept) written.push({ id: one.id, payload });
    ready.push({ claimed: one, receiver, payload, withBytes: message.bytes, document, file });
  }
  await Promise.all([recordOutcomes(tx, unsent), keepPayloads(tx, written, form)]);
  return { claimed, ready };
}

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
