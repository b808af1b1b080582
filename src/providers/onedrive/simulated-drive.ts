/** What a pretend Graph answers of the items of a drive: themselves, what lies in them, what has changed. */
import type { SimDrive, SimNode } from "#provider-kit/sim/tree.ts";
import { readItemAddress } from "./simulated-address.ts";
import { downloadUrlOf } from "./simulated-download.ts";
import { badRequest, failure, notFound } from "./simulated-error.ts";
import { type Asked, type Asking, type GraphParts, topIn, USUAL_PAGE, withoutToken } from "./simulated-graph.ts";
import { cTagOf, eTagOf, itemWriter, viewOf } from "./simulated-item.ts";
import { type DrivePlace, oddityOf } from "./simulated-microsoft.ts";
import { isEmptyPage, type PagePlace, shuffled } from "./simulated-pages.ts";
import { driveOf } from "./simulated-places.ts";

const LARGEST_PAGE = 1000;

export function answerDrive(
  graph: GraphParts,
  asking: Asking,
  asked: Asked,
  place: DrivePlace,
  rest: string,
): Response {
  const { tree, state } = graph;
  if (rest === "") return Response.json(driveOf(place));
  const item = readItemAddress(tree, place.drive, rest);
  if (!item) return notFound(state.errorStyle);
  const { node, tail } = item;
  const about: ItemRequest = { graph, asking, asked, drive: place.drive, node };
  if (tail === "") return oneItem(about);
  if (tail === "/children") return children(about);
  if (tail === "/content") return content(about);
  if (tail === "/versions") return versions(node);
  const version = /^\/versions\/([^/]+)\/content$/.exec(tail)?.[1];
  // The newest one has no content of its own here, and older ones are not kept.
  if (version !== undefined) return notFound(state.errorStyle);
  const feed = /^\/delta(?:\((?:token='([^'()]*)')?\))?$/.exec(tail);
  if (feed) return delta(about, feed[1]);
  const search = /^\/search\(q='((?:[^']|%27)*)'\)$/.exec(tail)?.[1];
  if (search !== undefined) return searchBelow(about, search);
  return badRequest("Resource not found for the segment.", "badArgument");
}

interface ItemRequest {
  graph: GraphParts;
  asking: Asking;
  asked: Asked;
  drive: SimDrive;
  node: SimNode;
}

const downloadFor = ({ graph, asking }: ItemRequest) => {
  const until = asking.now.getTime() + graph.state.downloadLifeS * 1000;
  return (node: SimNode) => downloadUrlOf(node, graph.downloadRoot, until);
};

const writerFor = (about: ItemRequest, isFeed: boolean) =>
  itemWriter(about.graph, viewOf(about.asked.url.searchParams.get("$select"), isFeed, downloadFor(about)));

function oneItem(about: ItemRequest): Response {
  const { node, asked } = about;
  const known = asked.request.headers.get("if-none-match");
  if (known !== null && (known === eTagOf(node) || known === cTagOf(node))) return new Response(null, { status: 304 });
  const context = `https://graph.microsoft.com/v1.0/$metadata#drives('${encodeURIComponent(node.drive.id)}')/items/$entity`;
  return Response.json({ "@odata.context": context, ...writerFor(about, false)(node) });
}

function content(about: ItemRequest): Response {
  const { node, asked, graph } = about;
  const known = asked.request.headers.get("if-none-match");
  if (known === eTagOf(node)) return new Response(null, { status: 304 });
  if (oddityOf(node).malware) return failure(403, "malwareDetected", "Malware detected", { inner: "virusSuspicious" });
  if (!node.content) return failure(400, "notSupported", "This has no content.", { style: graph.state.errorStyle });
  return new Response(null, { status: 302, headers: { location: downloadFor(about)(node) } });
}

const versions = (node: SimNode): Response =>
  Response.json({
    value: Array.from({ length: node.contentRevision }, (_, n) => ({
      id: `${node.contentRevision - n}.0`,
      lastModifiedDateTime: new Date(node.modifiedAt).toISOString(),
      publication: { level: "published", versionId: `${node.contentRevision - n}.0` },
    })),
  });

