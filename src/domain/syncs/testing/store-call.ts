import { newId, type WorkspaceId } from "#core/ids.ts";
import { openDatabase } from "#db/database.ts";
import { fixedCredential } from "#domain/connections/access.ts";
import { providerHttp } from "#domain/connections/provider-http.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import type { Call, Provider } from "#provider-kit/provider.ts";
import { Secret } from "#vault/secret.ts";

/** A call as a connection's, through outbound and signed with these fields, to services on loopback. */
export async function callFor<Config>(
  provider: Provider<Config>,
  about: { config: unknown; credential: Record<string, string>; signal?: AbortSignal },
): Promise<Call<Config>> {
  const config = provider.config?.parse(about.config) as Config;
  const addresses = provider.addresses?.(config, {}) ?? [];
  const [auth] = provider.auth(config);
  const fields = Object.fromEntries(Object.entries(about.credential).map(([name, value]) => [name, new Secret(value)]));
  const signal = about.signal ?? new AbortController().signal;
  // Nothing here asks it.
  const database = openDatabase({ appUrl: "postgres://nobody@localhost:1/none" });
  const deps = connectionDeps(database, { exceptions: addresses.map((address) => new URL(address).host) });
  const http = providerHttp(deps, provider as Provider, {
    config,
    kept: {},
    access: {
      sign: async (url) => {
        if (auth.type !== "access_key" && auth.type !== "api_key") throw new Error(`nothing signs with ${auth.type}`);
        return { credential: fixedCredential(auth, fields, url), version: "1" };
      },
      renewAfter401: async () => false,
      failed: () => {},
    },
    use: { actor: "system", purpose: "test" },
    signal,
    scope: newId<WorkspaceId>(),
    lane: "lane",
    auth,
  });
  const call = { config, kept: {}, auth: auth.type, http, signal };
  return { ...call, account: await provider.check(call) };
}
