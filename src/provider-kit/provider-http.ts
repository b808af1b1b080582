import { AppError, type FailureKind, ProviderError } from "#core/errors.ts";
import type { Parser } from "#core/schema.ts";
import { type ResolvedJson, ResolvedText } from "#expressions/secret-handle.ts";
import type { HttpAnswer, HttpFailure, HttpRequest, HttpStream, ProviderHttp } from "./http.ts";
import type { Provider } from "./provider.ts";

/** What a failed reply's body is read up to: enough for any error document, too little to hurt. */
const FAILURE_BODY_BYTES = 64 * 1024;

/** What the sender has to know of a request besides its bytes. */
export interface Sending {
  /** Sending it twice is harmless. One whose body is a stream never is. */
  repeatable: boolean;
  /** Its body is a stream, which is spent by sending it. */
  streams: boolean;
  /** Its body, where that lies in memory: what is large need not be copied once more. */
  bytes?: Uint8Array;
  /** Its URL carries its own permission. */
  unsigned: boolean;
  /** `file` when the answer's body may be large and slow. */
  content: "step" | "file";
  /** What waits for workspace secrets, and so is not in the request itself (SR-25). */
  withSecrets?: PartsWithSecrets;
  /** What a signature is over. */
  message?: { id: string; payload: string };
  /** It is sent once, may take so long, and its answer is read up to the limit of a failure. */
  once?: { withinMs?: number };
}

export interface PartsWithSecrets {
  headers?: Readonly<Record<string, ResolvedText>>;
  query?: Readonly<Record<string, ResolvedText>>;
  body?: { json: ResolvedJson } | { form: Readonly<Record<string, string | ResolvedText>> };
}

/** The answer, and how old the token was that the request was signed with, where it was. */
export interface Sent {
  reply: Response;
  tokenAgeMs?: number;
}

/**
 * Speaks to one provider for one connection. `base` is the address that plain paths belong to. `send` is the guarded
 * client, which also signs and retries, so that neither providers nor this file ever see a credential.
 */
export function createProviderHttp(options: {
  provider: Pick<Provider, "name" | "explain">;
  base: string;
  send: (request: Request, about: Sending) => Promise<Sent>;
  signal: AbortSignal;
}): ProviderHttp {
  const { provider, signal } = options;

  const ask = async (wanted: HttpRequest, content: Sending["content"], once?: Sending["once"]): Promise<Sent> => {
    const { rest, withSecrets } = putAside(wanted);
    const plain = toRequest(rest, options.base, signal);
    const about: Sending = {
      repeatable: isRepeatable(wanted),
      streams: isStream(wanted.body),
      ...(wanted.body &&
        "bytes" in wanted.body &&
        wanted.body.bytes instanceof Uint8Array && { bytes: wanted.body.bytes }),
      unsigned: wanted.unsigned ?? false,
      content,
      ...(withSecrets && { withSecrets }),
      ...(wanted.message && { message: wanted.message }),
      ...(once && { once }),
    };
    return options.send(plain, about).catch((cause: unknown) => {
      if (cause instanceof ProviderError || cause instanceof AppError || signal.aborted) throw cause;
      throw new ProviderError("unavailable", `${provider.name} could not be reached`, { cause });
    });
  };
  const request = async (wanted: HttpRequest, content: Sending["content"]): Promise<Response> => {
    const sent = await ask(wanted, content);
    if (!sent.reply.ok) throw await readFailure(provider, sent);
    return sent.reply;
  };

  return {
    async json<T>(wanted: HttpRequest, schema: Parser<T>): Promise<T> {
      const reply = await request(wanted, "step");
      const text = await reply.text().catch((cause: unknown) => {
        signal.throwIfAborted();
        if (isTooLarge(cause)) {
          throw new ProviderError("unexpected-reply", `${provider.name} answered more than is read`, { cause });
        }
        const kind = isRepeatable(wanted) ? "unavailable" : "uncertain";
        throw new ProviderError(kind, `${provider.name} did not send its answer to the end`, { cause });
      });
      try {
        return schema.parse(JSON.parse(text));
      } catch (cause) {
        throw new ProviderError("unexpected-reply", `${provider.name} answered in a shape we do not know`, { cause });
      }
    },
    async stream(wanted: HttpRequest): Promise<HttpStream> {
      const reply = await request(wanted, wanted.content ?? "file");
      return { status: reply.status, headers: reply.headers, body: reply.body ?? new Blob([]).stream() };
    },
    async answer(wanted: HttpRequest): Promise<HttpAnswer> {
      const { withinMs } = wanted;
      const { reply } = await ask(wanted, "step", withinMs === undefined ? {} : { withinMs });
      return { status: reply.status, headers: reply.headers, text: await readBeginning(reply) };
    },
  };
}

