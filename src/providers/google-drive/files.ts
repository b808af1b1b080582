import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Call, Drive, FileSource, ListPlace, RemoteFile } from "#provider-kit/provider.ts";
import {
  type DriveFile,
  driveList,
  fileFields,
  fileList,
  fileListFields,
  fileReply,
  idReply,
  stateReply,
} from "./api.ts";
import { changesIn } from "./changes.ts";
import type { Config } from "./config.ts";
import { FOLDER } from "./documents.ts";
import { readBytes, readExport } from "./read.ts";
import { placeIn, SHARED_WITH_ME, toRemoteFile } from "./remote-file.ts";
import { corpusOf, inAnyCorpus, listsOf, openCursor, packCursor, quoted, resourceKeys, urlOf } from "./requests.ts";

const PAGE = 1000;
const MOST_DRIVES = 100;
/** Pages in a row of which nothing lies in the drive, before a listing shows that it is still at work. */
const MOST_FOREIGN_PAGES = 25;

export const files: FileSource<Config> = {
  drives: (call, cursor) => (cursor === undefined ? ownDrives(call) : sharedDrives(call, cursor)),

  async list(call, place) {
    const { drive, folder, cursor } = place;
    const parent = folder ?? (drive === SHARED_WITH_ME ? undefined : drive);
    if (parent === undefined) {
      const query = { q: "sharedWithMe = true and trashed = false", ...inAnyCorpus };
      const { items, next } = await listedHere(call, query, cursor, (files) =>
        files.filter((file) => placeIn(drive, file) === undefined).map((file) => toRemoteFile(file, undefined)),
      );
      return { items, ...(next && { next: next as Cursor }) };
    }
    const query = { q: `${quoted(parent)} in parents and trashed = false`, ...inAnyCorpus };
    const { files, next } = await listed(call, query, cursor, keysOf(place));
    if (cursor === undefined && files.length === 0 && next === undefined) {
      await proveEmpty(call, parent, place.locator);
    }
    return { items: files.map((file) => toRemoteFile(file, folder)), ...(next && { next: next as Cursor }) };
  },

  /** All folders, then all files. What others have shared cannot be asked for as a whole: Google leaves some of it out. */
  async listAll(call, { drive, cursor }) {
    if (drive === SHARED_WITH_ME) return undefined;
    const at = cursor === undefined ? undefined : openCursor(cursor, [corpora, stages]);
    const [corpus, stage] = at?.about ?? [await corpusOf(call, drive), "folders" as const];
    const what = `mimeType ${stage === "folders" ? "=" : "!="} ${quoted(FOLDER)} and trashed = false`;
    const query = { q: what, ...listsOf(corpus, drive) };
    const { items, next } = await listedHere(call, query, at?.token || undefined, inDrive(drive));
    if (next !== undefined) return { items, next: packCursor([corpus, stage], next) };
    return stage === "folders" ? { items, next: packCursor([corpus, "files"], "") } : { items };
  },

  async findFolders(call, { drive, text, cursor }) {
    const at = cursor === undefined ? undefined : openCursor(cursor, [corpora]);
    const [corpus] = at?.about ?? [await corpusOf(call, drive)];
    const shared = drive === SHARED_WITH_ME ? " and sharedWithMe = true" : "";
    const q = `name contains ${quoted(text)} and mimeType = ${quoted(FOLDER)} and trashed = false${shared}`;
    const query = { q, ...listsOf(corpus, drive) };
    const { items, next } = await listedHere(call, query, at?.token || undefined, inDrive(drive));
    return { items, ...(next !== undefined && { next: packCursor([corpus], next) }) };
  },

  async get(call, ref) {
    const query = { fields: fileFields, supportsAllDrives: true };
    const file = await call.http.json({ url: urlOf(ref.id), query, headers: resourceKeys(ref) }, fileReply);
    const folder = placeIn(ref.drive, file);
    if (file.trashed) throw new ProviderError("not-found", "It is in the trash of Google Drive");
    if (folder === "elsewhere") throw new ProviderError("not-found", "It is no longer in this drive");
    return toRemoteFile(file, folder);
  },

  read(call, ref, { from = 0, as } = {}) {
    if (as === undefined) return readBytes(call, ref, from);
    if (from === 0) return readExport(call, ref, as);
    return Promise.reject(
      new ProviderError("rejected", "A document that is made anew each time is read from its start"),
    );
  },

  changes: changesIn,
};

