import type { Auth } from "#provider-kit/auth.ts";
import { type Capability, capabilitiesOf } from "#provider-kit/capabilities.ts";
import { credentialSchema } from "#provider-kit/credential.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { signInUrls } from "#provider-kit/sign-in-urls.ts";
import { beforeConfig } from "./before-config.ts";
import type { FoundProvider } from "./find-provider.ts";

/** A card of the catalog. */
export interface ProviderCard {
  key: string;
  name: string;
  description: string;
  category: Provider["category"];
  glyph: Provider["glyph"];
  origin: FoundProvider["origin"];
  /** The id of a custom provider. */
  customId: string | undefined;
  legacy: string | undefined;
  /** Ways to sign in, best first. */
  signIn: SignIn[];
  parts: Capability[];
  /** Hosts that receive data, as far as they are known before anything is filled in. */
  addresses: string[];
  configSchema: Readonly<Record<string, unknown>>;
}

export interface SignIn {
  type: Auth["type"];
  /** In words, such as "Sign in at Google Drive". */
  label: string;
  credentialSchema: Readonly<Record<string, unknown>>;
  scopes: readonly string[];
  /** Hosts that this way goes through, beside those of the provider. */
  hosts: string[];
  /** What to do at the provider first; `{redirect_uri}` stands for ours. */
  steps: readonly string[];
}

export function describeProvider({ provider, origin, customId }: FoundProvider): ProviderCard {
  return {
    key: provider.key,
    name: provider.name,
    description: provider.description,
    category: provider.category,
    glyph: provider.glyph,
    origin,
    customId,
    legacy: provider.legacy,
    signIn: beforeConfig(() => provider.auth({})).map((auth) => describeSignIn(provider, auth)),
    parts: capabilitiesOf(provider),
    addresses: hostsOf(beforeConfig(() => provider.addresses?.({}, {}) ?? [])),
    configSchema: provider.config?.jsonSchema ?? { type: "object", properties: {}, additionalProperties: false },
  };
}

const describeSignIn = (provider: Provider, auth: Auth): SignIn => ({
  type: auth.type,
  label: labelOf(provider, auth),
  credentialSchema: credentialSchema(auth).jsonSchema,
  scopes: "scopes" in auth ? auth.scopes : [],
  hosts: hostsOf(signInUrls(auth)),
  steps: provider.setup?.[auth.type] ?? [],
});

function labelOf(provider: Provider, auth: Auth): string {
  switch (auth.type) {
    case "none":
      return "No sign-in";
    case "api_key":
    case "bearer":
    case "service_account":
    case "signing_secret":
      return auth.label;
    case "access_key":
      return "Access key";
    case "basic":
      return auth.passwordLabel === undefined
        ? auth.usernameLabel
        : `${auth.usernameLabel} and ${lower(auth.passwordLabel)}`;
    case "oauth2_authorization_code":
      return `Sign in at ${provider.name}`;
    case "oauth2_client_credentials":
      return "Client id and secret";
    case "two_step":
      return auth.fields.map(({ label }, at) => (at === 0 ? label : lower(label))).join(" and ");
  }
}

/** In the middle of a sentence; abbreviations stay as they are. */
const lower = (label: string): string =>
  /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;

/** Hosts as they are written: `{shop}.example.com` may still wait for the config. */
const hostsOf = (addresses: readonly string[]): string[] => [
  ...new Set(addresses.flatMap((address) => /^[a-z]+:\/\/([^/?#]+)/i.exec(address)?.[1] ?? [])),
];
