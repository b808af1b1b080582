import { type Clock, systemClock } from "#core/clock.ts";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode, ClientCredentials } from "#provider-kit/auth.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Account, FirstCall, Provider } from "#provider-kit/provider.ts";
import { userReply } from "./api.ts";
import { type Config, config, configOf } from "./config.ts";
import { explain } from "./failure.ts";
import { filesOf } from "./files.ts";
import { allHubs } from "./hubs.ts";
import { webhooks } from "./webhooks.ts";

/**
 * Where the addresses of downloads lead: S3 in the region of the hub, or a cache in front of it. Only requests that carry
 * their own permission go there, never the credential.
 */
const storage = ["https://*.amazonaws.com/", "https://*.oss.api.autodesk.com/", "https://*.cloudfront.net/"];

/** Autodesk Construction Cloud and BIM 360. The addresses are those of the real service unless said. */
export function autodesk(at: ProviderAddresses = {}, clock: Clock = systemClock): Provider<Config> {
  const api = at.api ?? "https://developer.api.autodesk.com";
  const profile = at.api ?? "https://api.userprofile.autodesk.com";
  // A pretend Autodesk, which is reached without TLS on this machine, keeps its files itself.
  const elsewhere = api.startsWith("https:") ? storage : [];
  return {
    key: "autodesk",
    name: "Autodesk Construction Cloud",
    description: "Reads drawings and documents of projects in Autodesk Construction Cloud and BIM 360.",
    category: "files",
    glyph: { letters: "AC", hue: "orange" },
    config,
    addresses: () => [`${api}/`, `${profile}/`, ...elsewhere],
    auth: (given) => [threeLegged(at, configOf(given)), twoLegged(at, configOf(given))],
    setup: {
      oauth2_authorization_code: [
        "At Autodesk Platform Services, make an app of the type “Traditional web app” with the Data Management API.",
        "Enter {redirect_uri} as callback URL, exactly so.",
        "In the account administration of Autodesk Construction Cloud, add the app's client ID under “Custom integrations”.",
        "Copy client ID and client secret to here.",
      ],
      oauth2_client_credentials: [
        "At Autodesk Platform Services, make an app of the type “Server-to-server” with the Data Management API.",
        "In the account administration of Autodesk Construction Cloud, add the app's client ID under “Custom integrations”.",
        "Enter client ID and client secret here. The app sees every project of the accounts that let it in.",
      ],
    },
    pace: { requestsPerSecond: 300, atOnce: 16 },

    async check(call) {
      if (call.auth === "oauth2_client_credentials") return checkApp(call);
      const user = await call.http.json({ url: `${profile}/userinfo` }, userReply);
      return { id: user.sub, label: labelFrom(user.email ?? user.preferred_username ?? user.name ?? user.sub) };
    },

    explain,
    files: filesOf(clock),
    webhooks,
  };
}

/** An app has no user: the hub that lets it in stands for it. */
async function checkApp(call: FirstCall<Config>): Promise<Account> {
  const [first, ...others] = await allHubs(call);
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return { id: first.id, label: labelFrom(`${first.name}${more}`) };
}

const endpoints = (at: ProviderAddresses) => {
  const base = "https://developer.api.autodesk.com/authentication/v2";
  return {
    token: at.token ?? `${base}/token`,
    revoke: at.revoke ?? `${base}/revoke`,
    authorize: at.authorize ?? `${base}/authorize`,
  };
};

const threeLegged = (at: ProviderAddresses, { webhooks }: Config): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: endpoints(at).authorize,
  tokenUrl: endpoints(at).token,
  revokeUrl: endpoints(at).revoke,
  pkce: true,
  clientAuth: "basic",
  scopes: ["data:read", "account:read", "user-profile:read", ...(webhooks ? ["data:write"] : [])],
  neededScopes: ["data:read", "user-profile:read", ...(webhooks ? ["data:write"] : [])],
  // Each refresh spends the refresh token, and the next one lives 15 days.
  refresh: "rotating",
  idleDays: 15,
});

const twoLegged = (at: ProviderAddresses, { webhooks }: Config): ClientCredentials => ({
  type: "oauth2_client_credentials",
  tokenUrl: endpoints(at).token,
  clientAuth: "basic",
  scopes: ["data:read", "account:read", ...(webhooks ? ["data:write"] : [])],
});