const corpora = ["user", "drive"] as const;
const stages = ["folders", "files"] as const;

/** A person's own drive, by its real id, and what others have shared. */
async function ownDrives(call: Call<Config>): Promise<Page<Drive>> {
  const root = await call.http.json({ url: urlOf("root"), query: { fields: "id" } }, idReply);
  const items = [
    { id: root.id as RemoteId, name: "My Drive" },
    { id: SHARED_WITH_ME, name: "Shared with me" },
  ];
  return { items, next: packCursor(["shared"], "") };
}

async function sharedDrives(call: Call<Config>, cursor: Cursor): Promise<Page<Drive>> {
  const { token } = openCursor(cursor, [["shared"]]);
  const query = { pageSize: MOST_DRIVES, pageToken: token || undefined, fields: "nextPageToken,drives(id,name)" };
  const { drives, nextPageToken } = await call.http.json({ url: "drive/v3/drives", query }, driveList);
  const items = drives.map(({ id, name }) => ({ id: id as RemoteId, name, group: "Shared drives" }));
  return { items, ...(nextPageToken !== undefined && { next: packCursor(["shared"], nextPageToken) }) };
}

async function listed(
  call: Call<Config>,
  query: Record<string, string | boolean>,
  token: string | undefined,
  headers: Record<string, string> = {},
): Promise<{ files: DriveFile[]; next: string | undefined }> {
  const all = { ...query, pageSize: PAGE, pageToken: token, fields: fileListFields };
  const page = await call.http.json({ url: "drive/v3/files", query: all, headers }, fileList);
  // It must not pass for all there is: what is missing would be taken for gone.
  if (page.incompleteSearch) throw new ProviderError("unavailable", "Google Drive could not search all of the drive");
  return { files: page.files, next: page.nextPageToken };
}

/**
 * A page of what lies in a drive, of a list that also has what does not: that may be all of many pages, which must not
 * look like a listing that goes in circles (SR-73). Pages that Google leaves empty are shown as they are.
 */
async function listedHere(
  call: Call<Config>,
  query: Record<string, string | boolean>,
  from: string | undefined,
  here: (found: readonly DriveFile[]) => RemoteFile[],
): Promise<{ items: RemoteFile[]; next: string | undefined }> {
  let token = from;
  for (let pages = 1; ; pages++) {
    const { files, next } = await listed(call, query, token);
    const items = here(files);
    const isForeign = items.length === 0 && files.length > 0;
    if (!isForeign || next === undefined || pages === MOST_FOREIGN_PAGES) return { items, next };
    token = next;
  }
}

/** Of a folder that is gone or hidden, Google says now and then that nothing is in it. */
async function proveEmpty(call: Call<Config>, folder: RemoteId, locator: string | undefined): Promise<void> {
  const headers = resourceKeys({ id: folder, ...(locator !== undefined && { locator }) });
  const query = { fields: "trashed", supportsAllDrives: true };
  const { trashed } = await call.http.json({ url: urlOf(folder), query, headers }, stateReply);
  if (trashed) throw new ProviderError("not-found", "The folder is in the trash of Google Drive");
}

const inDrive =
  (drive: RemoteId) =>
  (found: readonly DriveFile[]): RemoteFile[] => {
    const items: RemoteFile[] = [];
    for (const file of found) {
      const folder = placeIn(drive, file);
      // The top of a drive is a folder like any other to Google.
      if (folder !== "elsewhere" && file.id !== drive) items.push(toRemoteFile(file, folder));
    }
    return items;
  };

const keysOf = ({ folder, locator }: ListPlace): Record<string, string> =>
  folder === undefined || locator === undefined ? {} : resourceKeys({ id: folder, locator });
