import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Call } from "#provider-kit/provider.ts";
import { idReply } from "./api.ts";
import type { Config } from "./config.ts";
import { SHARED_WITH_ME } from "./remote-file.ts";

export const urlOf = (id: string): string => `drive/v3/files/${encodeURIComponent(id)}`;

/** A text in a query of Drive's. */
export const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** For what is shared by a link: its id is not enough. */
export const resourceKeys = ({ id, locator }: { id: string; locator?: string }): Record<string, string> =>
  locator === undefined ? {} : { "x-goog-drive-resource-keys": `${id}/${locator}` };

/** What Google keeps lists and changes of: an account with what is shared with it, or one shared drive. */
export type Corpus = "user" | "drive";

/** The ids of both look alike, so it is asked for, once for each listing; a cursor then says it. */
export async function corpusOf(call: Call<Config>, drive: RemoteId): Promise<Corpus> {
  if (drive === SHARED_WITH_ME) return "user";
  const root = await call.http.json({ url: urlOf("root"), query: { fields: "id" } }, idReply);
  return root.id === drive ? "user" : "drive";
}

const across = { supportsAllDrives: true, includeItemsFromAllDrives: true };

/** How a list of a corpus is asked for. */
export const listsOf = (corpus: Corpus, drive: RemoteId) =>
  corpus === "drive" ? { corpora: "drive", driveId: drive, ...across } : { corpora: "user" };

/** How the changes of a corpus are asked for. */
export const changesOf = (corpus: Corpus, drive: RemoteId) => (corpus === "drive" ? { driveId: drive, ...across } : {});

/** For a folder of either. */
export const inAnyCorpus = across;

/** A cursor: where Google is to go on, behind what else we have to know for it. */
export const packCursor = (about: readonly string[], token: string): Cursor => [...about, token].join(":") as Cursor;

/** @returns what the cursor says, and the token, which may have colons in it */
export function openCursor<const First extends readonly (readonly string[])[]>(
  cursor: Cursor,
  known: First,
): { about: { [At in keyof First]: First[At][number] }; token: string } {
  const parts = cursor.split(":");
  const about = parts.slice(0, known.length);
  if (parts.length <= known.length || !about.every((part, at) => known[at]?.includes(part))) {
    throw new ProviderError("cursor-lost", "This place in a listing is none of Google Drive's");
  }
  return { about: about as { [At in keyof First]: First[At][number] }, token: parts.slice(known.length).join(":") };
}
