import { type FailureKind, ProviderError } from "#core/errors.ts";
import { type Json, sameJson } from "#expressions/json.ts";
import { compileJsonPath } from "#expressions/json-path.ts";
import type { HttpFailure } from "../http.ts";
import { labelFrom } from "../label.ts";
import { kindOfStatus } from "../provider-http.ts";
import type { Definition, FailureRule } from "./definition.ts";
import { asJson } from "./read-reply.ts";

/** Epoch seconds and milliseconds by their size; less is a number of seconds to wait. */
const LEAST_EPOCH_S = 1_000_000_000;
const LEAST_EPOCH_MS = 100_000_000_000;
const YEAR_MS = 31_536_000_000;

type Rules = Pick<Definition, "displayName" | "errors" | "errorMessage" | "retry">;

/**
 * What an answer means by the definition's own rules, in their order; an answer of 2xx only means something where a
 * rule says so. Undefined where its status tells enough.
 */
export function explainFailure(
  definition: Rules,
  failure: HttpFailure,
  now: Date,
): { kind: FailureKind; message?: string; retryAt?: Date } | undefined {
  const body = bodyOf(failure);
  const isSuccess = failure.status >= 200 && failure.status < 300;
  const rule = definition.errors.find((one) => applies(one, failure.status, body));
  const retryAt = isSuccess ? undefined : readRetryAt(definition, failure.headers, now);
  const said = definition.errorMessage === undefined ? undefined : textAt(definition.errorMessage, body);
  const told = {
    ...(said !== undefined && { message: `${definition.displayName}: ${said}` }),
    ...(retryAt && { retryAt }),
  };
  if (rule) return { kind: kinds[rule.means], ...told };
  if (isSuccess || (retryAt === undefined && said === undefined)) return undefined;
  return { kind: kindOfStatus(failure.status), ...told };
}

const kinds = {
  reauthorize: "reauthorize",
  forbidden: "forbidden",
  not_found: "not-found",
  rejected: "rejected",
  rate_limited: "rate-limited",
  unavailable: "unavailable",
} as const satisfies Record<FailureRule["means"], FailureKind>;

function bodyOf({ body }: HttpFailure): Json {
  try {
    return body === undefined ? null : asJson(body);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return null;
  }
}

function applies(rule: FailureRule, status: number, body: Json): boolean {
  if (rule.status ? !rule.status.includes(status) : status < 200) return false;
  if (rule.at === undefined) return true;
  const found = find(rule.at, body);
  const { equals, contains } = rule;
  if (equals !== undefined) return found.some((value) => sameJson(value, equals));
  if (contains === undefined) return found.length > 0;
  const wanted = contains.toLowerCase();
  return found.some((value) => typeof value === "string" && value.toLowerCase().includes(wanted));
}

/** Nothing for an answer that is too much for the path. */
function find(path: string, body: Json): readonly Json[] {
  try {
    return compileJsonPath(path).select(body);
  } catch {
    return [];
  }
}

function textAt(path: string, body: Json): string | undefined {
  const [found] = find(path, body);
  return typeof found === "string" && found.trim() !== "" ? labelFrom(found) : undefined;
}

function readRetryAt({ retry }: Rules, headers: Headers, now: Date): Date | undefined {
  for (const { header, unit } of retry?.waitFor ?? []) {
    const wait = toNumber(headers.get(header));
    if (wait !== undefined) return later(now, unit === "ms" ? wait : wait * 1000);
  }
  for (const { header, unit } of retry?.waitUntil ?? []) {
    const until = readTime(headers.get(header), unit, now);
    if (until) return until;
  }
  return undefined;
}

function readTime(value: string | null, unit: "s" | "ms" | undefined, now: Date): Date | undefined {
  if (value === null) return undefined;
  const number = toNumber(value);
  // A date names a year; Date.parse reads one into almost anything.
  if (number === undefined) return /\d{4}/.test(value) ? atMostAYear(now, Date.parse(value)) : undefined;
  if (unit === "ms" || (unit === undefined && number >= LEAST_EPOCH_MS)) return atMostAYear(now, number);
  return number >= LEAST_EPOCH_S ? atMostAYear(now, number * 1000) : later(now, number * 1000);
}

function toNumber(value: string | null): number | undefined {
  if (value === null || !/^\s*\d{1,15}(?:\.\d{1,9})?\s*$/.test(value)) return undefined;
  return Number(value);
}

const later = (now: Date, ms: number): Date | undefined => atMostAYear(now, now.getTime() + ms);

/** What is further away than that was not meant. */
const atMostAYear = (now: Date, time: number): Date | undefined =>
  time <= now.getTime() + YEAR_MS ? new Date(time) : undefined;