function isRepeatable({ method = "GET", body, repeatable }: HttpRequest): boolean {
  if (isStream(body)) return false;
  return repeatable ?? (method === "GET" || method === "HEAD" || method === "PUT" || method === "DELETE");
}

const isStream = (body: HttpRequest["body"]): boolean =>
  body !== undefined && "bytes" in body && !(body.bytes instanceof Uint8Array);

/** For a provider without addresses. That it asks at all is our own mistake, so the error is not one of the provider's. */
export const noHttp: ProviderHttp = {
  json: () => Promise.reject(new Error("a provider without addresses made a request")),
  stream: () => Promise.reject(new Error("a provider without addresses made a request")),
  answer: () => Promise.reject(new Error("a provider without addresses made a request")),
};

/** A request whose texts are all there. */
interface PlainRequest extends HttpRequest {
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: Exclude<HttpRequest["body"], { form: unknown } | undefined> | { form: Readonly<Record<string, string>> };
}

function putAside({ query, headers, body, ...wanted }: HttpRequest): {
  rest: PlainRequest;
  withSecrets?: PartsWithSecrets;
} {
  const [plainQuery, secretQuery] = split(query ?? {});
  const [plainHeaders, secretHeaders] = split(headers ?? {});
  const rest: PlainRequest = { ...wanted, query: plainQuery, headers: plainHeaders };
  const withSecrets: PartsWithSecrets = {};
  if (Object.keys(secretQuery).length > 0) withSecrets.query = secretQuery;
  if (Object.keys(secretHeaders).length > 0) withSecrets.headers = secretHeaders;
  if (body && "form" in body) {
    const [form, secret] = split(body.form);
    if (Object.keys(secret).length > 0) withSecrets.body = body;
    else rest.body = { form };
  } else if (body && "json" in body && holdsSecret(body.json)) withSecrets.body = { json: body.json };
  else if (body) rest.body = body;
  return Object.keys(withSecrets).length > 0 ? { rest, withSecrets } : { rest };
}

function split<T>(
  parts: Readonly<Record<string, T | ResolvedText>>,
): [Record<string, T>, Record<string, ResolvedText>] {
  const plain: [string, T][] = [];
  const secret: [string, ResolvedText][] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (part instanceof ResolvedText) secret.push([name, part]);
    else plain.push([name, part]);
  }
  return [Object.fromEntries(plain), Object.fromEntries(secret)];
}

