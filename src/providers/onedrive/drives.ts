/** The drives that an account sees: its own, then the libraries of sites, twenty sites a page. */
import { z } from "zod";
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { HttpFailure } from "#provider-kit/http.ts";
import type { Call, Drive } from "#provider-kit/provider.ts";
import { explainAnswer } from "#provider-kit/provider-http.ts";
import { batchReply, drivesReply, type Site, sitesReply } from "./api.ts";
import type { Config } from "./config.ts";
import { type Link, readLink, toLink, urlOf } from "./cursor.ts";
import { explain } from "./failure.ts";

/** As many requests as Graph takes in one. */
const BATCH = 20;
const DRIVES = "$top=200&$select=id,name,webUrl,driveType";

const place = z.union([
  /** More drives of this owner. */
  z.strictObject({ own: z.string().min(1), group: z.string().optional() }),
  /** A page of sites, from the `skip`th of it on; and sites with more libraries than fit into one answer. */
  z.strictObject({
    sites: z.string().optional(),
    skip: z.number().int().nonnegative(),
    more: z.array(z.strictObject({ link: z.string().min(1), group: z.string() })),
  }),
]);
type Place = z.infer<typeof place>;
type SitesPlace = Extract<Place, { skip: number }>;

const FIRST_SITES = `sites?search=*&$top=${BATCH}&$select=id,name,displayName,webUrl`;

export async function listDrives(call: Call<Config>, cursor?: Cursor): Promise<Page<Drive>> {
  const at = cursor === undefined ? undefined : readCursor(cursor);
  const isApp = call.auth === "oauth2_client_credentials";
  if (at && "skip" in at) return ofSites(call, at);
  const { own, group } = at ? { ...at, own: readLink(at.own, "drives") } : firstOwn(call.config, isApp);
  const page = await call.http.json({ url: urlOf(own) }, drivesReply).catch((error: unknown) => {
    // Somebody without a drive of their own may still see sites.
    if (!isApp && isNone(error)) return { value: [], "@odata.nextLink": undefined };
    throw error;
  });
  const items = page.value.map((drive) => toDrive(drive, group));
  const link = page["@odata.nextLink"];
  if (link !== undefined) {
    return { items, next: toCursor({ own: toLink(link, "drives"), ...(group !== undefined && { group }) }) };
  }
  return isApp ? { items } : { items, next: toCursor({ sites: FIRST_SITES, skip: 0, more: [] }) };
}

/** An app has no drive of its own: it reads the one of a user, or those of a site. */
function firstOwn({ user, site }: Config, isApp: boolean): { own: Link; group?: string } {
  if (!isApp) return { own: `me/drives?${DRIVES}` as Link };
  if (user !== undefined) return { own: `users/${encodeURIComponent(user)}/drives?${DRIVES}` as Link };
  if (site !== undefined) {
    return { own: `sites/${site}:/drives?${DRIVES}` as Link, group: site.split("/").at(-1) ?? site };
  }
  throw new ProviderError("rejected", "An app reads the drive of a user or of a site, and none of them was entered");
}

async function ofSites(call: Call<Config>, at: SitesPlace): Promise<Page<Drive>> {
  const first = at.sites === FIRST_SITES && at.skip === 0;
  const found =
    at.sites === undefined
      ? { value: [], "@odata.nextLink": undefined }
      : await call.http.json({ url: urlOf(readLink(at.sites, "sites")) }, sitesReply).catch((error: unknown) => {
          // Without the permission for sites, or with a personal account, there are none.
          if (first && isNone(error)) return { value: [], "@odata.nextLink": undefined };
          throw error;
        });
  const [now, later] = [at.more.slice(0, BATCH), at.more.slice(BATCH)];
  const upTo = at.skip + BATCH - now.length;
  const sites = found.value.slice(at.skip, upTo).filter(isShared);
  const wanted = [
    ...now.map(({ link, group }) => ({ link: readLink(link, "drives"), group })),
    ...sites.map((site) => ({ link: `sites/${encodeURIComponent(site.id)}/drives?${DRIVES}`, group: nameOf(site) })),
  ];
  const { items, more } = await librariesOf(call, wanted);
  const left = [...later, ...more];
  const isPageDone = upTo >= found.value.length;
  const link = found["@odata.nextLink"];
  const sitesNext = !isPageDone ? at.sites : link === undefined ? undefined : toLink(link, "sites");
  if (sitesNext === undefined && left.length === 0) return { items };
  const skip = isPageDone ? 0 : upTo;
  return { items, next: toCursor({ ...(sitesNext !== undefined && { sites: sitesNext }), skip, more: left }) };
}

interface Wanted {
  link: string;
  group: string;
}

/** The libraries of up to twenty sites in one request. A site that is closed to us costs only itself. */
async function librariesOf(
  { http }: Call<Config>,
  wanted: readonly Wanted[],
): Promise<{ items: Drive[]; more: Wanted[] }> {
  const items: Drive[] = [];
  const more: Wanted[] = [];
  if (wanted.length === 0) return { items, more };
  const requests = wanted.map(({ link }, n) => ({ id: String(n), method: "GET", url: `/${link}` }));
  const { responses } = await http.json(
    { method: "POST", url: "v1.0/$batch", body: { json: { requests } }, repeatable: true },
    batchReply,
  );
  const answers = new Map(responses.map((response) => [response.id, response]));
  for (const [n, { group }] of wanted.entries()) {
    const answer = answers.get(String(n));
    if (!answer) throw new ProviderError("unexpected-reply", "Microsoft left out an answer of several");
    const { status, body } = answer;
    if (status >= 400) {
      const error = explainAnswer(microsoft, failureOf(status, answer.headers ?? {}, body));
      if (isNone(error) || status === 423) continue;
      throw error;
    }
    const page = drivesReply.safeParse(body);
    if (!page.success) throw new ProviderError("unexpected-reply", "Microsoft answered in a shape we do not know");
    items.push(...page.data.value.map((drive) => toDrive(drive, group)));
    const link = page.data["@odata.nextLink"];
    if (link !== undefined) more.push({ link: toLink(link, "drives"), group });
  }
  return { items, more };
}

const microsoft = { name: "OneDrive", explain };

const failureOf = (status: number, headers: Record<string, string>, body: unknown): HttpFailure => ({
  status,
  headers: new Headers(headers),
  body,
});

const isNone = (error: unknown): boolean =>
  error instanceof ProviderError && ["not-found", "forbidden", "rejected"].includes(error.kind);

/** Everybody's own drive is a site, too, on a host of its own; it has been listed before. */
const isShared = ({ webUrl }: Site): boolean => !/^https:\/\/[^/]+-my\.sharepoint[.-]/.test(webUrl ?? "");

const nameOf = ({ displayName, name, id }: Site): string => displayName || name || id.split(",")[0] || id;

const toDrive = ({ id, name }: { id: string; name?: string | null | undefined }, group: string | undefined): Drive => ({
  id: id as RemoteId,
  name: name || "Documents",
  ...(group !== undefined && { group }),
});

const toCursor = (at: Place): Cursor => JSON.stringify(at) as Cursor;

function readCursor(cursor: Cursor): Place {
  try {
    return place.parse(JSON.parse(cursor));
  } catch {
    throw new ProviderError("cursor-lost", "Where the list of drives left off is not known any more");
  }
}
