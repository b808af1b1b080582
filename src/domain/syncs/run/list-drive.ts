import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { breather } from "../breathe.ts";
import { below } from "../folder-path.ts";
import { type Judge, toSighting } from "./sighting.ts";
import { type Sighting, top } from "./tree.ts";

/** More entries than this whose folder has not come yet are let go; their folders are asked for by themselves. */
const MOST_WAITING = 20_000;
const MOST_FRUITLESS = 20;
const MOST_LOSSES = 3;

export interface DriveSink {
  /** Folders that this listing has written already: id → path. */
  known: Map<RemoteId, string>;
  /** Where it left off. */
  from: Cursor | undefined;
  /** Writes a page. With `reached`, all before it is written: the listing may go on from there. */
  record(sightings: readonly Sighting[], reached: Cursor | undefined): Promise<void>;
  /** Asked before each page. @throws when the run is to stop */
  check(): void;
}

/**
 * Lists a whole drive page by page, in whatever order the entries come; the next page is asked for while one is written.
 * An entry whose folder has not come yet waits for it. Answers the folders of which it has let something go: they have
 * to be listed by themselves. What lies in no folder at all is nobody's, and is dropped. Answers nothing for a drive that
 * can be listed folder by folder only.
 * @throws ProviderError
 */
export async function listDrive(
  ask: (cursor: Cursor | undefined) => Promise<Page<RemoteFile> | undefined>,
  judge: Judge,
  sink: DriveSink,
): Promise<Set<RemoteId> | undefined> {
  const paths = sink.known;
  paths.set(top, "");
  const waiting = new Map<RemoteId, RemoteFile[]>();
  let waitingCount = 0;
  const letGo = new Set<RemoteId>();
  const seen = new Set<Cursor>();
  const breathe = breather();
  let writing: Promise<void> = Promise.resolve();
  let fruitless = 0;
  let losses = 0;
  let cursor = sink.from;

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

  for (;;) {
    sink.check();
    let page: Page<RemoteFile> | undefined;
    try {
      page = await ask(cursor);
    } catch (failure) {
      await writing;
      const isLost = failure instanceof ProviderError && failure.kind === "cursor-lost" && cursor !== undefined;
      if (!isLost || losses === MOST_LOSSES) throw failure;
      losses += 1;
      cursor = undefined;
      seen.clear();
      continue;
    }
    if (!page) return undefined;
    const batch = new Map<RemoteId, Sighting>();
    for (const item of page.items) {
      place(item, batch);
      await breathe();
    }
    // What waits is in nobody's memory but ours: until it has found its place, a listing that is taken up again begins
    // where the last one had nothing waiting.
    const isWhole = waitingCount === 0 && letGo.size === 0;
    await writing;
    writing = sink.record([...batch.values()], isWhole ? page.next : undefined);
    writing.catch(() => {});
    if (page.next === undefined) break;
    fruitless = page.items.length > 0 ? 0 : fruitless + 1;
    if (fruitless === MOST_FRUITLESS || seen.has(page.next)) {
      await writing;
      throw new ProviderError("unexpected-reply", "The listing of the drive goes in circles");
    }
    seen.add(page.next);
    cursor = page.next;
  }
  await writing;
  return new Set([...letGo].filter((id) => paths.has(id)));
}
