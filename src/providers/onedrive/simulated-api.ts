/** The API of a pretend Graph: who may ask, which drive is meant, and what of it is wanted. */
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import type { Access } from "#provider-kit/sim/oauth-server.ts";
import type { ApiCall } from "#provider-kit/sim/service.ts";
import type { SimDrive, SimNode } from "#provider-kit/sim/tree.ts";
import { readDriveAddress, readItemAddress, readSite } from "./simulated-address.ts";
import { answerBatch } from "./simulated-batch.ts";
import { download, downloadUrlOf } from "./simulated-download.ts";
import { badRequest, denied, failure, notFound } from "./simulated-error.ts";
import type { Feed } from "./simulated-feed.ts";
import { cTagOf, eTagOf, itemWriter, viewOf } from "./simulated-item.ts";
import {
  type DrivePlace,
  HOST,
  type MicrosoftState,
  oddityOf,
  people,
  type SimulatedMicrosoft,
  type SimulatedPerson,
  type SimulatedSite,
  sites,
} from "./simulated-microsoft.ts";
import { isEmptyPage, type PagePlace, type Pages, shuffled } from "./simulated-pages.ts";
import type { PushServer } from "./simulated-push.ts";
import type { Throttle } from "./simulated-throttle.ts";

const USUAL_PAGE = 200;
const LARGEST_PAGE = 1000;

export interface GraphParts extends SimulatedMicrosoft {
  state: MicrosoftState;
  quirks: ListingQuirks;
  pages: Pages;
  feed: Feed;
  push: PushServer;
  throttle: Throttle;
  /** What addresses of the API begin with, up to and with the version. */
  apiRoot: string;
  /** What addresses of the download host begin with. */
  downloadRoot: string;
}

/** Somebody with a good token. */
interface Asking {
  access: Access;
  isApp: boolean;
  person: SimulatedPerson | undefined;
  now: Date;
}

interface Asked {
  request: Request;
  url: URL;
  /** Behind the version, as it stands in the address. */
  path: string;
}

export async function answerGraph(graph: GraphParts, { request, path, url, now, access }: ApiCall): Promise<Response> {
  const { state } = graph;
  if (path.startsWith("/download/"))
    return download(graph, { request, url, path: path.slice("/download".length), now });
  if (!access) {
    const text = request.headers.has("authorization")
      ? "Lifetime validation failed, the token is expired."
      : "Access token is empty.";
    return failure(401, "InvalidAuthenticationToken", text, { style: state.errorStyle });
  }
  if (state.wantsClaims) {
    const challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="';
    return failure(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.", {
      headers: { "www-authenticate": challenge },
    });
  }
  const isApp = access.account === "app";
  if (isApp && !state.consented) {
    return failure(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }
  if (!path.startsWith("/v1.0/")) return badRequest("Invalid version.");
  const asking = { access, isApp, person: people.find(({ id }) => id === access.account), now };
  const reply = await answerOne(graph, asking, { request, url, path: path.slice("/v1.0/".length) });
  if (isApp)
    for (const [name, value] of Object.entries(graph.throttle.headers(now.getTime()))) reply.headers.set(name, value);
  return reply;
}

