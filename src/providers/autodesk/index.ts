import { ProviderError } from "#core/errors.ts";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode, ClientCredentials } from "#provider-kit/auth.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Account, FirstCall, Provider } from "#provider-kit/provider.ts";
import { hubsReply, userReply } from "./api.ts";
import { explain } from "./failure.ts";

/** Autodesk Construction Cloud and BIM 360. The addresses are those of the real service unless said. */
export function autodesk(at: ProviderAddresses = {}): Provider {
  const api = at.api ?? "https://developer.api.autodesk.com";
  const profile = at.api ?? "https://api.userprofile.autodesk.com";
  return {
    key: "autodesk",
    name: "Autodesk Construction Cloud",
    description: "Reads drawings and documents of projects in Autodesk Construction Cloud and BIM 360.",
    category: "files",
    glyph: { letters: "AC", hue: "orange" },
    addresses: () => [`${api}/`, `${profile}/`],
    auth: () => [threeLegged(at), twoLegged(at)],
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
    pace: { requestsPerSecond: 5, atOnce: 5 },

    async check(call) {
      if (call.auth === "oauth2_client_credentials") return checkApp(call);
      const user = await call.http.json({ url: `${profile}/userinfo` }, userReply);
      return { id: user.sub, label: labelFrom(user.email ?? user.preferred_username ?? user.name ?? user.sub) };
    },

    explain,
  };
}

/** An app has no user: the hub that lets it in stands for it. */
async function checkApp({ http }: FirstCall): Promise<Account> {
  const { data } = await http.json({ url: "project/v1/hubs" }, hubsReply);
  const [first, ...others] = data.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (!first) {
    throw new ProviderError(
      "forbidden",
      "No Autodesk account has let this app in. Ask an account administrator to add its client ID under “Custom integrations”.",
    );
  }
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return { id: first.id, label: labelFrom(`${first.attributes.name}${more}`) };
}

const endpoints = (at: ProviderAddresses) => {
  const base = "https://developer.api.autodesk.com/authentication/v2";
  return {
    token: at.token ?? `${base}/token`,
    revoke: at.revoke ?? `${base}/revoke`,
    authorize: at.authorize ?? `${base}/authorize`,
  };
};

const threeLegged = (at: ProviderAddresses): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: endpoints(at).authorize,
  tokenUrl: endpoints(at).token,
  revokeUrl: endpoints(at).revoke,
  pkce: true,
  clientAuth: "basic",
  scopes: ["data:read", "account:read", "user-profile:read"],
  neededScopes: ["data:read", "user-profile:read"],
  // Each refresh spends the refresh token, and the next one lives 15 days.
  refresh: "rotating",
  idleDays: 15,
});

const twoLegged = (at: ProviderAddresses): ClientCredentials => ({
  type: "oauth2_client_credentials",
  tokenUrl: endpoints(at).token,
  clientAuth: "basic",
  scopes: ["data:read", "account:read"],
});
