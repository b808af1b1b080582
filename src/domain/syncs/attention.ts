// What the home page says to a person about each thing that only a person can mend, in plain sentences.
import type { ConnectionId, SyncId } from "#core/ids.ts";
import { sentence } from "./sentence.ts";
import type { Failure } from "./sync.ts";

export interface Attention {
  kind:
    | "connection_error"
    | "connection_needs_authorization"
    | "sign_in_ends"
    | "removals_held"
    | "sync_failed"
    | "files_failed"
    | "folders_failed"
    | "handoffs_failed"
    | "schedule_failed";
  title: string;
  detail: string;
  since?: Date | undefined;
  connection?: ConnectionId | undefined;
  sync?: SyncId | undefined;
}

export function connectionTrouble(connection: {
  id: ConnectionId;
  name: string;
  providerName: string;
  needsAuthorization: boolean;
  failure?: Failure | undefined;
  since: Date | undefined;
  syncs: number;
}): Attention {
  const waiting =
    connection.syncs === 0
      ? "No sync uses it."
      : `${count(connection.syncs, "sync")} ${connection.syncs === 1 ? "waits" : "wait"}; nothing is lost.`;
  const cause = connection.failure ? sentence(connection.failure.message) : "";
  return {
    kind: connection.needsAuthorization ? "connection_needs_authorization" : "connection_error",
    title: connection.needsAuthorization
      ? `${connection.providerName} no longer accepts the sign-in of "${connection.name}"`
      : `"${connection.name}" cannot be reached`,
    detail: [connection.needsAuthorization ? "" : cause, waiting].filter(Boolean).join(" "),
    since: connection.since,
    connection: connection.id,
  };
}

export const signInEnds = (connection: { id: ConnectionId; name: string; providerName: string; end: Date }) =>
  ({
    kind: "sign_in_ends",
    title: `The sign-in of "${connection.name}" ends on ${day.format(connection.end)}`,
    detail: `${connection.providerName} does not let it be renewed. Sign in before, and nothing has to wait.`,
    connection: connection.id,
  }) satisfies Attention;

export const removalsHeld = (sync: { id: SyncId; name: string; files: number; of: number; since?: Date | undefined }) =>
  ({
    kind: "removals_held",
    title: `${figure(sync.files)} of ${count(sync.of, "file")} of "${sync.name}" ${sync.files === 1 ? "is" : "are"} gone at the source`,
    detail: "We keep them until you decide.",
    since: sync.since,
    sync: sync.id,
  }) satisfies Attention;

export const syncFailed = (sync: { id: SyncId; name: string; failure: Failure | undefined; since: Date | undefined }) =>
  ({
    kind: "sync_failed",
    title: `"${sync.name}" could not finish`,
    detail: sync.failure ? sentence(sync.failure.message) : "Its last run failed. What is stored stays.",
    since: sync.since,
    sync: sync.id,
  }) satisfies Attention;

export const filesFailed = (sync: {
  id: SyncId;
  name: string;
  files: number;
  /** The most frequent one. */
  cause: string;
  since: Date | undefined;
}) =>
  ({
    kind: "files_failed",
    title: `${count(sync.files, "file")} of "${sync.name}" ${sync.files === 1 ? "has" : "have"} failed`,
    detail: sync.cause === "" ? "All others are in order." : `${sentence(sync.cause)} All others are in order.`,
    since: sync.since,
    sync: sync.id,
  }) satisfies Attention;

export const foldersFailed = (sync: { id: SyncId; name: string; folders: number; since: Date | undefined }) =>
  ({
    kind: "folders_failed",
    title: `${count(sync.folders, "folder")} of "${sync.name}" could not be listed`,
    detail: `What is stored of ${sync.folders === 1 ? "it" : "them"} stays. All others are in order.`,
    since: sync.since,
    sync: sync.id,
  }) satisfies Attention;

/** Its run rests until the destination takes something again (SR-91). */
export const destinationRests = (sync: { id: SyncId; name: string; failure: Failure; waiting: number }) =>
  ({
    kind: "sync_failed",
    title: `"${sync.name}" waits for its destination`,
    detail: `${sentence(sync.failure.message)} ${sync.waiting === 0 ? "We" : `${count(sync.waiting, "file")} ${sync.waiting === 1 ? "waits" : "wait"}; we`} try again every minute.`,
    since: sync.failure.at === undefined ? undefined : new Date(sync.failure.at),
    sync: sync.id,
  }) satisfies Attention;

export const handoffsFailed = (sync: { id: SyncId; name: string; files: number; since: Date | undefined }) =>
  ({
    kind: "handoffs_failed",
    title: `${count(sync.files, "file")} of "${sync.name}" ${sync.files === 1 ? "was" : "were"} not taken by the receiver`,
    detail: "They are stored. Each says why on its page; they can be handed over again.",
    since: sync.since,
    sync: sync.id,
  }) satisfies Attention;

export const scheduleFailed = (sync: { id: SyncId; name: string; failure: string }) =>
  ({
    kind: "schedule_failed",
    title: `The schedule of "${sync.name}" cannot be used`,
    detail: `${sentence(sync.failure)} It does not run by itself until it is changed.`,
    sync: sync.id,
  }) satisfies Attention;

/** What stops most comes first; of the same kind, what has waited longest. */
const urgency: readonly Attention["kind"][] = [
  "connection_needs_authorization",
  "connection_error",
  "removals_held",
  "sync_failed",
  "schedule_failed",
  "sign_in_ends",
  "files_failed",
  "folders_failed",
  "handoffs_failed",
];
export const byUrgency = (a: Attention, b: Attention): number =>
  urgency.indexOf(a.kind) - urgency.indexOf(b.kind) || (a.since?.getTime() ?? 0) - (b.since?.getTime() ?? 0);

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const figure = (number: number): string => number.toLocaleString("en");
const count = (number: number, noun: string): string => `${figure(number)} ${noun}${number === 1 ? "" : "s"}`;
