import type { Database, WorkspaceTx } from "#db/database.ts";
import { fingerprint } from "#provider-kit/fingerprint.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { signInUrls } from "#provider-kit/sign-in-urls.ts";
import type { Secret } from "#vault/secret.ts";
import { beforeConfig } from "./before-config.ts";

export interface CatalogDeps {
  database: Database;
  providers: ReadonlyMap<string, Provider>;
  sandbox: Sandbox | undefined;
}

/** What the sandbox offers: the same providers pointed at simulators, and the OAuth clients they know. */
export interface Sandbox {
  providers: ReadonlyMap<string, Provider>;
  clients: ReadonlyMap<string, OperatorClient>;
}

/** The OAuth client of this installation at a provider. */
export interface OperatorClient {
  id: string;
  secret?: Secret;
}

export interface FoundProvider {
  provider: Provider;
  origin: "built_in" | "custom";
  /** Changes when an address of the provider or of its sign-in changes. */
  fingerprint: string;
  /** The id of a custom provider. */
  customId?: string;
  /** False for a custom provider that was switched off: nothing new is connected, and nothing is called. */
  active: boolean;
}

type Lookup = Pick<CatalogDeps, "providers" | "sandbox">;

/** A provider by its key: built in, a simulator's, or one that the workspace has defined (`custom-<name>`). */
export async function findProvider(
  _tx: WorkspaceTx,
  deps: Lookup,
  key: string,
  sandbox: boolean,
): Promise<FoundProvider | undefined> {
  const provider = builtInProviders(deps, sandbox).get(key);
  return provider && builtIn(provider);
}

/** Everything that can be connected, in no order. */
export async function findProviders(_tx: WorkspaceTx, deps: Lookup, sandbox: boolean): Promise<FoundProvider[]> {
  return [...builtInProviders(deps, sandbox).values()].map(builtIn);
}

const builtInProviders = (deps: Lookup, sandbox: boolean): ReadonlyMap<string, Provider> =>
  (sandbox ? deps.sandbox?.providers : deps.providers) ?? new Map();

const builtIn = (provider: Provider): FoundProvider => ({
  provider,
  origin: "built_in",
  fingerprint: fingerprintOf(provider),
  active: true,
});

function fingerprintOf(provider: Provider): string {
  const addresses = beforeConfig(() => provider.addresses?.({}, {}) ?? []);
  const ways = beforeConfig(() => provider.auth({})).map((auth) => [auth.type, ...signInUrls(auth)]);
  return fingerprint(JSON.stringify([provider.key, addresses, ways]));
}
