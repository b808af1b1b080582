/** What a pretend WordPress site answers over the wire, in the words and the spelling that were measured on real ones. */
import { restRelation } from "./api.ts";
import { capabilitiesOf, type Site, type SiteUser, type Visitor, whoAsks } from "./simulated-site.ts";

/** Answers one request. `path` is what stands behind the site's own address, with a slash at its beginning. */
export function answer(
  site: Site,
  request: { method: string; path: string; query: URLSearchParams; headers: Headers },
): Response {
  const inFront = answerInFront(site);
  if (inFront) return inFront;
  const route = routeOf(site, request.path, request.query);
  if (route !== undefined) return toApi(site, { ...request, route });
  const isPage = !request.path.startsWith("/wp-json") || site.strayRoutes === "home-page";
  return isPage ? homePage(site) : html(404, "Page not found");
}

/** The route of the REST API that an address stands for. The parameter always works; the path does with pretty permalinks. */
function routeOf(site: Site, path: string, query: URLSearchParams): string | undefined {
  const parameter = query.get("rest_route");
  if (parameter !== null) return parameter.startsWith("/") ? parameter : `/${parameter}`;
  if (site.permalinks === "plain" || !/^\/wp-json(?:\/|$)/.test(path)) return undefined;
  return path.slice("/wp-json".length) || "/";
}

const homePage = (site: Site): Response =>
  html(200, "Just another WordPress site", site.hidesLink ? {} : { link: `<${rootOf(site)}>; rel="${restRelation}"` });

const rootOf = ({ home, permalinks }: Site): string =>
  permalinks === "pretty" ? `${home}/wp-json/` : `${home}/index.php?rest_route=/`;

function toApi(
  site: Site,
  request: { method: string; route: string; query: URLSearchParams; headers: Headers },
): Response {
  const { route, method } = request;
  const visitor = whoAsks(site, request.headers.get("authorization"));
  const fail = (status: number, code: string, message: string) =>
    json(site, status, { code, message, data: { status } });

  if (site.api === "off") return fail(403, "rest_disabled", "The REST API on this site has been disabled.");
  if (!visitor.user && visitor.refused) {
    // Neither a status in the data nor plain text: so are the errors of core's own sign-in.
    return json(site, 401, { code: visitor.refused, message: refusals[visitor.refused], data: { status: 401 } });
  }
  if (site.api === "closed" && !visitor.user) {
    return fail(401, "rest_login_required", "REST API restricted to authenticated users.");
  }
  const known = routes[`${method} ${route === "/" ? route : route.replace(/\/$/, "")}`];
  if (!known) return fail(404, "rest_no_route", "No route was found matching the URL and request method.");
  return known(site, visitor, request.query);
}

const refusals = {
  incorrect_password: "<strong>Error:</strong> The provided password is an invalid application password.",
  invalid_username: "<strong>Error:</strong> Unknown username. Check again or try your email address.",
  invalid_email: "<strong>Error:</strong> Unknown email address. Check again or try your username.",
} as const;

type Route = (site: Site, visitor: Visitor, query: URLSearchParams) => Response;

const routes: Readonly<Record<string, Route>> = {
  "GET /": (site) => json(site, 200, indexOf(site), { link: `<${rootOf(site)}>; rel="${restRelation}"` }),

  // A list is public, and its Link header holds only pages.
  "GET /wp/v2/posts": (site) => json(site, 200, [], { "x-wp-total": "0", "x-wp-totalpages": "0" }),

  "GET /wp/v2/users/me": (site, { user }, query) => {
    if (!user) {
      return json(site, 401, {
        code: "rest_not_logged_in",
        message: "You are not currently logged in.",
        data: { status: 401 },
      });
    }
    const whole = userDocument(site, user, query.get("context") ?? "view");
    const fields = query.get("_fields")?.split(",");
    return json(
      site,
      200,
      fields ? Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name))) : whole,
    );
  },
};

const indexOf = (site: Site) => ({
  name: "Just another WordPress site",
  description: "",
  url: site.home,
  home: site.home,
  gmt_offset: "0",
  timezone_string: "",
  namespaces: ["oembed/1.0", "wp/v2", "wp-site-health/v1"],
  // PHP writes an object without members as a list.
  authentication:
    site.applicationPasswords === "offered"
      ? { "application-passwords": { endpoints: { authorization: `${site.home}/wp-admin/authorize-application.php` } } }
      : [],
  routes: {},
});

function userDocument(site: Site, user: SiteUser, context: string): Record<string, unknown> {
  const { id, name, login, email, role } = user;
  const view = { id, name, url: "", description: "", link: `${site.home}/author/${login}/`, slug: login, meta: [] };
  if (context !== "edit") return view;
  return { ...view, username: login, email, roles: [role], capabilities: { ...capabilitiesOf(role), [role]: true } };
}

function answerInFront({ inFront }: Site): Response | undefined {
  switch (inFront) {
    case "nothing":
      return undefined;
    case "challenge":
      return html(403, "Just a moment… Checking your browser before accessing the site.");
    case "password":
      return html(401, "Authorization Required", { "www-authenticate": 'Basic realm="Restricted"' });
    case "maintenance":
      return html(503, "Briefly unavailable for scheduled maintenance. Check back in a minute.");
    case "fatal-error":
      return html(500, "There has been a critical error on this website.");
  }
}

const html = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(`<!DOCTYPE html><html><body><p>${text}</p></body></html>`, {
    status,
    headers: { "content-type": "text/html; charset=UTF-8", ...headers },
  });

function json(site: Site, status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const warning = "<br />\n<b>Warning</b>:  Undefined array key in <b>functions.php</b> on line <b>7</b><br />\n";
  return new Response(`${site.phpWarnings ? warning : ""}${asPhpWrites(body)}`, {
    status,
    headers: { "content-type": "application/json; charset=UTF-8", ...headers },
  });
}

const asPhpWrites = (body: unknown): string =>
  JSON.stringify(body)
    .replaceAll("/", "\\/")
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
