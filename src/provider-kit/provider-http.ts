import { type FailureKind, ProviderError } from "#core/errors.ts";
import type { Parser } from "#core/schema.ts";
import type { HttpRequest, HttpStream, ProviderHttp } from "./http.ts";
import type { Provider } from "./provider.ts";

/** What a failed reply's body is read up to: enough for any error document, too little to hurt. */
const FAILURE_BODY_BYTES = 64 * 1024;

/**
 * Speaks to one provider for one connection. `base` is the address that plain paths belong to. `send` is the guarded
 * client, which also retries; `sign` adds the credential, so that neither providers nor this file ever see one.
 */
export function createProviderHttp(options: {
  provider: Pick<Provider, "name" | "explain">;
  base: string;
  send: (request: Request) => Promise<Response>;
  sign: (request: Request) => Promise<Request>;
  signal: AbortSignal;
}): ProviderHttp {
  const { provider, signal } = options;

  const request = async (wanted: HttpRequest): Promise<Response> => {
    const plain = toRequest(wanted, options.base, signal);
    const signed = wanted.unsigned ? plain : await options.sign(plain);
    const reply = await options.send(signed).catch((cause: unknown) => {
      if (cause instanceof ProviderError || signal.aborted) throw cause;
      throw new ProviderError("unavailable", `${provider.name} could not be reached`, { cause });
    });
    if (!reply.ok) throw await readFailure(provider, reply);
    return reply;
  };

  return {
    async json<T>(wanted: HttpRequest, schema: Parser<T>): Promise<T> {
      const reply = await request(wanted);
      try {
        return schema.parse(await reply.json());
      } catch (cause) {
        signal.throwIfAborted();
        throw new ProviderError("unexpected-reply", `${provider.name} answered in a shape we do not know`, { cause });
      }
    },
    async stream(wanted: HttpRequest): Promise<HttpStream> {
      const reply = await request(wanted);
      return { status: reply.status, headers: reply.headers, body: reply.body ?? new Blob([]).stream() };
    },
  };
}

/** For a provider without addresses. That it asks at all is our own mistake, so the error is not one of the provider's. */
export const noHttp: ProviderHttp = {
  json: () => Promise.reject(new Error("a provider without addresses made a request")),
  stream: () => Promise.reject(new Error("a provider without addresses made a request")),
};

function toRequest(wanted: HttpRequest, base: string, signal: AbortSignal): Request {
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
  } else if (body) {
    headers.set("content-type", body.mediaType);
    if (body.size !== undefined) headers.set("content-length", String(body.size));
    init.body = body.bytes;
    init.duplex = "half";
  }
  return new Request(url, init);
}

const plainReading: Readonly<Record<number, FailureKind>> = {
  401: "reauthorize",
  403: "forbidden",
  404: "not-found",
  408: "unavailable",
  410: "not-found",
  425: "unavailable",
  429: "rate-limited",
};

async function readFailure(provider: Pick<Provider, "name" | "explain">, reply: Response): Promise<ProviderError> {
  const body = await readSmallBody(reply);
  const told = provider.explain?.({ status: reply.status, headers: reply.headers, body });
  const kind = told?.kind ?? plainReading[reply.status] ?? (reply.status >= 500 ? "unavailable" : "rejected");
  const retryAt = told?.retryAt ?? readRetryAfter(reply.headers.get("retry-after"));
  return new ProviderError(
    kind,
    told?.message ?? `${provider.name} answered ${reply.status}`,
    retryAt ? { retryAt } : {},
  );
}

/** The body of a failure as JSON where it is JSON, else as text, cut at a limit; a body that breaks off tells nothing. */
async function readSmallBody(reply: Response): Promise<unknown> {
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
    return undefined;
  }
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
