/** The address of a site's REST API: whether it may be asked with a password, and what lies below it. */

/** The origins that belong to the site: its own, and the one with or without `www` in front. */
export function originsOfSite(siteUrl: string): [string, ...string[]] {
  const { protocol, host, hostname, origin } = new URL(siteUrl);
  if (/^[\d.]+$|^\[/.test(hostname)) return [origin];
  const twin = hostname.startsWith("www.") ? host.slice("www.".length) : `www.${host}`;
  return twin.includes(".") ? [origin, `${protocol}//${twin}`] : [origin];
}

/** Why an address that a site gives for its REST API is not asked. */
export type Refusal = "not-an-address" | "other-site" | "not-https";

/**
 * Reads the address that a site gives for its REST API. The site may be anybody's, so the answer is hostile: the
 * address has to be one of the site's own, without a user name, and as well protected as the site's (SR-21).
 */
export function readRoot(text: string, siteUrl: string): { root: string } | { refused: Refusal } {
  if (!URL.canParse(text, siteUrl)) return { refused: "not-an-address" };
  const url = new URL(text, siteUrl);
  const origins = originsOfSite(siteUrl);
  if (url.username !== "" || url.password !== "") return { refused: "other-site" };
  if (!origins.includes(url.origin)) {
    const downgraded = url.protocol === "http:" && origins.includes(`https://${url.host}`);
    return { refused: downgraded ? "not-https" : "other-site" };
  }
  url.hash = "";
  return { root: url.href };
}

/**
 * The address of a route such as `wp/v2/users/me`. Where the site has plain permalinks, the root is a parameter, and so
 * are its routes.
 */
export function routeBelow(root: string, route: string): string {
  const url = new URL(root);
  const parameter = url.searchParams.get("rest_route");
  if (parameter === null) url.pathname = below(url.pathname, route);
  else url.searchParams.set("rest_route", below(parameter, route));
  return url.href;
}

/** What people and we know a site by: host and path, with no `www`, however its permalinks look. */
export function siteName(root: string): string {
  const { host, pathname } = new URL(root);
  const path = pathname.replace(/\/(?:wp-json\/?|index\.php)?$/, "");
  return `${host.replace(/^www\./, "")}${path}`;
}

const below = (path: string, route: string): string => `${path.replace(/\/+$/, "")}/${route}`;
