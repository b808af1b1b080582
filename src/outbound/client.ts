/** The one way out (SR-13). */
import { Readable } from "node:stream";
import { type Agent, request as send } from "undici";
import { checkUrl, isException } from "./address.ts";
import { exceptionAgent, guardedAgent, type Resolve, resolveBySystem } from "./connect.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { type FilledBody, fillRequest, type HeaderValues, type OutboundSecrets, type QueryValues } from "./fill.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { OutboundPolicy } from "./policy.ts";
import { followRedirects, type Hop } from "./redirect.ts";
import { requestHeaders } from "./request-headers.ts";
import { readBody } from "./response-body.ts";
import { type Credential, type SignedMessage, signRequest } from "./sign.ts";

export type { OutboundSecrets } from "./fill.ts";

export type Method = "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Bytes that can be sent again, or a stream that is spent by sending it. */
export type RequestBody = string | Uint8Array | { stream: AsyncIterable<Uint8Array>; length?: number };

export interface OutboundRequest {
  url: string | URL;
  /** GET when left out. */
  method?: Method;
  headers?: HeaderValues;
  /** Joins what the address has behind its `?`. */
  query?: QueryValues;
  body?: RequestBody | FilledBody;
  /** What the texts in headers, query and body name. One that is not here, or not for this origin, is never sent. */
  secrets?: OutboundSecrets;
  credential?: Credential;
  /** What the signature is over, for a credential that signs. */
  message?: SignedMessage;
  /** `file` when the answer's body may be large and slow: it has no size limit and only its silence is timed. */
  content?: "step" | "file";
  /** The first byte may take as long as the whole: where giving up costs more than waiting. */
  slow?: boolean;
  /** How long the request may take as a whole, where that is not what is usual. An upload counts from its end. */
  wholeMs?: number;
  /** Lower or higher than the usual limit of a step's body; for a file there is none unless it stands here. */
  maxBodyBytes?: number;
  /** `none` for token, revocation and hand-off requests. Only GET and HEAD ever follow. */
  redirects?: "follow" | "none";
  signal?: AbortSignal;
}

