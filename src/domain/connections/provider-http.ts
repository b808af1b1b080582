import { ProviderError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { openSecrets } from "#domain/secrets/open-secrets.ts";
import { ResolvedText } from "#expressions/secret-handle.ts";
import type { Method, OutboundRequest, OutboundResponse, OutboundSecrets } from "#outbound/client.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import type { SendPatiently } from "#outbound/send-patiently.ts";
import type { Auth } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import type { ProviderHttp } from "#provider-kit/http.ts";
import type { KeptValues, Provider } from "#provider-kit/provider.ts";
import {
  createProviderHttp,
  MOST_OF_AN_ANSWER,
  noHttp,
  type PartsWithSecrets,
  type Sending,
} from "#provider-kit/provider-http.ts";
import type { SecretUse, Vault } from "#vault/seal.ts";
import type { Secret } from "#vault/secret.ts";
import type { Access } from "./access.ts";
import { openRedaction, type Redaction, redactAnswer, secretsOf } from "./redaction.ts";
import { untilAborted } from "./within-time.ts";

export interface HttpDeps {
  database: Database;
  vault: Vault;
  sendPatiently: SendPatiently;
}

/**
 * How one connection speaks to its provider: signed, at the provider's pace, through outbound, and to the provider's own
 * addresses only. A 401 leads to one renewal of the access at the most, and to one repeat.
 */
export function providerHttp(
  deps: HttpDeps,
  provider: Provider,
  about: {
    config: unknown;
    kept: KeptValues;
    access: Access;
    use: SecretUse;
    signal: AbortSignal;
    scope: WorkspaceId;
    lane: string;
    auth?: Auth | undefined;
    /** Hears of every secret that is sent. */
    redaction?: Redaction;
    mostTries?: number;
  },
): ProviderHttp {
  const { access, signal, scope, mostTries } = about;
  const addresses = provider.addresses?.(about.config, about.kept);
  if (!addresses) return noHttp;
  const { pace, allowance } = provider;
  const lane = pace && { lane: { key: about.lane, rate: pace, ...(allowance && { allowance }) } };

  const send = async (request: OutboundRequest, sending: Sending): Promise<OutboundResponse> => {
    try {
      const tries = sending.once ? 1 : mostTries;
      return await deps.sendPatiently(request, { scope, repeatable: sending.repeatable, mostTries: tries, ...lane });
    } catch (cause) {
      if (!(cause instanceof OutboundError)) throw cause;
      const kind = cause.sent && !sending.repeatable ? "uncertain" : "unavailable";
      throw new ProviderError(kind, cause.message, { cause, ...(cause.retryAt && { retryAt: cause.retryAt }) });
    }
  };

  return createProviderHttp({
    provider,
    base: addresses[0],
    signal,
    async send(request, sending) {
      const url = new URL(request.url);
      if (!covers(addresses, url)) {
        throw new ProviderError("rejected", `${provider.name} sent us to an address that is not one of its own`);
      }
      const plain = await toOutbound(request, sending, signal);
      const parts = sending.withSecrets;
      const secrets = parts ? await openNamed(deps, scope, parts, { ...about.use, origin: url.origin }) : new Map();
      const redaction = openRedaction();
      const see = (used: readonly Secret[]) => {
        redaction.see(used);
        about.redaction?.see(used);
      };
      see([...secrets.values()].map(({ secret }) => secret));
      // What a check finds is shown: before it is cut to the length of a label or a message, all secrets have to be out.
      const isShown = sending.once !== undefined || (about.redaction !== undefined && sending.content === "step");
      const clean = (status: number) => (status >= 400 || isShown ? redaction.redact : undefined);
      if (sending.unsigned)
        return { reply: await toResponse(await send({ ...plain, secrets }, sending), clean, sending) };

      const signed = async () => {
        const signing = await untilAborted(access.sign(url), signal);
        see(secretsOf(signing, about.auth));
        const { credential, secrets: own, ...rest } = signing;
        const together = new Map([...secrets, ...(own ?? [])]);
        return { request: { ...plain, secrets: together, ...(credential && { credential }) }, ...rest };
      };
      let signing = await signed();
      try {
        let answer = await send(signing.request, sending);
        if (answer.status === 401 && !sending.streams && !sending.once) {
          const renewed = await untilAborted(access.renewAfter401(signing.version), signal).catch(async (error) => {
            // An answer that nobody reads keeps its place among the requests at once.
            await answer.body.cancel();
            throw error;
          });
          if (renewed) {
            await answer.body.cancel();
            signing = await signed();
            answer = await send(signing.request, sending);
          }
        }
        if (answer.status >= 400) access.failed();
        const { tokenAgeMs } = signing;
        return { reply: await toResponse(answer, clean, sending), ...(tokenAgeMs !== undefined && { tokenAgeMs }) };
      } catch (error) {
        access.failed();
        throw error;
      }
    },
  });
}

const methods: readonly Method[] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/** Bytes that are there are read, so that they can be sent again; a stream stays one. */
async function toOutbound(
  request: Request,
  { content, streams, bytes, withSecrets, message, once }: Sending,
  signal: AbortSignal,
): Promise<OutboundRequest> {
  const method = methods.find((known) => known === request.method);
  if (!method) throw new TypeError(`outbound sends no ${request.method} requests`);
  const { "content-length": length, ...headers } = Object.fromEntries(request.headers);
  const body =
    withSecrets?.body ??
    (request.body === null
      ? undefined
      : streams
        ? { stream: request.body, ...(length !== undefined && { length: Number(length) }) }
        : (bytes ?? new Uint8Array(await request.arrayBuffer())));
  return {
    url: request.url,
    method,
    headers: { ...headers, ...withSecrets?.headers },
    ...(withSecrets?.query && { query: withSecrets.query }),
    ...(body !== undefined && { body }),
    content,
    signal,
    ...(message && { message }),
    ...(once && { maxBodyBytes: MOST_OF_AN_ANSWER, slow: true }),
    ...(once?.withinMs !== undefined && { wholeMs: once.withinMs }),
  };
}

/** The workspace secrets that parts of a request name, opened for it. */
async function openNamed(
  deps: HttpDeps,
  workspace: WorkspaceId,
  parts: PartsWithSecrets,
  use: SecretUse,
): Promise<OutboundSecrets> {
  const names = new Set([...textsIn(parts)].flatMap((text) => text.secrets.map(({ name }) => name)));
  const { secrets } = await deps.database.asWorkspace({ workspace }, (tx) => openSecrets(tx, deps, [...names], use));
  return secrets;
}

function* textsIn(value: unknown): Generator<ResolvedText> {
  if (value instanceof ResolvedText) yield value;
  else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) yield* textsIn(part);
}

/** @param redact for an answer whose words are going to be shown */
async function toResponse(
  answer: OutboundResponse,
  redact: (status: number) => ((text: string) => string) | undefined,
  { once }: Sending,
): Promise<Response> {
  const { status } = answer;
  const redactText = redact(status);
  const { body, headers } = redactText
    ? await redactAnswer(answer, redactText, { partly: once !== undefined })
    : answer;
  if (![204, 205, 304].includes(status)) return new Response(body, { status, headers });
  // Nobody can read it, and until then it keeps its turn.
  if (body instanceof ReadableStream) await body.cancel();
  return new Response(null, { status, headers });
}
