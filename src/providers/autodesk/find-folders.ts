// A search for folders by walking them, since Autodesk's own finds versions: one level after the other downwards, some
// requests for each page of what is found. What is still to be walked is kept as one place for each level.
import type { Clock } from "#core/clock.ts";
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Call, RemoteFile } from "#provider-kit/provider.ts";
import { type ApiFolder, contentsReply } from "./api.ts";
import { ask } from "./ask.ts";
import type { Config } from "./config.ts";
import { pathOf, projectOf } from "./ids.ts";
import { firstPage, type PageQuery, pageAfter, pageOf, toCursor } from "./page.ts";
import { toFolder } from "./remote-file.ts";

/** Autodesk takes 300 a minute of this kind from all who use one app. */
const MOST_REQUESTS = 24;
const AT_ONCE = 8;
const MOST_FOUND = 200;
/** So many places fit into a cursor. Beyond it is gone down one by one, and not below what is deeper than anybody makes it. */
const MOST_PLACES = 60;
const DEEPEST = 90;

/** A page of the folders in a folder, below the first `walked` of which all has been looked at. */
interface Place {
  /** Empty for the top of the project. */
  folder: string;
  page: PageQuery;
  walked: number;
}

interface Level extends Place {
  /** Absent where the page has to be asked for again. */
  known?: { folders: ApiFolder[]; next: PageQuery | undefined };
}

/** One page of the folders with this text in their names. It may be empty although there is more. */
export async function findFolders(
  call: Call<Config>,
  clock: Clock,
  { drive, text, cursor }: { drive: RemoteId; text: string; cursor?: Cursor },
): Promise<Page<RemoteFile>> {
  const { hub, project, root } = projectOf(drive);
  const wanted = text.toLowerCase();
  const found = new Map<string, RemoteFile>();
  let requests = 0;

  const load = async ({ folder, page }: Place): Promise<NonNullable<Level["known"]>> => {
    requests += 1;
    const request =
      folder === ""
        ? {
            url: `project/v1/${pathOf("hubs", hub, "projects", project, "topFolders")}`,
            query: { excludeDeleted: true },
          }
        : {
            url: `data/v1/${pathOf("projects", project, "folders", folder, "contents")}`,
            // What was deleted keeps its place, so that a deletion meanwhile moves nothing to where it is passed over.
            query: { ...page, "filter[type]": "folders", includeHidden: true },
          };
    const reply = await ask(call, request, contentsReply).catch((error: unknown) => {
      // One that has gone since, or is closed, does not spoil the search.
      if (folder !== "" && error instanceof ProviderError && ["not-found", "forbidden"].includes(error.kind)) {
        return undefined;
      }
      throw error;
    });
    const link = folder === "" ? undefined : reply?.links?.next;
    return {
      folders: reply?.data.filter((entry) => entry.type === "folders") ?? [],
      next: link === undefined ? undefined : pageAfter(page, link),
    };
  };

  const open = async (place: Place): Promise<Level> => {
    const known = await load(place);
    for (const entry of known.folders) {
      const { hidden, name, displayName } = entry.attributes;
      if (hidden || !(displayName ?? name).toLowerCase().includes(wanted)) continue;
      const parent = place.folder === "" ? entry.relationships?.parent : { data: { id: place.folder } };
      const placed = { ...entry, relationships: { parent } };
      found.set(entry.id, toFolder(placed, { root, isTop: place.folder === "", now: clock.now() }));
    }
    return { ...place, known };
  };

  const levels: Level[] =
    cursor === undefined ? [await open({ folder: "", page: firstPage, walked: 0 })] : placesIn(cursor, root);
  while (levels.length > 0 && requests < MOST_REQUESTS && found.size < MOST_FOUND) {
    const level = levels[levels.length - 1] as Level;
    level.known ??= await load(level);
    const { folders, next } = level.known;
    if (level.walked >= folders.length || levels.length >= DEEPEST) {
      levels.pop();
      if (next) levels.push(await open({ folder: level.folder, page: next, walked: 0 }));
      continue;
    }
    const width = Math.max(1, Math.min(AT_ONCE, MOST_PLACES - levels.length));
    const below = folders.slice(level.walked, level.walked + width);
    level.walked += width;
    const opened = await Promise.all(
      below.filter((one) => !one.attributes.hidden).map(({ id }) => open({ folder: id, page: firstPage, walked: 0 })),
    );
    levels.push(...opened.filter(({ known }) => known && (known.folders.length > 0 || known.next)).toReversed());
  }
  const left = levels.filter(({ walked, known }) => !known || known.next || walked < known.folders.length);
  return { items: [...found.values()], ...(left.length > 0 && { next: toPlaces(left, root) }) };
}

/** Folders of a project begin alike: `urn:adsk.wipprod:fs.folder:co.`. */
const beginningOf = (root: string): string => root.slice(0, root.lastIndexOf(".") + 1);

const toPlaces = (levels: readonly Place[], root: string): Cursor => {
  const beginning = beginningOf(root);
  const places = levels.map(({ folder, page, walked }) => {
    const short = folder.startsWith(beginning) ? `.${folder.slice(beginning.length)}` : folder;
    return [short, walked, toCursor(page)].join(" ");
  });
  return places.join(",") as Cursor;
};

/** @throws ProviderError cursor-lost for anything that is none of ours */
function placesIn(cursor: Cursor, root: string): Place[] {
  return cursor.split(",").map((text) => {
    const [short, walked, page, ...more] = text.split(" ");
    if (short === undefined || page === undefined || !/^\d{1,9}$/.test(walked ?? "") || more.length > 0) {
      throw new ProviderError("cursor-lost", "This is not the place of a search");
    }
    const folder = short.startsWith(".") ? `${beginningOf(root)}${short.slice(1)}` : short;
    return { folder, walked: Number(walked), page: pageOf(page) };
  });
}
