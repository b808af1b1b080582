import type { CustomProviderId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { Definition } from "#provider-kit/definition/definition.ts";
import { fingerprint } from "#provider-kit/fingerprint.ts";
import { providerFrom } from "#provider-kit/from-definition.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { signInUrls } from "#provider-kit/sign-in-urls.ts";
import type { Secret } from "#vault/secret.ts";
import { beforeConfig } from "./before-config.ts";
import { customNameOf } from "./custom-provider.ts";
import { loadDefinition } from "./load-definition.ts";
import { findProviderState, findProviderStates, lockProviderName, type ProviderState } from "./queries.ts";

export interface CatalogDeps {
  database: Database;
  providers: ReadonlyMap<string, Provider>;
  sandbox: Sandbox | undefined;
}

/** What the sandbox offers: the same providers pointed at simulators, and the OAuth clients they know. */
export interface Sandbox {
  providers: ReadonlyMap<string, Provider>;
  clients: ReadonlyMap<string, OperatorClient>;
  /** Where a person plays the providers: takes access back, lets a service fail. */
  origin?: string;
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
  /** Of a custom provider. */
  customId?: CustomProviderId;
  definition?: Definition;
  /** False for a custom provider that was switched off: nothing new is connected, and nothing is called. */
  active: boolean;
}

type Lookup = Pick<CatalogDeps, "providers" | "sandbox">;

/**
 * A provider by its key: built in, a simulator's, or one that the workspace has defined (`custom-<name>`). One whose row
 * holds no valid definition, however that came into it, is not there (SR-62).
 */
export async function findProvider(
  tx: WorkspaceTx,
  deps: Lookup,
  key: string,
  sandbox: boolean,
): Promise<FoundProvider | undefined> {
  const provider = builtInProviders(deps, sandbox).get(key);
  if (provider) return builtIn(provider);
  const name = sandbox ? undefined : customNameOf(key);
  const state = name === undefined ? undefined : await findProviderState(tx, name);
  return state && custom(tx, state);
}

/** Everything that can be connected, in no order. */
export async function findProviders(tx: WorkspaceTx, deps: Lookup, sandbox: boolean): Promise<FoundProvider[]> {
  const found = [...builtInProviders(deps, sandbox).values()].map(builtIn);
  if (sandbox) return found;
  for (const state of await findProviderStates(tx)) {
    const provider = await custom(tx, state);
    if (provider?.active) found.push(provider);
  }
  return found;
}

const builtInProviders = (deps: Lookup, sandbox: boolean): ReadonlyMap<string, Provider> =>
  (sandbox ? deps.sandbox?.providers : deps.providers) ?? new Map();

const builtIn = (provider: Provider): FoundProvider => ({
  provider,
  origin: "built_in",
  fingerprint: fingerprintOf(provider),
  active: true,
});

async function custom(tx: WorkspaceTx, state: ProviderState): Promise<FoundProvider | undefined> {
  const loaded = await loadDefinition(tx, state);
  if (!loaded) return undefined;
  const { provider, definition } = loaded;
  const { id: customId, active } = state;
  return { provider, origin: "custom", fingerprint: fingerprintOf(provider), customId, definition, active };
}

export const fingerprintOfDefinition = (key: string, definition: Definition): string =>
  fingerprintOf(providerFrom(key, definition));

function fingerprintOf(provider: Provider): string {
  const addresses = beforeConfig(() => provider.addresses?.({}, {}) ?? []);
  const ways = beforeConfig(() => provider.auth({})).map((auth) => [auth.type, ...signInUrls(auth)]);
  return fingerprint(JSON.stringify([provider.key, addresses, ways]));
}

/** For whoever connects a custom provider: it is not deleted before the transaction ends. False where it is gone. */
export async function holdProvider(tx: WorkspaceTx, { origin, provider }: FoundProvider): Promise<boolean> {
  const name = customNameOf(provider.key);
  return origin === "built_in" || (name !== undefined && (await lockProviderName(tx, name)));
}
