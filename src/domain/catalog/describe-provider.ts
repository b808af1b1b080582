import { type Capability, capabilitiesOf } from "#provider-kit/capabilities.ts";
import type { Provider } from "#provider-kit/provider.ts";

/** A card of the catalog. */
export interface ProviderCard {
  key: string;
  name: string;
  description: string;
  category: Provider["category"];
  glyph: Provider["glyph"];
  /** Ways to sign in, best first. */
  signIn: string[];
  parts: Capability[];
  /** Hosts that receive data, as far as they are known before anything is filled in. */
  addresses: string[];
  configSchema: Readonly<Record<string, unknown>>;
}

export const describeProvider = (provider: Provider): ProviderCard => ({
  key: provider.key,
  name: provider.name,
  description: provider.description,
  category: provider.category,
  glyph: provider.glyph,
  signIn: beforeConfig(() => provider.auth({}).map(({ type }) => type)),
  parts: capabilitiesOf(provider),
  addresses: beforeConfig(() => provider.addresses?.({})?.map(hostOf) ?? []),
  configSchema: provider.config?.jsonSchema ?? { type: "object", properties: {}, additionalProperties: false },
});

/** The card is shown before there is a config. What a provider can only tell from one, the card leaves out. */
function beforeConfig(tell: () => string[]): string[] {
  try {
    return tell();
  } catch {
    return [];
  }
}

const hostOf = (address: string): string => new URL(address).host;
