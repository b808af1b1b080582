import { ProviderError } from "#core/errors.ts";
import type { Outbound } from "#outbound/client.ts";
import { asFetch } from "#outbound/fetch.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import type { ProviderHttp } from "#provider-kit/http.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { createProviderHttp, noHttp } from "#provider-kit/provider-http.ts";

/** How one connection speaks to its provider: through outbound, and to the provider's own addresses only. */
export function providerHttp(
  outbound: Outbound,
  provider: Provider,
  config: unknown,
  signal: AbortSignal,
): ProviderHttp {
  const addresses = provider.addresses?.(config);
  if (!addresses) return noHttp;
  const send = asFetch(outbound);
  return createProviderHttp({
    provider,
    base: addresses[0],
    signal,
    // Ways to sign in that need a credential are refused before anybody gets here.
    sign: (request) => Promise.resolve(request),
    async send(request) {
      if (!addresses.some((address) => covers(address, new URL(request.url)))) {
        throw new ProviderError("rejected", `${provider.name} sent us to an address that is not one of its own`);
      }
      return send(request).catch((cause: unknown) => {
        if (!(cause instanceof OutboundError)) throw cause;
        const changed = cause.sent && request.method !== "GET";
        throw new ProviderError(changed ? "uncertain" : "unavailable", cause.message, { cause });
      });
    },
  });
}

/** Whether an address of a provider, in which `*` stands for a subdomain, covers this one: same scheme, host, port. */
function covers(address: string, url: URL): boolean {
  const { protocol, host } = new URL(address.replace("*.", ""));
  if (url.protocol !== protocol) return false;
  return address.includes("*.") ? url.host.endsWith(`.${host}`) : url.host === host;
}
