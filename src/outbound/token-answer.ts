/** Reads what a token endpoint answered (RFC 6749 5.1), also where it bends the RFC. Plain values, no network. */
import type { Kept, TokenAnswerPlaces } from "#core/token-answer.ts";
import { compileLinearPattern } from "#expressions/linear-pattern.ts";
import { Secret } from "#vault/reveal.ts";
import { parseJson } from "./json.ts";
import { TokenFailure } from "./token-failure.ts";

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
function valueAt(members: Members, place: string): unknown {
  let value: unknown = members;
  for (const name of place.split(".")) {
    if (!isMembers(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** What an answer says went wrong, in the other side's own words. */
export interface Refusal {
  code?: string | undefined;
  description?: string | undefined;
}

/** The error in an answer, whatever its status says: some answer 200 with one (Slack, GitHub, Zoho). */
export function refusalIn(members: Members, places: TokenAnswerPlaces = {}): Refusal | undefined {
  const error = valueAt(members, places.error ?? "error");
  const notOk = places.ok !== undefined && valueAt(members, places.ok) === false;
  if ((error === undefined || error === null || error === "" || error === false) && !notOk) return undefined;
  const nested = isMembers(error) ? error : undefined;
  const code = nested ? (nested.code ?? nested.type ?? nested.status) : error;
  return { code: wordsOf(code), description: describe(members, places) ?? wordsOf(nested?.message) };
}

/** What an answer says for people. */
export const describe = (members: Members, places: TokenAnswerPlaces = {}): string | undefined =>
  wordsOf(valueAt(members, places.errorDescription ?? "error_description")) ?? wordsOf(members.message);

const wordsOf = (value: unknown): string | undefined =>
  typeof value === "number" ? String(value) : typeof value === "string" && value !== "" ? value : undefined;

/**
 * The tokens of an answer with status 2xx and no error in it, that came at `now`. Throws TokenFailure: `temporary` for
 * what is no usable answer, `app` for one that the provider's description does not fit.
 */
export function readAnswer(
  members: Members,
  { places = {}, keep = [], scopeSeparator }: AnswerRules,
  about: { now: Date; isRefresh: boolean },
): TokenAnswer {
  const accessToken = tokenAt(members, places.accessToken ?? "access_token");
  if (!accessToken) throw new TokenFailure("temporary", "The answer holds no access token.", { answered: false });
  refuseOtherKinds(members);
  const refreshToken = tokenAt(members, places.refreshToken ?? "refresh_token");
  const scopes = scopesAt(members, places.scope ?? "scope", scopeSeparator);
  const refreshLife = lifeAt(members, places.refreshExpiresIn ?? defaultRefreshExpiry(members), places.expiresUnit);
  // Many tell what is kept with the first token alone; and a new refresh token must not be lost for an odd one.
  const kept = about.isRefresh ? matchingOf(keep, members) : readKept(keep, (from) => valueAt(members, from));
  return {
    accessToken,
    ...(refreshToken && { refreshToken }),
    ...(scopes && { scopes }),
    ...lifeOf(members, places, about.now),
    ...(refreshLife !== undefined && { refreshExpiresInS: refreshLife }),
    kept,
  };
}

/** A kind that wants a proof with each call cannot be used as bearer. Other odd kinds are mere names (Slack's `bot`). */
function refuseOtherKinds(members: Members): void {
  const type = valueAt(members, "token_type");
  const proving = ["mac", "dpop", "pop"].find((kind) => typeof type === "string" && type.toLowerCase() === kind);
  if (!proving) return;
  throw new TokenFailure("app", `The provider gives tokens of the kind ${proving}, which cannot be used here.`);
}

const defaultRefreshExpiry = (members: Members): string =>
  ["refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in"].find((name) =>
    Object.hasOwn(members, name),
  ) ?? "refresh_token_expires_in";

const LONGEST_TOKEN = 65_536;
const LONGEST_KEPT = 2_048;

function tokenAt(members: Members, place: string): Secret | undefined {
  const value = valueAt(members, place);
  if (value === undefined || value === null || value === "") return undefined;
  // RFC 6749 A.12; a blank at an end would be lost in a header.
  if (typeof value !== "string" || value.length > LONGEST_TOKEN || /[^\x20-\x7e]|^ | $/.test(value)) {
    throw new TokenFailure("temporary", "The answer holds something that is no token.", { answered: false });
  }
  return new Secret(value);
}

function scopesAt(members: Members, place: string, separator: string | undefined): string[] | undefined {
  const value = valueAt(members, place);
  const words = Array.isArray(value) ? value : typeof value === "string" ? splitScopes(value, separator) : undefined;
  if (!words) return undefined;
  const scopes = words.filter((word): word is string => typeof word === "string" && /^[\x21-\x7e]{1,255}$/.test(word));
  // An empty value is as good as none (RFC 6749 3.2): then what was asked for was granted.
  return scopes.length === 0 ? undefined : [...new Set(scopes)].slice(0, 500);
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
  return clamp(Math.floor(amount * unitSeconds[unit]));
}

const clamp = (seconds: number): number => Math.min(LONGEST_S, Math.max(SHORTEST_S, seconds));

function lifeOf(members: Members, places: TokenAnswerPlaces, now: Date): { expiresInS?: number; expiresAt?: Date } {
  const inS = lifeAt(members, places.expiresIn ?? "expires_in", places.expiresUnit);
  if (inS !== undefined) return { expiresInS: inS };
  const at = timeOf(valueAt(members, places.expiresAt ?? "expires_at"));
  const leftMs = at === undefined ? 0 : at - now.getTime();
  if (leftMs > 0) return { expiresAt: new Date(now.getTime() + clamp(leftMs / 1000) * 1000) };
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
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}[T ]/.test(value)) return undefined;
  // Without a zone it is not the time of wherever this runs.
  const time = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Values that are kept beside the token. One that does not match its pattern could lead the token to another host.
 * Throws TokenFailure `app`.
 */
export function readKept(keep: readonly Kept[], at: (from: string) => unknown): Record<string, string> {
  const kept: Record<string, string> = Object.create(null);
  for (const one of keep) {
    const value = at(one.from);
    const text = typeof value === "number" ? String(value) : value;
    if (text === undefined || text === null || text === "") {
      if (one.optional) continue;
      throw new TokenFailure("app", `The provider's answer does not hold "${one.from}", which its calls need.`);
    }
    if (!isAgreed(one, text)) {
      throw new TokenFailure("app", `What the provider gave as "${one.from}" is not of the form that was agreed.`);
    }
    kept[one.name] = text;
  }
  return kept;
}

function matchingOf(keep: readonly Kept[], members: Members): Record<string, string> {
  const matching = keep.filter((one) => isAgreed(one, wordsOf(valueAt(members, one.from))));
  return readKept(matching, (from) => valueAt(members, from));
}

function isAgreed({ pattern }: Kept, value: unknown): value is string {
  if (typeof value !== "string" || value.length > LONGEST_KEPT || /\p{Cc}/u.test(value)) return false;
  try {
    return compileLinearPattern(`^(?:${pattern})$`).matches(value);
  } catch {
    // A pattern that cannot be read fits nothing.
    return false;
  }
}