function children(about: ItemRequest): Response {
  const { graph, asked, node } = about;
  if (!node.isFolder) return notFound(graph.state.errorStyle);
  const isHere = (child: SimNode) => child.parent === node && !child.trashed && !child.deleted;
  return listing(about, asked.path, () => [...(node.children ?? [])].filter(isHere), isHere);
}

function searchBelow(about: ItemRequest, raw: string): Response {
  const { graph, asked, node } = about;
  const wanted = decodeURIComponent(raw).replaceAll("''", "'").toLowerCase();
  const isHere = (one: SimNode) =>
    !one.deleted && one !== node && graph.tree.isBelow(one, node) && !graph.tree.isTrashed(one);
  // Beside names, it looks into files: here, at their endings.
  const fits = ({ name }: SimNode) => name.toLowerCase().includes(wanted);
  const find = () => {
    const found: SimNode[] = [];
    const open = [node];
    for (let at = open.pop(); at; at = open.pop()) {
      if (at !== node && fits(at)) found.push(at);
      for (const child of at.children ?? []) if (!child.trashed) open.push(child);
    }
    return found;
  };
  return listing(about, asked.path, find, isHere);
}

/** A page of what is found at the first one; what has gone meanwhile is left out. */
function listing(
  about: ItemRequest,
  path: string,
  find: () => SimNode[],
  isHere: (node: SimNode) => boolean,
): Response {
  const { graph, asked } = about;
  const { pages, quirks, state, apiRoot } = graph;
  const given = asked.url.searchParams.get("$skiptoken");
  let place: PagePlace | undefined;
  if (given === null) place = pages.hold(path, quirks.shuffled ? shuffled(find()) : find());
  else place = pages.read(given.replace(/~.*$/, ""), path);
  if (!place) return failure(400, "invalidRequest", "The skip token is not valid.", { style: state.errorStyle });
  const size = Math.max(1, Math.min(quirks.pageSize ?? LARGEST_PAGE, topIn(asked.url) ?? USUAL_PAGE, LARGEST_PAGE));
  const { nodes } = place.held;
  const isEmpty = isEmptyPage(quirks.emptyPages, place.page);
  const upTo = isEmpty ? place.offset : Math.min(nodes.length, place.offset + size);
  const value = nodes.slice(place.offset, upTo).filter(isHere).map(writerFor(about, false));
  const isLast = upTo >= nodes.length && !isEmpty;
  const token = pages.tokenOf({ ...place, offset: upTo, page: place.page + 1 });
  const more = state.longLinks ? `~${"UGFn".repeat(750)}` : "";
  return Response.json({
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(driveItem)",
    "@odata.count": nodes.length,
    ...(!isLast && { "@odata.nextLink": `${apiRoot}/${path}?${withoutToken(asked.url)}&$skiptoken=${token}${more}` }),
    value,
  });
}

function delta(about: ItemRequest, tokenInPath: string | undefined): Response {
  const { graph, asked, drive, node } = about;
  if (node !== drive.top) return badRequest("The feed is of the root of a drive only.", "notSupported");
  const token = tokenInPath ?? /[?&]token=([^&#]*)/.exec(asked.request.url)?.[1];
  const base = `${graph.apiRoot}/${asked.path.replace(/\/delta.*$/, "/delta")}`;
  const options = withoutToken(asked.url);
  return graph.feed.answer({
    drive,
    token: token === "" ? undefined : token,
    top: topIn(asked.url),
    withoutParents: asked.request.headers.has("deltaexcludeparent"),
    write: writerFor(about, true),
    // Both ways to write it occur.
    linkWith: (to, isEnd) =>
      isEnd
        ? `${base}?${options ? `${options}&` : ""}token=${to}`
        : `${base}(token='${to}')${options ? `?${options}` : ""}`,
    start: `${base}?${options}`,
  });
}
