import type { z } from "zod";
import type { DrivePage, RemoteFile } from "#domain/connections/browse.ts";
import type { FoundFolder } from "#domain/connections/find-folders.ts";
import type { SyncedFile } from "#domain/syncs/file.ts";
import type { FileEvent } from "#domain/syncs/file-history.ts";
import type { ExplainedFile } from "#domain/syncs/get-file.ts";
import type * as contract from "../contract/syncs.ts";
import { toFailureView } from "./connection.ts";
import { toHandoffView } from "./handoff.ts";
import { toTime } from "./time.ts";

export const toFileView = (file: SyncedFile): z.input<typeof contract.fileView> => ({
  id: file.id,
  sync_id: file.sync,
  remote_id: file.remoteId,
  name: file.name,
  folder: file.folder,
  state: file.state,
  work: file.work,
  held: file.held,
  reason: file.reason,
  failure: toFailureView(file.failure),
  attempts: file.attempts,
  size: file.size,
  media_type: file.mediaType,
  link: file.link,
  version: file.version,
  metadata: file.metadata,
  created_at: toTime(file.createdAt),
  modified_at: toTime(file.modifiedAt),
  object: file.object ? { ...file.object, stored_at: file.object.storedAt.toISOString() } : null,
  first_seen_at: file.firstSeenAt.toISOString(),
  changed_at: file.changedAt.toISOString(),
  removed_at: toTime(file.removedAt),
});

export const toExplainedFileView = (file: ExplainedFile) => ({
  ...toFileView(file),
  metadata_from: file.metadataFrom,
  stored_version: file.storedVersion,
  export_as: file.exportAs,
  source_metadata: file.source,
  handoff: file.handoff ? toHandoffView(file.handoff) : null,
});

export const toFileEventView = ({ at, ...event }: FileEvent) => ({ at: at.toISOString(), ...event });

/** What a listing at the provider shows of a file. Nobody knows when a folder changed. */
export const toBrowsedView = (file: RemoteFile) => ({
  id: file.id,
  locator: file.locator ?? null,
  name: file.name,
  is_folder: file.isFolder,
  size: file.size ?? null,
  modified_at: file.isFolder ? null : toTime(file.modifiedAt),
});

export const toDrivesView = ({ items, next, findsFolders }: DrivePage) => ({
  items: items.map(({ id, name, group }) => ({ id, name, group: group ?? null })),
  ...(next !== undefined && { next }),
  finds_folders: findsFolders,
});

export const toFoundFolderView = ({ folder: { id, locator, name }, above }: FoundFolder) => ({
  id,
  locator: locator ?? null,
  name,
  above: above ?? null,
});
