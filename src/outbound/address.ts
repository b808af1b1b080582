import { isIP } from "node:net";
import { AppError } from "#core/errors.ts";
import { isGloballyReachable } from "./ip-range.ts";
import { hostAndPort, type OutboundPolicy, portOf } from "./policy.ts";

export { isGloballyReachable } from "./ip-range.ts";

/**
 * The one refusal for every address that is not out in the world, whatever is behind it: nobody learns from it which
 * internal hosts exist (SR-22).
 */
export const addressRefused = () =>
  new AppError("address_refused", "There is no host with this address that can be reached from the public internet.");

/**
 * Parses an address once and checks all of it that can be known without asking DNS (SR-14, SR-15, SR-16). From here on
 * only the parsed URL is used. Throws AppError `address_refused`.
 */
export function checkUrl(address: string | URL, policy: OutboundPolicy): URL {
  const url = parse(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("Only https addresses can be called.");
  if (url.username !== "" || url.password !== "") {
    throw refuse("An address must not contain a user name or password. Enter them as a credential.");
  }
  if (isException(url, policy)) return url;
  if (url.protocol === "http:" && !policy.allowHttp) throw refuse("Only https addresses can be called.");
  if (!policy.ports.has(portOf(url))) throw refuse(`Port ${portOf(url)} cannot be called.`);
  const host = hostOf(url);
  if (isIP(host) !== 0 ? !isGloballyReachable(host) : isInternalName(host)) throw addressRefused();
  return url;
}

/** Whether the operator named exactly this host and port. */
export function isException(url: URL, policy: OutboundPolicy): boolean {
  return policy.exceptions.has(hostAndPort(url));
}

/** The host without the brackets of an IPv6 literal. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/**
 * A path below a base address, which may have a path of its own: `https://x.test/v1` and `/users` give
 * `https://x.test/v1/users`. Throws AppError `address_refused` for everything that would lead elsewhere: another
 * address, `//host`, a backslash, `@host`, dot segments that climb out of the base.
 */
export function joinPath(base: string | URL, path: string): URL {
  const root = parse(base);
  const below = root.pathname.replace(/\/$/, "");
  // The URL parser drops tabs and line ends before it looks for slashes, and reads a backslash as one.
  const leadsAway = /[\p{Cc}\\]|^\s|\s$|^\/\/|^@|^[a-z][a-z0-9+.-]*:/iu.test(path);
  const separator = path === "" || /^[/?#]/.test(path) ? "" : "/";
  const text = `${root.origin}${below}${separator}${path}`;
  const url = leadsAway || !URL.canParse(text) ? undefined : new URL(text);
  if (!url || url.origin !== root.origin || !(url.pathname === below || url.pathname.startsWith(`${below}/`))) {
    throw refuse("This path leads out of the base address.");
  }
  return url;
}

function parse(address: string | URL): URL {
  if (address instanceof URL) return new URL(address.href);
  if (!URL.canParse(address)) throw refuse("This is not a whole address. Example: https://api.example.com/v1");
  return new URL(address);
}

const internalTrees = ["localhost", "local", "internal", "home.arpa", "svc"];

/** Names that only mean something inside a network; with a dot at the end too, which would be a second origin. */
function isInternalName(host: string): boolean {
  return !host.includes(".") || host.endsWith(".") || internalTrees.some((tree) => host.endsWith(`.${tree}`));
}

const refuse = (message: string) => new AppError("address_refused", message);
