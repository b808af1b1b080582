import { AppError } from "#core/errors.ts";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode, ClientCredentials } from "#provider-kit/auth.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Account, FirstCall, Provider } from "#provider-kit/provider.ts";
import { driveReply, userReply } from "./api.ts";
import { type Config, config } from "./config.ts";
import { explain } from "./failure.ts";
import { filesOf } from "./files.ts";
import { webhooks } from "./webhooks.ts";

/** OneDrive and SharePoint libraries through Microsoft Graph. In an address of `at`, `{tenant}` stands for the tenant. */
export function onedrive(at: ProviderAddresses = {}): Provider<Config> {
  const addresses = addressesAt(at.api ?? "https://graph.microsoft.com");
  return {
    key: "onedrive",
    name: "OneDrive",
    description:
      "Reads files of OneDrive for Business and of SharePoint libraries. Hawser never changes anything there.",
    category: "files",
    glyph: { letters: "OD", hue: "blue" },
    config,
    addresses: () => addresses,
    auth: ({ tenant = "common" } = {}) => [delegated(at, tenant), appOnly(at, tenant)],
    setup: {
      oauth2_authorization_code: [
        "In the Microsoft Entra admin center, register an app. Choose who may sign in: one tenant, or any.",
        "Under “Authentication”, add the platform “Web” with {redirect_uri} as redirect URI, exactly so.",
        "Under “API permissions”, add the delegated permissions User.Read, Files.Read.All, Sites.Read.All and offline_access.",
        "Under “Certificates & secrets”, make a client secret. Note the day it ends: every connection stops with it.",
        "Copy the application ID and the secret's value (not its ID) to here.",
      ],
      oauth2_client_credentials: [
        "In the Microsoft Entra admin center, register an app in the tenant whose files are to be read.",
        "Under “API permissions”, add the application permission Files.Read.All, or Sites.Selected, and grant admin consent.",
        "Under “Certificates & secrets”, make a client secret.",
        "Enter the tenant above, with the user or the site whose drive is read.",
      ],
    },
    pace: { requestsPerSecond: 300, atOnce: 32 },

    async check(call) {
      if (call.auth === "oauth2_client_credentials") return checkAppOnly(call);
      const user = await call.http.json({ url: "v1.0/me" }, userReply);
      return { id: user.id, label: labelFrom(user.userPrincipalName ?? user.mail ?? user.displayName ?? user.id) };
    },

    explain,
    files: filesOf(addresses),
    webhooks,
  };
}

/** Where the clouds keep the bytes. Behind a proxy of somebody's own, downloads go by way of the API. */
const contentOf: Readonly<Record<string, readonly string[]>> = {
  "graph.microsoft.com": [
    "https://*.sharepoint.com",
    // Personal accounts.
    "https://*.microsoftpersonalcontent.com",
    "https://*.1drv.com",
  ],
  "graph.microsoft.us": ["https://*.sharepoint.us"],
  "dod-graph.microsoft.us": ["https://*.sharepoint-mil.us"],
  "microsoftgraph.chinacloudapi.cn": ["https://*.sharepoint.cn"],
};

const addressesAt = (api: string): readonly [string, ...string[]] => [
  `${api}/`,
  ...(contentOf[new URL(api).hostname] ?? []),
];

/** There is no /me for an app: a drive that it can open shows whose files it reaches. */
async function checkAppOnly({ http, config: { user, site } }: FirstCall<Config>): Promise<Account> {
  const owner =
    user !== undefined ? `users/${encodeURIComponent(user)}` : site !== undefined ? `sites/${site}:` : undefined;
  if (owner === undefined) {
    throw new AppError(
      "invalid_request",
      "An app signs in for itself: enter the user or the site whose drive it reads.",
      {
        errors: [{ pointer: "/config/user", code: "required", detail: "Enter a user, or a site." }],
      },
    );
  }
  const drive = await http.json({ url: `v1.0/${owner}/drive` }, driveReply);
  const who = drive.owner?.user?.email ?? drive.owner?.user?.displayName ?? user ?? site ?? drive.id;
  return { id: drive.id, label: labelFrom(who) };
}

const LOGIN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0";
const forTenant = (address: string, tenant: string): string => address.replace("{tenant}", tenant);

const delegated = (at: ProviderAddresses, tenant: string): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: forTenant(at.authorize ?? `${LOGIN}/authorize`, tenant),
  tokenUrl: forTenant(at.token ?? `${LOGIN}/token`, tenant),
  pkce: true,
  authorizeParams: { response_mode: "query", prompt: "select_account" },
  clientAuth: "body",
  scopes: ["User.Read", "Files.Read.All", "Sites.Read.All", "offline_access"],
  // The answer never lists offline_access among what was granted.
  neededScopes: ["User.Read", "Files.Read.All"],
  // Each answer has a new refresh token, and the old one goes on working.
  refresh: "stable",
  idleDays: 90,
});

const appOnly = (at: ProviderAddresses, tenant: string): ClientCredentials => ({
  type: "oauth2_client_credentials",
  tokenUrl: forTenant(at.token ?? `${LOGIN}/token`, tenant),
  clientAuth: "body",
  scopes: ["https://graph.microsoft.com/.default"],
});
