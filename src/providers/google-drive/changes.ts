import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Call, Change, ChangePage } from "#provider-kit/provider.ts";
import { changeList, changeListFields, type DriveChange, startToken } from "./api.ts";
import type { Config } from "./config.ts";
import { placeIn, toRemoteFile } from "./remote-file.ts";
import { type Corpus, changesOf, corpusOf, openCursor, packCursor } from "./requests.ts";

const PAGE = 1000;

/**
 * What changed in a drive: by the log of the account for its own drive and for what is shared with it, and by a log of
 * its own for each shared drive.
 */
export async function changesIn(
  call: Call<Config>,
  { drive, since }: { drive: RemoteId; since?: Cursor },
): Promise<ChangePage> {
  if (since === undefined) {
    const corpus = await corpusOf(call, drive);
    return { changes: [], next: packCursor([corpus], await firstToken(call, drive, corpus)), more: false };
  }
  const { corpus, token } = openFeed(since);
  const query = { pageToken: token, pageSize: PAGE, fields: changeListFields, ...changesOf(corpus, drive) };
  const page = await call.http.json({ url: "drive/v3/changes", query }, changeList);
  return {
    changes: page.changes.flatMap((change) => toChange(drive, change)),
    next: packCursor([corpus], page.next ?? token),
    more: page.more,
  };
}

/** What a cursor of a change feed says. */
export function openFeed(cursor: Cursor): { corpus: Corpus; token: string } {
  const { about, token } = openCursor(cursor, [["user", "drive"]]);
  if (token === "") throw new ProviderError("cursor-lost", "This place in a change feed is none of Google Drive's");
  return { corpus: about[0], token };
}

/** The place in a log from which on nothing has happened yet. */
export async function firstToken(call: Call<Config>, drive: RemoteId, corpus: Corpus): Promise<string> {
  const query = corpus === "drive" ? { driveId: drive, supportsAllDrives: true } : {};
  const { startPageToken } = await call.http.json({ url: "drive/v3/changes/startPageToken", query }, startToken);
  return startPageToken;
}

/** An entry is what an item is now. One that is trashed, hidden or in another drive is gone from this one. */
function toChange(drive: RemoteId, change: DriveChange): Change[] {
  // About a shared drive itself: that it was renamed, or that it is lost, which its own requests will tell.
  if ("changeType" in change) return [];
  if (change.removed) return [{ kind: "gone", id: change.fileId as RemoteId }];
  const { file } = change;
  // It does not say what the item is now: what it says later will do.
  if (!file) return [];
  if (file.id === drive) return [];
  const folder = placeIn(drive, file);
  if (file.trashed || folder === "elsewhere") return [{ kind: "gone", id: file.id as RemoteId }];
  return [{ kind: "changed", file: toRemoteFile(file, folder) }];
}
