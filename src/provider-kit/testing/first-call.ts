import { covers } from "../covers.ts";
import type { FirstCall, KeptValues, Provider } from "../provider.ts";
import { createProviderHttp } from "../provider-http.ts";

/** Hosts of a test's own, by origin. Where nobody is, a connection fails. */
export type Network = Readonly<Record<string, (request: Request) => Promise<Response>>>;

/** What a provider is called with, and what went over the wire. */
export interface WatchedCall<Config> extends FirstCall<Config> {
  /** Method and address of each request, with ` signed` behind those that carried the credential. */
  readonly asked: string[];
}

/**
 * A first call whose other end is a network in this process, for hosts that no test can have on loopback. It goes to the
 * provider's addresses alone and follows the redirects of a GET as outbound does: without the credential once the origin
 * has changed (SR-18).
 */
export function callInto<Config>(
  provider: Provider<Config>,
  network: Network,
  about: { config: Config; kept?: KeptValues; authorization?: string; tokenAgeMs?: number },
): WatchedCall<Config> {
  const { config, kept = {}, authorization, tokenAgeMs } = about;
  const signal = new AbortController().signal;
  const addresses = provider.addresses?.(config, kept) ?? [];
  const asked: string[] = [];

  const ask = async (request: Request): Promise<Response> => {
    asked.push(`${request.method} ${request.url}${request.headers.has("authorization") ? " signed" : ""}`);
    const host = network[new URL(request.url).origin];
    if (!host) throw new TypeError("nobody is there");
    return host(request);
  };

  const follow = async (request: Request, redirects = 0): Promise<Response> => {
    const answer = await ask(request);
    const location = answer.headers.get("location");
    const redirected = request.method === "GET" && answer.status >= 300 && answer.status < 400 && location !== null;
    if (!redirected) return answer;
    if (redirects === 5) throw new TypeError("the host redirects too often");
    const target = new URL(location, request.url);
    const headers = new Headers(request.headers);
    if (target.origin !== new URL(request.url).origin) headers.delete("authorization");
    return follow(new Request(target, { headers }), redirects + 1);
  };

  const http = createProviderHttp({
    provider,
    base: addresses[0] ?? "",
    signal,
    async send(request, { unsigned }) {
      if (!covers(addresses, new URL(request.url))) throw new Error(`${request.url} is no address of the provider`);
      if (!unsigned && authorization !== undefined) request.headers.set("authorization", authorization);
      return { reply: await follow(request), ...(tokenAgeMs !== undefined && { tokenAgeMs }) };
    },
  });
  return { http, config, kept, auth: provider.auth(config)[0].type, signal, asked };
}

/** An answer as a service gives it: a text as it is, anything else as JSON. */
export const answerOf = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });

/** How a check fails; of the kind `none` where it does not. */
export const failureOf = (
  check: Promise<unknown>,
): Promise<{ kind: string; message?: string | undefined; retryAt?: Date | undefined }> =>
  check.then(
    () => ({ kind: "none" }),
    (error: { kind: string; message: string; retryAt?: Date }) => error,
  );