async function answerOne(graph: GraphParts, asking: Asking, asked: Asked): Promise<Response> {
  const { path, url, request } = asked;
  if (path === "$batch" && request.method === "POST") {
    return answerBatch(request, async (inner, init) => {
      const at = new URL(`${graph.apiRoot}/${inner}`);
      const one = { request: new Request(at, init), url: at, path: inner.split("?")[0] ?? "" };
      return answerOne(graph, asking, one);
    });
  }
  const blocked = graph.throttle.take(unitsOf(path, url), asking.now.getTime());
  if (blocked) return blocked;
  if (/^subscriptions(?:\/|$)/.test(path)) {
    return graph.push.answer(request, path.slice("subscriptions".length), {
      driveOf: (resource) => rootOf(graph, asking, resource),
    });
  }
  if (request.method !== "GET") return failure(405, "notAllowed", "The method is not allowed.");
  if (asking.isApp && /^me(?:\/|$)/.test(path)) {
    return failure(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
  }
  const collection = answerCollection(graph, asking, asked);
  if (collection) return collection;
  const address = readDriveAddress(path);
  if (!address) return notFound(graph.state.errorStyle);
  const place = placeOf(graph, asking, address.owner);
  if (place instanceof Response) return place;
  return answerDrive(graph, asking, asked, place, address.rest);
}

/** https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online */
const unitsOf = (path: string, { searchParams }: URL): number => {
  if (/\/(?:children|drives)$|search/.test(path)) return 2;
  return path.endsWith("/delta") && !searchParams.has("token") ? 2 : 1;
};

// ── people, sites, drives ────────────────────────────────────────────────────

/** Users, sites and lists of drives; nothing for what is in a drive. */
function answerCollection(graph: GraphParts, asking: Asking, { path, url }: Asked): Response | undefined {
  const { person, access } = asking;
  if (path === "me") {
    if (!access.scopes.includes("User.Read")) return denied();
    return person ? userOf(person) : failure(404, "Request_ResourceNotFound", "Resource does not exist.");
  }
  if (path === "organization") return Response.json({ value: [{ id: TENANT, displayName: "Contoso" }] });
  if (path === "me/drives") return drivesOf(graph, asking, { is: "me" });
  const user = /^users\/([^/]+)(\/drives)?$/.exec(path);
  if (user) {
    const name = decodeURIComponent(user[1] ?? "");
    if (user[2]) return drivesOf(graph, asking, { is: "user", name });
    const found = personBy(name);
    return found ? userOf(found) : failure(404, "Request_ResourceNotFound", "Resource does not exist.");
  }
  if (!/^sites(?:\/|$)/.test(path)) return undefined;
  if (!asking.isApp && !access.scopes.some((scope) => /^Sites\./.test(scope))) return denied();
  if (path === "sites") {
    const wanted = url.searchParams.get("search");
    if (wanted === null) return badRequest("A search term is needed.");
    const found = sites.filter(
      ({ displayName }) => wanted === "*" || displayName.toLowerCase().includes(wanted.toLowerCase()),
    );
    return sitesPage(graph, url, found.filter((site) => isOpen(graph, asking, site)).map(siteOf));
  }
  if (path === "sites/getAllSites") {
    if (!asking.isApp) return denied();
    return sitesPage(graph, url, [...sites.map(siteOf), ...people.filter(({ drive }) => drive).map(personalSiteOf)]);
  }
  const read = readSite(path);
  if (!read || /^\/drive(?:\/|$)/.test(read.rest)) return undefined;
  if (read.name === "root" && read.rest === "") return Response.json(siteOf(rootSite));
  const site = siteBy(read.name);
  const closed = closedSite(graph, asking, site);
  if (closed || !site) return closed ?? notFound();
  if (read.rest === "/sites") return Response.json({ value: [] });
  return read.rest === "/drives"
    ? drivesOf(graph, asking, { is: "site", name: read.name })
    : Response.json(siteOf(site));
}

const TENANT = "f6f00000-0000-4000-8000-000000000001";

const userOf = ({ id, label, name }: SimulatedPerson): Response =>
  Response.json({
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
    displayName: name,
    mail: label,
    userPrincipalName: label,
    id,
  });

const personBy = (name: string): SimulatedPerson | undefined =>
  people.find(({ id, label }) => id === name || label.toLowerCase() === name.toLowerCase());

const siteBy = (name: string): SimulatedSite | undefined =>
  sites.find((site) => site.id === name || name.toLowerCase() === `${HOST}:/sites/${site.name}`);

const siteOf = ({ id, name, displayName }: Pick<SimulatedSite, "id" | "name" | "displayName">): object => ({
  id,
  name,
  displayName,
  webUrl: name === "" ? `https://${HOST}` : `https://${HOST}/sites/${name}`,
  createdDateTime: "2024-01-01T00:00:00Z",
  lastModifiedDateTime: "2026-02-01T10:00:00Z",
  root: {},
  siteCollection: { hostname: HOST },
});

const rootSite = {
  id: `${HOST},0d0f2c4e-0000-4000-8000-00000000aaaa,0d0f2c4e-0000-4000-8000-00000000bbbb`,
  name: "",
  displayName: "Contoso",
};

const personalSiteOf = ({ id, name, label }: SimulatedPerson): object => ({
  id: `contoso-my.sharepoint.test,${id},${id}`,
  name,
  displayName: name,
  webUrl: `https://contoso-my.sharepoint.test/personal/${label.replace(/[@.]/g, "_")}`,
  isPersonalSite: true,
});

function sitesPage({ apiRoot, quirks }: GraphParts, url: URL, found: readonly object[]): Response {
  const from = Number(url.searchParams.get("$skiptoken") ?? 0);
  const size = Math.min(quirks.pageSize ?? USUAL_PAGE, topIn(url) ?? USUAL_PAGE);
  const value = found.slice(from, from + size);
  if (from + size >= found.length) return Response.json({ value });
  const next = `${apiRoot}/sites?${withoutToken(url)}&$skiptoken=${from + size}`;
  return Response.json({ "@odata.nextLink": next, value });
}

type Owner = { is: "me" } | { is: "user" | "drive" | "site"; name: string };

/** The drive that is meant, or why it is closed. */
function placeOf(graph: GraphParts, asking: Asking, owner: Owner): DrivePlace | Response {
  const places = placesOf(graph, asking, owner);
  return places instanceof Response ? places : (places[0] ?? notFound(graph.state.errorStyle));
}

function placesOf(graph: GraphParts, asking: Asking, owner: Owner): DrivePlace[] | Response {
  const { access, isApp, person } = asking;
  if (!isApp && !access.scopes.some((scope) => /^(?:Files|Sites)\.Read/.test(scope)))
    return denied(graph.state.errorStyle);
  if (owner.is === "drive") {
    const place = graph.places.get(owner.name);
    if (!place) return notFound(graph.state.errorStyle);
    if (place.site) return closedSite(graph, asking, place.site) ?? [place];
    return isApp ? (graph.state.selectedSites ? denied() : [place]) : place.owner === person ? [place] : denied();
  }
  if (owner.is === "site") {
    const site = siteBy(owner.name);
    return (
      closedSite(graph, asking, site) ?? site?.drives.flatMap(({ id }) => graph.places.get(id) ?? []) ?? notFound()
    );
  }
  const whose = owner.is === "me" ? person : personBy(owner.name);
  const place = whose?.drive === undefined ? undefined : graph.places.get(whose.drive);
  if (!place) return failure(404, "ResourceNotFound", "User's mysite not found.", { style: graph.state.errorStyle });
  return isApp && graph.state.selectedSites ? denied() : [place];
}

const isOpen = ({ state }: GraphParts, { isApp }: Asking, { name }: SimulatedSite): boolean =>
  !isApp || (state.selectedSites?.includes(name) ?? true);

function closedSite(graph: GraphParts, asking: Asking, site: SimulatedSite | undefined): Response | undefined {
  if (!site) return notFound(graph.state.errorStyle);
  if (!isOpen(graph, asking, site)) return denied(graph.state.errorStyle);
  if (!graph.state.lockedSites.includes(site.name)) return undefined;
  return failure(423, "resourceLocked", "Access to this site has been blocked.", { style: graph.state.errorStyle });
}

function drivesOf(graph: GraphParts, asking: Asking, owner: Owner): Response {
  const places = placesOf(graph, asking, owner);
  return places instanceof Response ? places : Response.json({ value: places.map(driveOf) });
}

const driveOf = ({ drive, type, owner, site, webUrl }: DrivePlace): object => ({
  id: drive.id,
  driveType: type,
  name: drive.name,
  webUrl,
  owner: owner
    ? { user: { id: owner.id, displayName: owner.name, email: owner.label } }
    : { group: { displayName: `${site?.displayName} Owners` } },
  quota: { deleted: 256938, remaining: 1099447353539, state: "normal", total: 1099511627776, used: 64258237 },
});

/** What can be subscribed to is the whole of a drive. */
function rootOf(graph: GraphParts, asking: Asking, resource: string): SimDrive | "wrong" | undefined {
  const address = readDriveAddress(resource.replace(/^\//, ""));
  if (!address) return "wrong";
  const place = placeOf(graph, asking, address.owner);
  if (place instanceof Response) return undefined;
  return address.rest === "/root" ? place.drive : "wrong";
}

// ── items ────────────────────────────────────────────────────────────────────

function answerDrive(graph: GraphParts, asking: Asking, asked: Asked, place: DrivePlace, rest: string): Response {
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

/** The options of an address, as they were written, without the places where a listing goes on. */
const withoutToken = ({ search }: URL): string =>
  search
    .slice(1)
    .split("&")
    .filter((part) => part !== "" && !/^(?:token|(?:\$|%24)skiptoken)=/i.test(part))
    .join("&");

function topIn({ searchParams }: URL): number | undefined {
  const top = Number(searchParams.get("$top"));
  return Number.isInteger(top) && top > 0 ? top : undefined;
}
