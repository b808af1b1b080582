import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { headerToken, paramName } from "../definition/shapes.ts";
import { oneLineOf } from "./names.ts";
import type { References } from "./references.ts";
import type { Reporter } from "./report.ts";

const MOST_SCOPES = 50;

type Way = Record<string, Json>;

/** The document's security schemes as ways to sign in: those it requires first, one of each type. */
export function importSignIn(document: JsonObject, baseUrl: string, references: References, reporter: Reporter): Way[] {
  const schemes = references.object(references.object(document.components)?.securitySchemes) ?? {};
  const required = requirementsOf(document.security);
  const names = [...new Set([...required.keys(), ...Object.keys(schemes)])];
  const ways = new Map<string, Way>();
  for (const name of names) {
    const scheme = references.object(Object.hasOwn(schemes, name) ? schemes[name] : undefined);
    if (!scheme) continue;
    const note = (why: string) => reporter.note(`security scheme ${name}`, why);
    for (const way of waysOf(scheme, { baseUrl, scopes: required.get(name) ?? [], note })) {
      const type = String(way.type);
      if (ways.has(type)) note("A provider has one way to sign in of each type; another scheme of this type is taken.");
      else ways.set(type, way);
    }
  }
  return ways.size === 0 ? [{ type: "none" }] : [...ways.values()];
}

/** Scopes by the name of their scheme, in the order of the document. */
function requirementsOf(security: Json | undefined): Map<string, string[]> {
  const found = new Map<string, string[]>();
  if (security === undefined || !isList(security)) return found;
  for (const requirement of security) {
    if (!isObject(requirement)) continue;
    for (const [name, scopes] of Object.entries(requirement)) {
      const named = isList(scopes) ? scopes.filter((scope) => typeof scope === "string") : [];
      found.set(name, [...(found.get(name) ?? []), ...named]);
    }
  }
  return found;
}

interface Around {
  baseUrl: string;
  scopes: readonly string[];
  note(why: string): void;
}

function waysOf(scheme: JsonObject, around: Around): Way[] {
  switch (scheme.type) {
    case "apiKey":
      return keyOf(scheme, around);
    case "http": {
      const kind = typeof scheme.scheme === "string" ? scheme.scheme.toLowerCase() : "";
      if (kind === "bearer") return [{ type: "bearer" }];
      if (kind === "basic") return [{ type: "basic", password_label: "Password" }];
      around.note(`Signing in by HTTP ${kind || "something"} is not among the ways there are.`);
      return [];
    }
    case "oauth2":
      return flowsOf(scheme, around);
    case "openIdConnect":
      around.note(
        `OpenID Connect: enter the addresses that stand at ${oneLineOf(scheme.openIdConnectUrl, 200) ?? "its document"} as OAuth 2.0.`,
      );
      return [];
    default:
      around.note("This kind of sign-in is not among the ways there are.");
      return [];
  }
}

function keyOf(scheme: JsonObject, { note }: Around): Way[] {
  const { name } = scheme;
  const label = oneLineOf(name, 200) ?? "API key";
  if (scheme.in === "header" && typeof name === "string" && headerToken.safeParse(name).success) {
    return [{ type: "api_key", label, place: { header: name } }];
  }
  if (scheme.in === "query" && typeof name === "string" && paramName.safeParse(name).success) {
    return [{ type: "api_key", label, place: { query: name } }];
  }
  note("A key stands in a header or in the query; others are not sent.");
  return [];
}

function flowsOf(scheme: JsonObject, around: Around): Way[] {
  const flows = isObject(scheme.flows) ? scheme.flows : {};
  const ways: Way[] = [];
  for (const [name, flow] of Object.entries(flows)) {
    if (!isObject(flow)) continue;
    const tokenUrl = addressOf(flow.tokenUrl, around.baseUrl);
    const scopes = scopesOf(flow, around);
    if (name === "clientCredentials" && tokenUrl !== undefined) {
      ways.push({ type: "oauth2_client_credentials", token_url: tokenUrl, scopes });
      continue;
    }
    const authorizeUrl = addressOf(flow.authorizationUrl, around.baseUrl);
    if (name === "authorizationCode" && tokenUrl !== undefined && authorizeUrl !== undefined) {
      const refreshUrl = addressOf(flow.refreshUrl, around.baseUrl);
      ways.push({
        type: "oauth2_authorization_code",
        authorize_url: authorizeUrl,
        token_url: tokenUrl,
        ...(refreshUrl !== undefined && refreshUrl !== tokenUrl && { refresh_url: refreshUrl }),
        scopes,
      });
      continue;
    }
    around.note(
      name === "implicit" || name === "password"
        ? `The OAuth flow "${name}" must not be used any more; look for another one at the provider.`
        : `The OAuth flow "${oneLineOf(name, 50) ?? ""}" does not tell whole addresses.`,
    );
  }
  return ways;
}

function scopesOf(flow: JsonObject, { scopes, note }: Around): string[] {
  const offered = isObject(flow.scopes) ? Object.keys(flow.scopes) : [];
  const wanted = (scopes.length > 0 ? scopes : offered).filter((scope) => /^[\x21-\x7e]{1,255}$/.test(scope));
  if (scopes.length === 0 && wanted.length > 0) note("All scopes are asked for; take out those that are not needed.");
  return [...new Set(wanted)].slice(0, MOST_SCOPES);
}

/** It may be written relative to the server. */
function addressOf(written: Json | undefined, baseUrl: string): string | undefined {
  if (typeof written !== "string" || written.length > 2048) return undefined;
  const url = URL.canParse(written)
    ? new URL(written)
    : URL.canParse(written, baseUrl)
      ? new URL(written, baseUrl)
      : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  url.hash = "";
  return /[{}]|%7B/i.test(url.href) ? undefined : url.href;
}
