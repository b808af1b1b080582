// What the operator may set for each built-in provider: where it is reached, and the installation's OAuth client there.
import { z } from "zod";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";

/** What is set for one provider. The secret is the operator's, in plain text, as the environment has it. */
export interface ProviderSetup {
  addresses: ProviderAddresses;
  client?: { id: string; secret?: string };
}

type Part = "api" | "authorize" | "token" | "revoke" | "clientId" | "clientSecret";

const suffixes: Readonly<Record<Part, string>> = {
  api: "API_URL",
  authorize: "AUTHORIZE_URL",
  token: "TOKEN_URL",
  revoke: "REVOKE_URL",
  clientId: "CLIENT_ID",
  clientSecret: "CLIENT_SECRET",
};

const oauth: readonly Part[] = ["api", "authorize", "token", "revoke", "clientId", "clientSecret"];
const withoutRevoke = oauth.filter((part) => part !== "revoke");

/** Which settings a provider has. WordPress has none: its address is that of each site. */
const partsOf: Readonly<Record<string, readonly Part[]>> = {
  "google-drive": oauth,
  onedrive: withoutRevoke,
  autodesk: oauth,
  x: oauth,
  linkedin: withoutRevoke,
  medium: ["api"],
};

// `{tenant}` and the like are filled in by the provider.
const address = z
  .string()
  .refine(
    (text) => URL.canParse(text.replace("{tenant}", "tenant")) && /^https?:\/\/[^/?#@]+(?:[/?][^#]*)?$/.test(text),
    "It must be an address with scheme and host, without a name or password, and without a fragment.",
  )
  .transform((text) => text.replace(/\/$/, ""));
const word = z.string().min(1);

export interface ProviderSetting {
  provider: string;
  part: Part;
  name: string;
  schema: z.ZodType<string>;
  example: string;
  secret: boolean;
}

export const providerSettings: readonly ProviderSetting[] = Object.entries(partsOf).flatMap(([provider, parts]) =>
  parts.map((part): ProviderSetting => {
    const name = `HAWSER_${provider.toUpperCase().replaceAll("-", "_")}_${suffixes[part]}`;
    const isAddress = part !== "clientId" && part !== "clientSecret";
    return {
      provider,
      part,
      name,
      schema: isAddress ? address : word,
      example: isAddress
        ? "https://proxy.example.com"
        : part === "clientId"
          ? "the client's id"
          : "the client's secret",
      secret: part === "clientSecret",
    };
  }),
);

/** Puts what was read together, by provider. `refuse` hears of a secret whose id is missing. */
export function setupsOf(
  read: (setting: ProviderSetting) => string | undefined,
  refuse: (setting: ProviderSetting, reason: string) => void,
): ReadonlyMap<string, ProviderSetup> {
  return new Map(
    Object.entries(partsOf).map(([provider, parts]) => {
      const values = new Map(
        parts.map((part) => {
          const setting = settingOf(provider, part);
          return [part, setting && read(setting)];
        }),
      );
      const addresses: ProviderAddresses = Object.fromEntries(
        (["api", "authorize", "token", "revoke"] as const).flatMap((part) => {
          const value = values.get(part);
          return value === undefined ? [] : [[part, value]];
        }),
      );
      const [id, secret] = [values.get("clientId"), values.get("clientSecret")];
      const client = id === undefined ? undefined : { id, ...(secret !== undefined && { secret }) };
      const idSetting = settingOf(provider, "clientId");
      if (idSetting && secret !== undefined && !client) {
        refuse(idSetting, "There is a client secret, so that the client's id is needed too.");
      }
      return [provider, { addresses, ...(client && { client }) }];
    }),
  );
}

const settingOf = (provider: string, part: Part): ProviderSetting | undefined =>
  providerSettings.find((one) => one.provider === provider && one.part === part);
