import type { HttpAnswer } from "#provider-kit/http.ts";
import type { HandoffAnswer } from "#provider-kit/provider.ts";
import type { Config } from "./config.ts";

const CLOCK_TOLERANCE_MS = 300_000;
const LONGEST_WAIT_MS = 3_600_000;

const temporary = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What an answer means for the document that was sent, and for the receiver. */
export function readAnswer(
  { status, headers, text }: HttpAnswer,
  { mode }: Pick<Config, "mode">,
  now: Date,
): HandoffAnswer {
  const about = { status, text };
  const body = readBody(text);
  const told = body.error === undefined ? "" : ` and said: ${body.error}`;
  const refused = (reason: string): HandoffAnswer => ({ ...about, kind: "refused", reason });
  const closed = (because: "reauthorize" | "forbidden" | "rejected" | "not-found", reason: string): HandoffAnswer => ({
    ...about,
    kind: "closed",
    because,
    reason,
  });

  if (status >= 200 && status < 300) {
    // Of the older receivers only this one status is known to mean that they have it.
    if (mode === "compatible" && status !== 200) {
      return refused(`The receiver answered ${status}. In compatible mode only 200 means that it has the file.`);
    }
    return { ...about, kind: "accepted", duplicate: body.duplicate, ...(body.job !== undefined && { job: body.job }) };
  }
  if (status >= 300 && status < 400) {
    return closed("rejected", "The receiver sends elsewhere. A hand-off follows nobody: enter the address itself.");
  }
  switch (status) {
    case 401:
    case 403:
      return explainSignature(about, headers, told, now, closed);
    case 404:
    case 405:
      return closed("rejected", `The receiver answered ${status}: nobody takes documents at this address${told}.`);
    case 409:
      if (body.code !== "in_progress") return refused(`The receiver answered 409${told}.`);
      return { ...about, kind: "later", reason: "The receiver is still at an earlier try.", ...waitOf(headers, now) };
    case 410:
      return closed("not-found", "The receiver is gone for good (410). Nothing more is sent to it.");
    case 413:
      return refused(`The receiver takes no file of this size (413)${told}.`);
    case 415:
      return refused(`The receiver does not take files of this kind (415)${told}.`);
  }
  if (temporary.has(status) || status >= 500) {
    return { ...about, kind: "later", reason: `The receiver answered ${status}${told}.`, ...waitOf(headers, now) };
  }
  return refused(`The receiver answered ${status}${told}.`);
}

function explainSignature(
  { status }: { status: number },
  headers: Headers,
  told: string,
  now: Date,
  closed: (because: "reauthorize" | "forbidden", reason: string) => HandoffAnswer,
): HandoffAnswer {
  const theirs = Date.parse(headers.get("date") ?? "");
  const offMs = theirs - now.getTime();
  if (status === 401 && Math.abs(offMs) > CLOCK_TOLERANCE_MS) {
    const minutes = Math.round(Math.abs(offMs) / 60_000);
    const where = offMs > 0 ? "ahead of" : "behind";
    // It mends itself once the clocks agree again.
    return closed(
      "forbidden",
      `The receiver's clock is ${minutes} minutes ${where} ours, so it takes no signature of ours.`,
    );
  }
  if (status === 403) return closed("forbidden", `The receiver does not let this tenant in (403)${told}.`);
  return closed(
    "reauthorize",
    `The receiver does not accept the signature (401)${told}. Secret or tenant is not the one it knows.`,
  );
}

/** Seconds or a date, an hour at the most. */
function waitOf(headers: Headers, now: Date): { retryAt?: Date } {
  const value = headers.get("retry-after");
  if (value === null) return {};
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return ms > 0 ? { retryAt: new Date(now.getTime() + Math.min(ms, LONGEST_WAIT_MS)) } : {};
}

interface ReadBody {
  duplicate: boolean;
  job?: string;
  code?: string;
  /** Code and message in one line. */
  error?: string;
}

function readBody(text: string): ReadBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { duplicate: false };
  }
  const job = textIn(value, "job_id");
  const error = property(value, "error");
  const code = textIn(error, "code");
  const words = [code, textIn(error, "message")].filter((word) => word !== undefined).join(": ");
  return {
    duplicate: property(value, "duplicate") === true,
    ...(job !== undefined && { job: job.slice(0, 255) }),
    ...(code !== undefined && { code }),
    ...(words !== "" && {
      error: words
        .replace(/\p{Cc}+/gu, " ")
        .slice(0, 300)
        .replace(/[.\s]+$/, ""),
    }),
  };
}

const property = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;

function textIn(value: unknown, name: string): string | undefined {
  const found = property(value, name);
  return typeof found === "string" && found !== "" ? found : undefined;
}
