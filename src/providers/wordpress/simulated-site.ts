/** A pretend WordPress site: its settings, its users, and who a request is taken for. */

export type Role = "administrator" | "editor" | "author" | "contributor" | "subscriber";

export interface SiteUser {
  readonly id: number;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  role: Role;
  /** As WordPress shows them once; in requests the spaces do not count. */
  applicationPasswords: string[];
}

/** What whoever runs the site, its plugins and its host have made of it. Everything can be changed at any time. */
export interface Site {
  /** What the site believes its address to be; it writes its links with it. */
  home: string;
  permalinks: "pretty" | "plain";
  /** What `/wp-json/` answers while permalinks are plain; the web server's rules decide. */
  strayRoutes: "home-page" | "not-found";
  /** `undeclared` is a production site over http: it offers none, and takes good ones for a visitor's request. */
  applicationPasswords: "offered" | "switched-off" | "undeclared";
  /** A plugin asks for the current user early: wrong credentials are then refused for every route. */
  asksEarly: boolean;
  /** The web server drops the Authorization header. */
  dropsAuthorization: boolean;
  /** `closed` to visitors by a plugin, `off` for everybody. */
  api: "open" | "closed" | "off";
  /** The page does not name the API: a theme or plugin has removed the header. */
  hidesLink: boolean;
  /** Warnings stand before every JSON answer. */
  phpWarnings: boolean;
  /** What stands in front of the site. */
  inFront: "nothing" | "challenge" | "password" | "maintenance" | "fatal-error";
  users: SiteUser[];
}

/** A site with one author, as WordPress sets it up. */
export const newSite = (home: string): Site => ({
  home,
  permalinks: "pretty",
  strayRoutes: "home-page",
  applicationPasswords: "offered",
  asksEarly: false,
  dropsAuthorization: false,
  api: "open",
  hidesLink: false,
  phpWarnings: false,
  inFront: "nothing",
  users: [
    {
      id: 2,
      login: "ana",
      email: "ana@example.org",
      name: "Ana Author",
      role: "author",
      applicationPasswords: ["only for the sand box 2026"],
    },
  ],
});

/** Whom WordPress takes a request for; `refused` only where a plugin asks early. */
export type Visitor =
  | { user: SiteUser }
  | { user: undefined; refused?: "incorrect_password" | "invalid_username" | "invalid_email" };

export function whoAsks(site: Site, authorization: string | null): Visitor {
  const entered =
    site.dropsAuthorization || site.applicationPasswords !== "offered" ? undefined : readBasic(authorization);
  if (!entered) return { user: undefined };
  const user = site.users.find(({ login, email }) => entered.login === login || entered.login === email);
  const known = user?.applicationPasswords.some(
    (password) => withoutSpaces(password) === withoutSpaces(entered.password),
  );
  if (user && known) return { user };
  if (!site.asksEarly) return { user: undefined };
  if (user) return { user: undefined, refused: "incorrect_password" };
  return { user: undefined, refused: entered.login.includes("@") ? "invalid_email" : "invalid_username" };
}

/** The capabilities of a role, as far as anybody here asks for them. */
export function capabilitiesOf(role: Role): Record<string, true> {
  const each: readonly [string, readonly Role[]][] = [
    ["read", ["administrator", "editor", "author", "contributor", "subscriber"]],
    ["edit_posts", ["administrator", "editor", "author", "contributor"]],
    ["publish_posts", ["administrator", "editor", "author"]],
    ["upload_files", ["administrator", "editor", "author"]],
    ["edit_others_posts", ["administrator", "editor"]],
    ["manage_options", ["administrator"]],
  ];
  return Object.fromEntries(each.filter(([, roles]) => roles.includes(role)).map(([name]) => [name, true]));
}

const withoutSpaces = (password: string): string => password.replace(/\s/g, "");

function readBasic(authorization: string | null): { login: string; password: string } | undefined {
  const coded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1];
  if (coded === undefined) return undefined;
  const pair = new TextDecoder().decode(Uint8Array.fromBase64(coded));
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : { login: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
