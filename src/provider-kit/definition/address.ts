// Addresses with `{name}` in them, whose values come from a connection's config or from the provider itself. Whatever
// those values are, they stay in their place: none can change the host beyond it, the scheme, or add a user name.
import { ProviderError } from "#core/errors.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { checkPath, encodeQuery } from "#expressions/place.ts";

/** Values by the names of variables and of what the provider told. */
export type Values = ReadonlyMap<string, string>;

export interface AddressParts {
  /** The whole front of the address is one value, which has to be an https address itself. */
  readonly origin: { readonly scheme: string; readonly host: string } | { readonly whole: string };
  readonly path: string;
  readonly query: string;
}

export const placeholder = /(?<!\{)\{([A-Za-z][A-Za-z0-9_]*)\}(?!\})/g;

export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(placeholder)].map(([, name]) => name).filter((name) => name !== undefined);

/**
 * Takes an address apart. Throws a sentence as `Error` where it is none, or where a value could lead to another host
 * than its author meant: `{shop}example.com` would be `evilexample.com` for the shop `evil`.
 *
 * @param listed names whose values are one of a list, and so known
 */
export function readAddress(text: string, listed: ReadonlySet<string> = new Set()): AddressParts {
  if (/[\p{Cc}\s\\#]/u.test(text)) throw new Error("An address holds no blanks, backslashes or #.");
  const whole = /^\{([a-z][a-z0-9_]*)\}(\/[^?]*)?(\?.*)?$/.exec(text);
  if (whole?.[1] !== undefined) {
    return { origin: { whole: whole[1] }, path: readPath(whole[2]), query: whole[3] ?? "" };
  }
  const found = /^(https?):\/\/([^/?]+)(\/[^?]*)?(\?.*)?$/i.exec(text);
  const [, scheme, host, path, query] = found ?? [];
  if (scheme === undefined || host === undefined) {
    throw new Error("This is not a whole address. Example: https://api.example.com/v1");
  }
  if (host.includes("@")) throw new Error("An address holds no user name or password; those are the credential.");
  checkHost(host, listed);
  const parts = { origin: { scheme: scheme.toLowerCase(), host }, path: readPath(path), query: query ?? "" };
  const sample = new Map(placeholdersIn(text).map((name) => [name, "x"]));
  const url = fillParts(parts, sample, { sample: true });
  if (!URL.canParse(url)) throw new Error("This is not an address.");
  if (!host.includes("{")) mustBeWritten(host, new URL(url));
  return parts;
}

function readPath(path: string | undefined): string {
  const text = path ?? "";
  if (text !== "") {
    try {
      checkPath(withoutPlaceholders(text));
    } catch (error) {
      throw error instanceof ExpressionError ? new Error(`${error.message}.`) : error;
    }
  }
  return text;
}

/** A text with something harmless for each `{name}`. Throws a sentence as `Error` for braces that hold no name. */
export function withoutPlaceholders(text: string): string {
  const filled = text.replace(placeholder, "x");
  if (/[{}]/.test(filled)) throw new Error("A { and its } hold one name, as in {region}.");
  return filled;
}

function checkHost(host: string, listed: ReadonlySet<string>): void {
  const open = placeholdersIn(host).filter((name) => !listed.has(name));
  const last = open.at(-1);
  const behind = last === undefined ? "" : host.slice(host.lastIndexOf(`{${last}}`) + last.length + 2);
  withoutPlaceholders(host);
  if (last === undefined || behind === "") return;
  const labels = behind.replace(/:\d+$/, "").split(".").slice(1);
  if (labels.length < 2 || labels.some((label) => label === "" || label.includes("{"))) {
    throw new Error(`Behind {${last}} the address has to name a domain, as in https://{shop}.example.com.`);
  }
}

/**
 * The address with its values. A value that is not known stays as `{name}`; such an address is not to be called.
 * Throws `Error` for a value that cannot stand in its place.
 */
export const fillAddress = (text: string, values: Values): string => fillParts(readAddressLoosely(text), values);

/** The same for values of which the provider has told some: one that does not fit is its own doing. */
export function fillTold(name: string, text: string, values: Values): string {
  try {
    return fillAddress(text, values);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ProviderError("unexpected-reply", `${name} has told what cannot stand in its address: ${error.message}`);
  }
}

/** What was stored has been read once before; only its shape counts here. */
function readAddressLoosely(text: string): AddressParts {
  const whole = /^\{([a-z][a-z0-9_]*)\}([^?]*)(.*)$/s.exec(text);
  if (whole) return { origin: { whole: whole[1] ?? "" }, path: whole[2] ?? "", query: whole[3] ?? "" };
  const [, scheme = "", host = "", path = "", query = ""] = /^([a-z]+):\/\/([^/?]*)([^?]*)(.*)$/is.exec(text) ?? [];
  return { origin: { scheme, host }, path, query };
}

function fillParts({ origin, path, query }: AddressParts, values: Values, { sample = false } = {}): string {
  const rest = fill(path, values, segment) + fill(query, values, encodeQuery);
  if ("whole" in origin) {
    const value = values.get(origin.whole);
    return (value === undefined ? `{${origin.whole}}` : wholeAddress(origin.whole, value)) + rest;
  }
  const { scheme, host } = origin;
  const filled = fill(host, values, (value, name) => hostPart(value, name, host === `{${name}}`));
  const url = `${scheme}://${filled}${rest}`;
  if (!sample && !filled.includes("{")) {
    if (!URL.canParse(url)) throw new Error("The values do not make a host.");
    mustBeWritten(filled, new URL(url));
  }
  return url;
}

/** The parser is the judge: it has to find the host that is written here, and nothing in front of it. */
function mustBeWritten(host: string, { protocol, host: found, username, password }: URL): void {
  const written = host.toLowerCase().replace(protocol === "https:" ? /:443$/ : /:80$/, "");
  if (username !== "" || password !== "") throw new Error("The values do not make a host.");
  if (found !== written) throw new Error(`This host is written ${found}.`);
}

const fill = (text: string, values: Values, write: (value: string, name: string) => string): string =>
  text.replace(placeholder, (written: string, name: string) => {
    const value = values.get(name);
    return value === undefined ? written : write(value, name);
  });

function segment(value: string, name: string): string {
  if (value === "" || value === "." || value === "..") throw new Error(`{${name}} cannot be "${value}" here.`);
  return encodeQuery(value);
}

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const labels = new RegExp(`^${label}(?:\\.${label})*$`);
const hostAndPort = new RegExp(`^${label}(?:\\.${label})*(?::[0-9]{1,5})?$`);

function hostPart(value: string, name: string, isWhole: boolean): string {
  if (value.length > 253 || !(isWhole ? hostAndPort : labels).test(value)) {
    throw new Error(`{${name}} is a part of a host name: letters, digits, hyphens and dots.`);
  }
  return value;
}

/** An address that the provider told: https, a host, and at most a path. */
function wholeAddress(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const told = value.replace(/\/$/, "");
  if (
    url?.protocol !== "https:" ||
    url.username !== "" ||
    url.password !== "" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw new Error(`{${name}} is not an https address.`);
  }
  if (`${url.origin}${url.pathname}`.replace(/\/$/, "") !== told)
    throw new Error(`{${name}} is not written as an address.`);
  return told;
}

/**
 * Where calls may go while a value is not known yet: `https://{dc}.example.com` is `https://*.example.com`. Nothing for
 * an address of which not even the domain is known.
 */
export function originPattern(address: string): string | undefined {
  const [, scheme, host] = /^(https?):\/\/([^/?]+)/i.exec(address) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  if (placeholdersIn(host).length === 0) return `${scheme}://${host}`;
  const behind = /\}(\.[^{}]+)$/.exec(host)?.[1];
  return behind === undefined ? undefined : `${scheme}://*${behind}`;
}

/**
 * An address as a connection could have it, to be judged before there is one. Undefined where the connection names the
 * host.
 */
export function sampleOf(
  address: string,
  variables: readonly { readonly name: string; readonly enum?: readonly string[] }[],
): string | undefined {
  const listed = new Map(variables.flatMap(({ name, enum: values }) => (values?.[0] ? [[name, values[0]]] : [])));
  const [, scheme, host] = /^(https?):\/\/([^/?]+)/i.exec(fillAddress(address, listed)) ?? [];
  if (scheme === undefined || host === undefined || /\}$/.test(host)) return undefined;
  return `${scheme}://${host.replace(placeholder, "x")}`;
}
