import type { FileId, SyncId } from "#core/ids.ts";
import type { Failure } from "./sync.ts";

/** What is true of a file. */
export type FileState = "waiting" | "indexed" | "stored" | "skipped" | "failed" | "removed";

export interface SyncedFile {
  id: FileId;
  sync: SyncId;
  remoteId: string;
  name: string;
  /** Path of its folder at the source, empty at the top. */
  folder: string;
  state: FileState;
  /** What is still to be done about it. */
  work: "copy" | "move" | null;
  held: boolean;
  reason: string | null;
  failure?: Failure | undefined;
  attempts: number;
  size: number | null;
  mediaType: string | null;
  link: string | null;
  version: string;
  metadata: Record<string, string>;
  createdAt?: Date | undefined;
  modifiedAt?: Date | undefined;
  object?: { key: string; size: number; sha256: string; storedAt: Date } | undefined;
  firstSeenAt: Date;
  changedAt: Date;
  removedAt?: Date | undefined;
}
