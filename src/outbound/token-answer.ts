/** Reads what a token endpoint answered (RFC 6749 5.1), also where it bends the RFC. Plain values, no network. */
import type { Kept, TokenAnswerPlaces } from "#core/token-answer.ts";
import { compileLinearPattern } from "#expressions/linear-pattern.ts";
import { Secret } from "#vault/reveal.ts";
import { parseJson } from "./json.ts";
import { cleanText, TokenFailure } from "./token-failure.ts";

export interface TokenAnswer {
  accessToken: Secret;
  /** Absent when the answer has none, also where it is null or empty: the old one stays (SR-41). */
  refreshToken?: Secret;
  /** What was granted, where the answer tells. */
  scopes?: readonly string[];
  /** Life from the moment the request was sent, 1 minute to 1 year. Absent: not told. */
  expiresInS?: number;
  /** Instead of it, where the answer tells a time. */
  expiresAt?: Date;
  refreshExpiresInS?: number;
  kept: Readonly<Record<string, string>>;
}

export interface AnswerRules {
  places?: TokenAnswerPlaces | undefined;
  keep?: readonly Kept[] | undefined;
  scopeSeparator?: string | undefined;
}

/** The members of an answer, or nothing where it is neither JSON nor a form. */
export type Members = Readonly<Record<string, unknown>>;

export function parseMembers(text: string, mediaType: string): Members | undefined {
  try {
    const value = parseJson(text, { maxBytes: 1024 * 1024 });
    return isMembers(value) ? value : undefined;
  } catch {
    // Some answer with a form unless they are asked for JSON, and a few even then.
    const isForm = mediaType.includes("x-www-form-urlencoded") || /^[\w.~%+-]+=[^<>\s]*$/.test(text.trim());
    if (!isForm) return undefined;
    const members: Record<string, unknown> = Object.create(null);
    for (const [name, value] of new URLSearchParams(text.trim())) members[name] ??= value;
    return members;
  }
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at `data.token`; own members only. */
export function valueAt(members: Members, place: string): unknown {
  let value: unknown = members;
  for (const name of place.split(".")) {
    if (!isMembers(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The error in an answer, whatever its status says. */
export function errorIn(
  members: Members,
  places: TokenAnswerPlaces = {},
): { code: string | undefined; description: string | undefined } | undefined {
  const error = valueAt(members, places.error ?? "error");
  const refused = places.ok !== undefined && valueAt(members, places.ok) === false;
  if ((error === undefined || error === null || error === "" || error === false) && !refused) return undefined;
  const nested = isMembers(error) ? error : undefined;
  const code = nested ? (nested.code ?? nested.type ?? nested.status) : error;
  const description =
    valueAt(members, places.errorDescription ?? "error_description") ?? nested?.message ?? nested?.description;
  return { code: cleanText(typeof code === "number" ? String(code) : code), description: cleanText(description) };
}

/**
 * The tokens of an answer with status 2xx and no error in it. Throws TokenFailure: `temporary` for what is no usable
 * answer, `app` for one that the provider's description does not fit.
 */
export function readAnswer(members: Members, { places = {}, keep = [], scopeSeparator }: AnswerRules): TokenAnswer {
  const accessToken = tokenAt(members, places.accessToken ?? "access_token");
  if (!accessToken) throw new TokenFailure("temporary", "The answer holds no access token.", { answered: false });
  const type = valueAt(members, "token_type");
  if (typeof type === "string" && /^(mac|dpop|pop)$/i.test(type)) {
    throw new TokenFailure(
      "app",
      `The provider gives tokens of the kind ${type.toLowerCase()}, which cannot be used here.`,
    );
  }
  const refreshToken = tokenAt(members, places.refreshToken ?? "refresh_token");
  const scopes = scopesAt(members, places.scope ?? "scope", scopeSeparator);
  const life = lifeOf(members, places);
  const refreshLife = lifeAt(members, places.refreshExpiresIn ?? defaultRefreshExpiry(members), places.expiresUnit);
  return {
    accessToken,
    ...(refreshToken && { refreshToken }),
    ...(scopes && { scopes }),
    ...life,
    ...(refreshLife !== undefined && { refreshExpiresInS: refreshLife }),
    kept: readKept(keep, (from) => valueAt(members, from)),
  };
}

const defaultRefreshExpiry = (members: Members): string =>
  ["refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in"].find((name) =>
    Object.hasOwn(members, name),
  ) ?? "refresh_token_expires_in";

const LONGEST_TOKEN = 65_536;

function tokenAt(members: Members, place: string): Secret | undefined {
  const value = valueAt(members, place);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || value.length > LONGEST_TOKEN || /[^\x21-\x7e]/.test(value)) {
    throw new TokenFailure("temporary", "The answer holds something that is no token.", { answered: false });
  }
  return new Secret(value);
}

function scopesAt(members: Members, place: string, separator: string | undefined): string[] | undefined {
  const value = valueAt(members, place);
  const words = Array.isArray(value) ? value : typeof value === "string" ? splitScopes(value, separator) : undefined;
  if (!words) return undefined;
  const scopes = words.filter((word): word is string => typeof word === "string" && /^[\x21-\x7e]{1,255}$/.test(word));
  return [...new Set(scopes)].slice(0, 500);
}

/** Several ask with blanks and answer with commas; no scope has either in it. */
const splitScopes = (text: string, separator = " "): string[] => text.replaceAll(separator, " ").split(/[\s,]+/);

const SHORTEST_S = 60;
const LONGEST_S = 365 * 24 * 60 * 60;
const unitSeconds = { s: 1, ms: 0.001, min: 60 } as const;

/** In seconds, between a minute and a year; nothing for what is no life at all. */
function lifeAt(members: Members, place: string, unit: TokenAnswerPlaces["expiresUnit"] = "s"): number | undefined {
  const amount = numberOf(valueAt(members, place));
  if (amount === undefined || amount <= 0) return undefined;
  return Math.min(LONGEST_S, Math.max(SHORTEST_S, Math.floor(amount * unitSeconds[unit])));
}

function lifeOf(members: Members, places: TokenAnswerPlaces): { expiresInS?: number; expiresAt?: Date } {
  const inS = lifeAt(members, places.expiresIn ?? "expires_in", places.expiresUnit);
  if (inS !== undefined) return { expiresInS: inS };
  const at = timeOf(valueAt(members, places.expiresAt ?? "expires_at"));
  const now = Date.now();
  if (at !== undefined && at > now) return { expiresAt: new Date(Math.min(at, now + LONGEST_S * 1000)) };
  return places.defaultLifeS === undefined ? {} : { expiresInS: places.defaultLifeS };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "string" && !/^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Milliseconds since 1970 from an ISO text, or from seconds or milliseconds, told apart by their size. */
function timeOf(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return number > 1e11 ? number : number * 1000;
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Values that are kept beside the token. One that does not match its pattern could lead the token to another host.
 * Throws TokenFailure `app`.
 */
export function readKept(keep: readonly Kept[], at: (from: string) => unknown): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const { name, from, pattern, optional } of keep) {
    const found = at(from);
    const value = typeof found === "number" ? String(found) : found;
    if (value === undefined || value === null || value === "") {
      if (optional) continue;
      throw new TokenFailure("app", `The provider's answer does not hold "${from}", which its calls need.`);
    }
    if (typeof value !== "string" || value.length > 2048 || !compileLinearPattern(`^(?:${pattern})$`).matches(value)) {
      throw new TokenFailure("app", `What the provider gave as "${from}" is not of the form that was agreed.`);
    }
    kept[name] = value;
  }
  return kept;
}
