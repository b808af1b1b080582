import type { Cursor } from "#core/ids.ts";
import type { Folder } from "./folder.ts";
import type { RawName } from "./name.ts";

const PAGE = 1000;
/** How many names of one folder are held between its pages, so that a folder of 100,000 is not read 100 times. */
const AHEAD = 20_000;
const FOLDERS_AHEAD = 8;

/**
 * Pages through a folder in the order of its names. The cursor is the last name given out, so whatever lies in the
 * folder from the first page to the last is given out once, also after a restart in between.
 */
export class Listing {
  /** Names read ahead, by a number that is part of the cursor: only the listing that read them goes on with them. */
  readonly #ahead = new Map<string, { names: RawName[]; last: boolean }>();
  readonly #run = crypto.randomUUID();
  #count = 0;

  async page(folder: Folder, cursor: Cursor | undefined): Promise<{ names: RawName[]; next?: Cursor }> {
    const { key, after } = readCursor(cursor);
    const ahead = this.#ahead.get(key);
    this.#ahead.delete(key);
    const { names, last } = ahead ?? (await firstNames(folder, after, AHEAD));

    const page = names.slice(0, PAGE);
    const end = page.at(-1);
    if (end === undefined || (last && names.length <= PAGE)) return { names: page };
    const nextKey = `${this.#run}.${this.#count++}`;
    if (names.length > PAGE) this.#keep(nextKey, { names: names.slice(PAGE), last });
    return { names: page, next: `${nextKey}.${Buffer.from(end, "latin1").toString("base64url")}` as Cursor };
  }

  /** Forgets the listing that has not been asked for longest; it goes on by reading its folder again. */
  #keep(key: string, rest: { names: RawName[]; last: boolean }): void {
    this.#ahead.set(key, rest);
    if (this.#ahead.size > FOLDERS_AHEAD)
      for (const [oldest] of this.#ahead.entries().take(1)) this.#ahead.delete(oldest);
  }
}

function readCursor(cursor: Cursor | undefined): { key: string; after: string } {
  const at = cursor?.lastIndexOf(".") ?? -1;
  if (cursor === undefined || at < 0) return { key: "", after: "" };
  return { key: cursor.slice(0, at), after: Buffer.from(cursor.slice(at + 1), "base64url").toString("latin1") };
}

/** The first `most` names after `after`, in order, without ever holding more than twice as many. */
async function firstNames(folder: Folder, after: string, most: number): Promise<{ names: RawName[]; last: boolean }> {
  let names: RawName[] = [];
  let last = true;
  for await (const name of folder.names()) {
    if (name <= after) continue;
    names.push(name);
    if (names.length >= 2 * most) {
      names = inOrder(names).slice(0, most);
      last = false;
    }
  }
  names = inOrder(names);
  return { names: names.slice(0, most), last: last && names.length <= most };
}

const inOrder = (names: RawName[]): RawName[] => names.sort((a, b) => (a < b ? -1 : 1));
