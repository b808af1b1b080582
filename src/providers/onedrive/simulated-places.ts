/** The people of a pretend Microsoft, its sites, and whose drives somebody may open. */
import type { SimDrive } from "#provider-kit/sim/tree.ts";
import { type Owner, readDriveAddress, readSite } from "./simulated-address.ts";
import { badRequest, denied, failure, notFound } from "./simulated-error.ts";
import { type Asked, type Asking, type GraphParts, topIn, USUAL_PAGE, withoutToken } from "./simulated-graph.ts";
import {
  type DrivePlace,
  HOST,
  people,
  type SimulatedPerson,
  type SimulatedSite,
  sites,
} from "./simulated-microsoft.ts";

/** Users, sites and lists of drives; nothing for what is in a drive. */
export function answerCollection(graph: GraphParts, asking: Asking, { path, url }: Asked): Response | undefined {
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

/** The drive that is meant, or why it is closed. */
export function placeOf(graph: GraphParts, asking: Asking, owner: Owner): DrivePlace | Response {
  const places = placesOf(graph, asking, owner);
  return places instanceof Response ? places : (places[0] ?? notFound(graph.state.errorStyle));
}

function placesOf(graph: GraphParts, asking: Asking, owner: Owner): DrivePlace[] | Response {
  const { access, isApp, person } = asking;
  const mayRead = isApp || access.scopes.some((scope) => /^(?:Files|Sites)\.Read/.test(scope));
  if (!mayRead) return denied(graph.state.errorStyle);
  if (owner.is === "drive") {
    const place = graph.places.get(owner.name);
    if (!place) return notFound(graph.state.errorStyle);
    if (place.site) return closedSite(graph, asking, place.site) ?? [place];
    const isClosed = isApp ? graph.state.selectedSites !== undefined : place.owner !== person;
    return isClosed ? denied(graph.state.errorStyle) : [place];
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

export const driveOf = ({ drive, type, owner, site, webUrl }: DrivePlace): object => ({
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
export function rootOf(graph: GraphParts, asking: Asking, resource: string): SimDrive | "wrong" | undefined {
  const address = readDriveAddress(resource.replace(/^\//, ""));
  if (!address) return "wrong";
  const place = placeOf(graph, asking, address.owner);
  if (place instanceof Response) return undefined;
  return address.rest === "/root" ? place.drive : "wrong";
}
