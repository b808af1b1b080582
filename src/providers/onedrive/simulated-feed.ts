/** The change feed of a pretend Graph: all that is there, in pages, or what happened after a place in a drive's log. */
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import { randomText } from "#provider-kit/sim/random.ts";
import type { SimDrive, SimEvent, SimNode, SimTree } from "#provider-kit/sim/tree.ts";
import { badRequest, failure } from "./simulated-error.ts";
import { deletedItem } from "./simulated-item.ts";
import type { MicrosoftState } from "./simulated-microsoft.ts";
import { isEmptyPage, type PagePlace, type Pages, shuffled } from "./simulated-pages.ts";

const FIRST_PAGES = 1000;
const LATER_PAGES = 500;
const WITHOUT_TOP = 200;

export interface FeedRequest {
  drive: SimDrive;
  /** The token as it stands in the address, or nothing for all that is there. */
  token: string | undefined;
  /** Fewer entries than usual. */
  top: number | undefined;
  /** Unchanged folders on the way to what has changed are left out. */
  withoutParents: boolean;
  write(node: SimNode): object;
  /** A link with this token. */
  linkWith(token: string, isEnd: boolean): string;
  /** Where to begin anew. */
  start: string;
}

export interface Feed {
  answer(request: FeedRequest): Response;
  /** Hears of everything that happens, so that a time can stand for a place. */
  note(drive: SimDrive, at: number): void;
  lose(): void;
}

/** What a link that was forgotten is answered with; which of them, nobody knows before. */
const resyncs: readonly (readonly [code: string, inner?: string])[] = [
  ["resyncRequired"],
  ["resyncChangesApplyDifferences"],
  ["resyncRequired", "resyncUploadDifferences"],
  ["syncStateNotFound"],
  ["resyncChangesUploadDifferences", "resyncApplyDifferences"],
];

