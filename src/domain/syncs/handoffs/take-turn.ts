// What came of attempts is written down, and what is due next is taken, in one transaction: the commit is what costs most.
import { AppError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type Connected, loadConnected } from "#domain/connections/connected.ts";
import type { HandedDocument } from "#provider-kit/provider.ts";
import { readDestination } from "../settings-schema.ts";
import type { HandoffDeps } from "./handoff.ts";
import {
  type ClaimedHandoff,
  claimDue,
  findStoredFiles,
  keepPayloads,
  type Outcome,
  recordOutcomes,
  type StoredFile,
} from "./outbox-rows.ts";
import { type Attempted, recordAttempts } from "./record-attempts.ts";
import { openPlaces } from "./storage-place.ts";

/** The contract's own limit for each receiver, over all processes. */
export const AT_ONCE = 8;
/** While the place where a file is stored cannot be told. */
const REST_MS = 600_000;

/** A hand-off that is sent now. */
export interface Ready {
  claimed: ClaimedHandoff;
  /** As it was when this was taken. */
  receiver: Connected;
  payload: string;
  withBytes: boolean;
  document: HandedDocument;
  file: StoredFile;
}

export interface Turn {
  /** Some of them may be over already: a file has changed, or is one that can never be handed over. */
  claimed: ClaimedHandoff[];
  ready: Ready[];
  /** False when the receiver is to be left alone now. */
  goesOn: boolean;
}

/** Takes as many as are wanted and may be taken. */
export async function takeTurn(
  deps: HandoffDeps,
  workspace: WorkspaceId,
  connection: ConnectionId,
  attempts: readonly Attempted[],
  wanted: number,
): Promise<Turn> {
  const { database } = deps;
  try {
    return await database.asWorkspace({ workspace }, async (tx) => {
      const goesOn = attempts.length === 0 || (await recordAttempts(tx, deps, connection, attempts));
      const taken = goesOn && wanted > 0 ? await takeNext(tx, deps, connection, wanted) : { claimed: [], ready: [] };
      return { ...taken, goesOn };
    });
  } catch (error) {
    // Whichever of them it was, or what was to be taken: the others have been sent, and are not sent again for it.
    for (const one of attempts) {
      await database.asWorkspace({ workspace }, (tx) => recordAttempts(tx, deps, connection, [one])).catch(() => {});
    }
    throw error;
  }
}

/** What is sent is written once: every attempt sends the same. */
async function takeNext(
  tx: WorkspaceTx,
  deps: HandoffDeps,
  connection: ConnectionId,
  wanted: number,
): Promise<{ claimed: ClaimedHandoff[]; ready: Ready[] }> {
  const receiver = await loadConnected(tx, deps, connection).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  const { handoff } = receiver?.provider ?? {};
  if (!receiver || !handoff || !isReady(receiver)) return { claimed: [], ready: [] };
  const claimed = await claimDue(tx, connection, { wanted, atOnce: AT_ONCE, leaseS: deps.leaseSeconds });
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
  await recordOutcomes(tx, unsent);
  await keepPayloads(tx, written, form);
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