/** Whoever puts a `ResolvedText` into JSON has made all of it with `resolveValue`. */
function holdsSecret(value: unknown): value is ResolvedJson {
  if (value instanceof ResolvedText) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

function toRequest(wanted: PlainRequest, base: string, signal: AbortSignal): Request {
  const url = new URL(wanted.url, base);
  for (const [name, value] of Object.entries(wanted.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers = new Headers(wanted.headers);
  const init: RequestInit & { duplex?: "half" } = {
    method: wanted.method ?? "GET",
    headers,
    signal,
    redirect: "manual",
  };
  const { body } = wanted;
  if (body && "json" in body) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(body.json);
  } else if (body && "form" in body) {
    init.body = new URLSearchParams(body.form);
  } else if (body && "text" in body) {
    headers.set("content-type", body.mediaType);
    init.body = new TextEncoder().encode(body.text);
  } else if (body) {
    headers.set("content-type", body.mediaType);
    if (body.bytes instanceof Uint8Array) {
      init.body = asBody(body.bytes);
    } else {
      if (body.size !== undefined) headers.set("content-length", String(body.size));
      init.body = body.bytes;
      init.duplex = "half";
    }
  }
  return new Request(url, init);
}

/** Bytes in shared memory cannot be sent as they are. */
const asBody = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);

const plainReading: Readonly<Record<number, FailureKind>> = {
  401: "reauthorize",
  403: "forbidden",
  404: "not-found",
  408: "unavailable",
  410: "not-found",
  425: "unavailable",
  429: "rate-limited",
};

async function readFailure(
  provider: Pick<Provider, "name" | "explain">,
  { reply, tokenAgeMs }: Sent,
): Promise<ProviderError> {
  const body = await readSmallBody(reply);
  const { status, headers } = reply;
  return explainAnswer(provider, { status, headers, body, ...(tokenAgeMs !== undefined && { tokenAgeMs }) });
}

/** What an answer of this size and more is read up to. */
export const MOST_OF_AN_ANSWER = FAILURE_BODY_BYTES;

export const kindOfStatus = (status: number): FailureKind =>
  plainReading[status] ?? (status >= 500 ? "unavailable" : "rejected");

/** What an answer that is no success means: as the provider reads it, else as its status says. */
export function explainAnswer(provider: Pick<Provider, "name" | "explain">, answer: HttpFailure): ProviderError {
  const { status, headers } = answer;
  const told = provider.explain?.(answer);
  if (!told && status === 403) {
    const scopes = readMissingScopes(headers.get("www-authenticate"));
    if (scopes !== undefined) return new ProviderError("reauthorize", missingScopes(provider.name, scopes));
  }
  const kind = told?.kind ?? kindOfStatus(status);
  const retryAt = told?.retryAt ?? readRetryAfter(headers.get("retry-after"));
  return new ProviderError(kind, told?.message ?? `${provider.name} answered ${status}`, {
    ...(retryAt && { retryAt }),
    ...(told?.storage && { storage: told.storage }),
    ...(told?.code !== undefined && { code: told.code }),
  });
}

/** RFC 6750 3.1: the scopes of an `insufficient_scope`, which may be none; nothing where it is not that. */
function readMissingScopes(challenge: string | null): string | undefined {
  if (challenge === null || !/\berror\s*=\s*"?insufficient_scope\b/i.test(challenge)) return undefined;
  // The characters of a scope (RFC 6749 3.3), and not more of them than anybody would read.
  return /\bscope\s*=\s*"([\x20-\x21\x23-\x5b\x5d-\x7e]{0,500})"/i.exec(challenge)?.[1] ?? "";
}

const missingScopes = (name: string, scopes: string): string =>
  scopes === ""
    ? `${name} wants rights that were not granted. Authorize again and grant them`
    : `${name} wants rights that were not granted: ${scopes}. Authorize again and grant them`;

/** By the reason of an OutboundError, which this floor does not know. */
const isTooLarge = (cause: unknown): boolean =>
  cause instanceof Error && "reason" in cause && cause.reason === "too-large";

/** As much of a body as came, up to the limit, and whether it broke off before that. */
async function readUpToLimit(reply: Response): Promise<{ text: string; brokeOff: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let left = FAILURE_BODY_BYTES;
  try {
    for await (const chunk of reply.body ?? []) {
      text += decoder.decode(chunk.subarray(0, left), { stream: true });
      left -= chunk.length;
      if (left <= 0) break;
    }
  } catch {
    return { text, brokeOff: true };
  }
  return { text, brokeOff: false };
}

/** As much as came: the status has told what matters before. */
const readBeginning = async (reply: Response): Promise<string> => (await readUpToLimit(reply)).text;

/** The body of a failure as JSON where it is JSON, else as text, cut at a limit; a body that breaks off tells nothing. */
async function readSmallBody(reply: Response): Promise<unknown> {
  const { text, brokeOff } = await readUpToLimit(reply);
  if (brokeOff) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Seconds or a date (RFC 9110, 10.2.3); anything else is as good as nothing. */
function readRetryAfter(value: string | null): Date | undefined {
  if (value === null) return undefined;
  const time = /^\d{1,9}$/.test(value) ? Date.now() + Number(value) * 1000 : Date.parse(value);
  return Number.isNaN(time) ? undefined : new Date(time);
}