export function createFeed(about: { tree: SimTree; pages: Pages; quirks: ListingQuirks; state: MicrosoftState }): Feed {
  const { tree, pages, quirks, state } = about;
  let epoch = randomText()(6);
  let refused = 0;
  const times = new Map<SimDrive, { from: number; at: number[] }>();

  const endOf = (drive: SimDrive): number => drive.logStart + drive.log.length;

  const resync = ({ start }: FeedRequest): Response => {
    const [code, inner] = resyncs[refused % resyncs.length] ?? ["resyncRequired"];
    refused += 1;
    return failure(
      410,
      code,
      "Resync required. Replace any local items with the server's version (including deletes).",
      {
        style: state.errorStyle,
        ...(inner !== undefined && { inner }),
        headers: state.resyncLocation ? { location: start } : {},
      },
    );
  };

  const write = (token: string): string => {
    // A percent sign that stays one only where a link is sent back as it was.
    const padding = state.longLinks ? `~${"Mzsl".repeat(750)}` : "";
    return `${Buffer.from(token).toString("base64url")}${padding}%3D`;
  };

  const endToken = (drive: SimDrive, at: number): string => write(`c ${epoch} ${drive.id} ${at} 0 e`);

  const body = (value: readonly object[], link: { next: string } | { end: string }): Response =>
    Response.json({
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(driveItem)",
      ...("next" in link ? { "@odata.nextLink": link.next } : { "@odata.deltaLink": link.end }),
      value,
    });

  const isThere = (node: SimNode, drive: SimDrive): boolean =>
    !node.deleted && node.drive === drive && (node === drive.top || node.parent !== undefined) && !tree.isTrashed(node);

  const all = (request: FeedRequest, place: PagePlace, from: number): Response => {
    const { drive, top = WITHOUT_TOP, linkWith } = request;
    const { nodes } = place.held;
    const size = Math.max(1, Math.min(quirks.pageSize ?? FIRST_PAGES, top, FIRST_PAGES));
    const isEmpty = isEmptyPage(quirks.emptyPages, place.page);
    const upTo = isEmpty ? place.offset : Math.min(nodes.length, place.offset + size);
    const again = quirks.duplicates && !isEmpty ? Math.max(0, place.offset - 2) : place.offset;
    const value = nodes.slice(again, upTo).flatMap((node) => (isThere(node, drive) ? [request.write(node)] : []));
    if (upTo >= nodes.length && !isEmpty) return body(value, { end: linkWith(endToken(drive, from), true) });
    const token = pages.tokenOf({ ...place, offset: upTo, page: place.page + 1 });
    return body(value, { next: linkWith(write(`a ${token} ${from}`), false) });
  };

  /** A folder before what lies in it, unless the order is nobody's. */
  const everything = (drive: SimDrive): SimNode[] => {
    const found: SimNode[] = [];
    const open: SimNode[] = [drive.top];
    for (let at = open.pop(); at; at = open.pop()) {
      found.push(at);
      for (const child of at.children ?? []) if (!child.trashed) open.push(child);
    }
    return quirks.shuffled ? shuffled(found) : found;
  };

  const entriesOf = (request: FeedRequest, nodes: ReadonlySet<SimNode>): object[] => {
    const { drive, withoutParents } = request;
    const told = new Set<SimNode>();
    const entries: object[] = [];
    const tell = (node: SimNode, stale: boolean) => {
      if (told.has(node)) return;
      told.add(node);
      if (!isThere(node, drive)) {
        // Where it lay is told as long as that is known.
        entries.push(deletedItem(node, drive.id));
        if (state.tellsChildrenOfDeleted) {
          for (const child of node.children ?? [])
            if (child.drive === drive) entries.unshift(deletedItem(child, drive.id));
        }
        return;
      }
      if (!withoutParents) for (const parent of waysTo(node)) tell(parent, false);
      const entry = request.write(node);
      // What comes last counts: before it there may be what was so a moment ago.
      if (stale && quirks.duplicates && node.parent) entries.push({ ...entry, name: `~ ${node.name}` });
      entries.push(entry);
    };
    for (const node of quirks.shuffled ? shuffled([...nodes]) : nodes) tell(node, true);
    if (quirks.duplicates && entries.length > 0) entries.push(...entries.slice(-1));
    return entries;
  };

  const since = (request: FeedRequest, from: number, page: number): Response => {
    const { drive, top = LATER_PAGES, linkWith } = request;
    const size = Math.max(1, Math.min(quirks.pageSize ?? LATER_PAGES, top, LATER_PAGES));
    const isEmpty = isEmptyPage(quirks.emptyPages, page);
    const nodes = new Set<SimNode>();
    let at = from - drive.logStart;
    if (!isEmpty) {
      for (; at < drive.log.length && nodes.size < size; at++) {
        const event = drive.log[at] as SimEvent;
        if (event.node !== drive.top) nodes.add(event.node);
      }
    }
    const value = entriesOf(request, nodes);
    if (nodes.size > 0 && page === 0 && !request.withoutParents) value.unshift(request.write(drive.top));
    const reached = drive.logStart + at;
    if (at >= drive.log.length && !isEmpty) return body(value, { end: linkWith(endToken(drive, reached), true) });
    return body(value, { next: linkWith(write(`c ${epoch} ${drive.id} ${reached} ${page + 1} p`), false) });
  };

  const sinceTime = (drive: SimDrive, time: number): number | undefined => {
    const known = times.get(drive);
    if (!known) return endOf(drive);
    const index = known.at.findIndex((at) => at > time);
    const place = index < 0 ? endOf(drive) : known.from + index;
    return place < drive.logStart ? undefined : place;
  };

  return {
    answer(request) {
      const { drive, token, linkWith } = request;
      if (token === undefined) return all(request, pages.hold(`all ${drive.id}`, everything(drive)), endOf(drive));
      if (token === "latest") return body([], { end: linkWith(endToken(drive, endOf(drive)), true) });
      const time = /^\d{4}-\d\d-\d\dT/.test(token) ? Date.parse(decodeURIComponent(token)) : Number.NaN;
      if (!Number.isNaN(time)) {
        const place = sinceTime(drive, time);
        return place === undefined ? resync(request) : since(request, place, 0);
      }
      const read = /^([\w-]+)(?:~[\w-]*)?%3D$/.exec(token)?.[1];
      const [kind, ...rest] = read === undefined ? [] : Buffer.from(read, "base64url").toString().split(" ");
      if (kind === "a") {
        const place = pages.read(rest[0] ?? "", `all ${drive.id}`);
        return place ? all(request, place, Number(rest[1])) : resync(request);
      }
      if (kind !== "c") return badRequest("Provided sync token is malformed");
      const [tokenEpoch, id, from, page] = rest;
      const at = Number(from);
      if (tokenEpoch !== epoch || id !== drive.id || at < drive.logStart || at > endOf(drive)) return resync(request);
      return since(request, at, Number(page));
    },
    note(drive, at) {
      const known = times.get(drive);
      // The log itself may have been forgotten since.
      const place = endOf(drive) - 1;
      if (!known || known.from + known.at.length !== place) times.set(drive, { from: place, at: [at] });
      else known.at.push(at);
    },
    lose() {
      epoch = randomText()(6);
    },
  };
}

/** The folders from below the top down to it. */
function waysTo(node: SimNode): SimNode[] {
  const way: SimNode[] = [];
  for (let at = node.parent; at?.parent; at = at.parent) way.unshift(at);
  return way;
}
