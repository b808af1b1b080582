import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { breather } from "../breathe.ts";
import { below } from "../folder-path.ts";
import { readAhead } from "./read-ahead.ts";
import { type Judge, toSighting } from "./sighting.ts";
import { type Sighting, top } from "./tree.ts";

/** More entries than this whose folder has not come yet are let go; their folders are asked for by themselves. */
const MOST_WAITING = 20_000;
const MOST_FRUITLESS = 20;
const MOST_LOSSES = 3;
/** Pages that are asked for before those in front of them are taken to be written. */
const PAGES_AHEAD = 3;

/** One page of a drive; nothing where it can be listed folder by folder only. */
export type ListDrive = (cursor: Cursor | undefined) => Promise<Page<RemoteFile> | undefined>;

export interface DriveSink {
  /** Folders that this listing has written already: id → path. */
  known: Map<RemoteId, string>;
  /** Where it left off. */
  from: Cursor | undefined;
  /** Pages that may be written at the same time. */
  atOnce: number;
  /**
   * Writes a page, beside the one before it, which is over when `before` is. With `reached`, nothing of this page and
   * those before it waits for its folder: once all of them are written, the listing may go on from there.
   */
  record(sightings: readonly Sighting[], reached: Cursor | undefined, before: Promise<void>): Promise<void>;
  /** Asked before each page. @throws when the run is to stop */
  check(): void;
}

/**
 * Lists a whole drive page by page, in whatever order the entries come; the next pages are asked for while those before them
 * are written.
 * An entry whose folder has not come yet waits for it. Answers the folders of which it has let something go: they have
 * to be listed by themselves. What lies in no folder at all is nobody's, and is dropped. Answers nothing for a drive that
 * can be listed folder by folder only.
 * @throws ProviderError
 */
export async function listDrive(list: ListDrive, judge: Judge, sink: DriveSink): Promise<Set<RemoteId> | undefined> {
  const paths = sink.known;
  paths.set(top, "");
  const waiting = new Map<RemoteId, RemoteFile[]>();
  let waitingCount = 0;
  const letGo = new Set<RemoteId>();
  const breathe = breather();
  const writing: Written[] = [];

  const place = (first: RemoteFile, into: Map<RemoteId, Sighting>): void => {
    const ready = [first];
    for (let item = ready.pop(); item; item = ready.pop()) {
      const parent = item.folder ?? top;
      const path = paths.get(parent);
      if (path === undefined) {
        wait(parent, item);
        continue;
      }
      into.set(item.id, toSighting(item, { remote_id: parent, path }, judge));
      if (!item.isFolder) continue;
      paths.set(item.id, below(path, item.name));
      const came = waiting.get(item.id) ?? [];
      waiting.delete(item.id);
      waitingCount -= came.length;
      ready.push(...came);
    }
  };
  const wait = (parent: RemoteId, item: RemoteFile): void => {
    if (waitingCount >= MOST_WAITING) {
      letGo.add(parent);
      return;
    }
    const others = waiting.get(parent);
    if (others) others.push(item);
    else waiting.set(parent, [item]);
    waitingCount += 1;
  };

  const settled = async (left = 0): Promise<void> => {
    while (writing.length > left) await writing.shift()?.done;
  };
  const write = async (batch: Map<RemoteId, Sighting>, reached: Cursor | undefined): Promise<void> => {
    // What is shown twice in a row is counted once: the second page is written when the first one has been.
    const isShownAgain = writing.some(({ ids }) => !ids.isDisjointFrom(batch));
    await settled(isShownAgain ? 0 : sink.atOnce - 1);
    const done = sink.record([...batch.values()], reached, writing.at(-1)?.done ?? Promise.resolve());
    done.catch(() => {});
    writing.push({ ids: new Set(batch.keys()), done });
  };

  try {
    for await (const page of readAhead(drivePages(list, sink), PAGES_AHEAD)) {
      if (!page) return undefined;
      const batch = new Map<RemoteId, Sighting>();
      for (const item of page.items) {
        place(item, batch);
        await breathe();
      }
      // What waits is in nobody's memory but ours: until it has found its place, a listing that is taken up again begins
      // where the last one had nothing waiting.
      const isWhole = waitingCount === 0 && letGo.size === 0;
      await write(batch, isWhole ? page.next : undefined);
    }
  } finally {
    await settled();
  }
  return new Set([...letGo].filter((id) => paths.has(id)));
}

/** The pages of a drive; anew from the beginning where the provider has forgotten how far we were. */
async function* drivePages(
  list: ListDrive,
  { from, check }: Pick<DriveSink, "from" | "check">,
): AsyncGenerator<Awaited<ReturnType<ListDrive>>> {
  const seen = new Set<Cursor>();
  let fruitless = 0;
  let losses = 0;
  let cursor = from;
  for (;;) {
    let page: Page<RemoteFile> | undefined;
    try {
      check();
      page = await list(cursor);
    } catch (failure) {
      const isLost = failure instanceof ProviderError && failure.kind === "cursor-lost" && cursor !== undefined;
      if (!isLost || losses === MOST_LOSSES) throw failure;
      losses += 1;
      cursor = undefined;
      seen.clear();
      continue;
    }
    yield page;
    if (page?.next === undefined) return;
    fruitless = page.items.length > 0 ? 0 : fruitless + 1;
    if (fruitless === MOST_FRUITLESS || seen.has(page.next)) {
      throw new ProviderError("unexpected-reply", "The listing of the drive goes in circles");
    }
    seen.add(page.next);
    cursor = page.next;
  }
}

interface Written {
  ids: Set<RemoteId>;
  done: Promise<void>;
}