export interface OutboundResponse {
  /** A redirect that was not followed is an answer like any other. */
  status: number;
  headers: Headers;
  /** Where the answer came from in the end, without the credential. */
  url: URL;
  /** Read it to its end or cancel it: until then it holds a connection. */
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

export interface Outbound {
  /**
   * Sends one request. Rejects with AppError `address_refused` or `secret_origin_denied` before anything is sent, with
   * OutboundError when no usable answer came, and with the signal's reason. The body fails in the same ways.
   */
  send(request: OutboundRequest): Promise<OutboundResponse>;
  /** Waits for open requests to end, or ends them. */
  close(how?: "gently" | "now"): Promise<void>;
}

export function createOutbound(options: {
  policy: OutboundPolicy;
  limits?: Partial<Limits>;
  resolve?: Resolve;
}): Outbound {
  const { policy, resolve = resolveBySystem } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const guarded = guardedAgent(limits, resolve);
  const excepted = exceptionAgent(limits, resolve, policy);
  const withoutExceptions: OutboundPolicy = { ...policy, exceptions: new Set() };

  return {
    async send(request) {
      const method = request.method ?? "GET";
      const safe = method === "GET" || method === "HEAD";
      const follows = safe && request.body === undefined && request.redirects !== "none";
      const first: Hop = {
        url: checkUrl(request.url, policy),
        headers: requestHeaders(request.headers, { compressed: request.content !== "file" }),
        query: request.query,
        credential: request.credential,
        isFirst: true,
      };
      const deadline = createDeadline(request.wholeMs ?? limits.wholeMs, request.signal);
      const ask = (hop: Hop) => {
        const agent = hop.isFirst && isException(hop.url, policy) ? excepted : guarded;
        return exchange(agent, method, hop, request, deadline);
      };
      const check = (target: URL) => checkUrl(target, withoutExceptions);
      try {
        const { answer, url } = await followRedirects(first, ask, { follows, most: limits.redirects, check });
        return toResponse(answer, { request, url, limits, deadline });
      } catch (error) {
        deadline.end();
        throw deadline.explain(error);
      }
    },

    async close(how = "gently") {
      await Promise.all([guarded, excepted].map((agent) => (how === "now" ? agent.destroy() : agent.close())));
    },
  };
}

type Answer = Awaited<ReturnType<typeof send>>;

async function exchange(
  agent: Agent,
  method: Method,
  hop: Hop,
  { body: wanted, secrets, slow, message }: OutboundRequest,
  deadline: Deadline,
): Promise<Answer> {
  const filling = isFilled(wanted) ? wanted : undefined;
  const filled = fillRequest({ ...hop, body: filling, secrets });
  const body = isFilled(wanted) ? filled.body : wanted;
  const signing = { ...filled, message, method, body: typeof body === "object" && "stream" in body ? "stream" : body };
  const signed = hop.credential ? signRequest(signing, hop.credential) : filled;
  const answer = await send(signed.url, {
    dispatcher: agent,
    method,
    headers: { ...signed.headers, ...lengthOf(body) },
    body: toSend(body, deadline),
    signal: deadline.signal,
    // The deadline ends it before that.
    ...(slow && { headersTimeout: 0 }),
  });
  // Failures are told to whoever reads; without a listener those of an unread body would end the process.
  answer.body.on("error", () => {});
  return answer;
}

const isFilled = (body: RequestBody | FilledBody | undefined): body is FilledBody =>
  typeof body === "object" && ("json" in body || "form" in body);

/** An upload may take as long as it moves; the time for the whole starts when its last byte has been taken. */
function toSend(body: RequestBody | undefined, deadline: Deadline): string | Uint8Array | Readable | null {
  const isSmall = body instanceof Uint8Array && body.length <= SENT_AT_ONCE;
  if (body === undefined || typeof body === "string" || isSmall) {
    deadline.start();
    return body ?? null;
  }
  const stream = body instanceof Uint8Array ? piecesOf(body) : body.stream;
  return Readable.from(
    (async function* () {
      yield* stream;
      deadline.start();
    })(),
    { objectMode: false },
  );
}

/** More than this may take its time on a slow line, and is counted while it goes. */
const SENT_AT_ONCE = 256 * 1024;

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SENT_AT_ONCE) yield bytes.subarray(at, at + SENT_AT_ONCE);
}

function lengthOf(body: RequestBody | undefined): Record<string, string> {
  if (body === undefined || typeof body === "string") return {};
  return body.length === undefined ? {} : { "content-length": String(body.length) };
}

function toResponse(
  answer: Answer,
  about: { request: OutboundRequest; url: URL; limits: Limits; deadline: Deadline },
): OutboundResponse {
  const { request, url, limits, deadline } = about;
  const isFile = request.content === "file";
  const status = answer.statusCode;
  if (isFile) deadline.end();
  try {
    const headers = toHeaders(answer.headers);
    if (request.method === "HEAD" || status === 204 || status === 304) {
      deadline.end();
      answer.body.resume();
      return { status, headers, url, body: new ReadableStream({ start: (controller) => controller.close() }) };
    }
    const body = readBody(answer.body, {
      expectedBytes: toLength(headers.get("content-length")),
      encoding: headers.get("content-encoding") ?? undefined,
      maxBytes: request.maxBodyBytes ?? (isFile ? undefined : limits.bodyBytes),
      explain: deadline.explain,
      ended: deadline.end,
    });
    // They describe what came over the wire, no longer what the body gives.
    if (headers.has("content-encoding"))
      for (const name of ["content-encoding", "content-length"]) headers.delete(name);
    return { status, headers, url, body };
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}

function toHeaders(received: Answer["headers"]): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(received)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}

const toLength = (text: string | null): number | undefined => (text && /^\d+$/.test(text) ? Number(text) : undefined);
