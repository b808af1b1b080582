import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { userReply } from "./api.ts";
import { explain } from "./failure.ts";

/** X, for the person who signs in. The addresses are those of the real service unless said. */
export function x(at: ProviderAddresses = {}): Provider {
  return {
    key: "x",
    name: "X",
    description: "Publishes posts to an account on X, once Twitter.",
    category: "publishing",
    glyph: { letters: "XT", hue: "slate" },
    addresses: () => [`${at.api ?? "https://api.x.com"}/`],
    auth: () => [signIn(at)],
    setup: {
      oauth2_authorization_code: [
        "In X's developer portal (developer.x.com), open your project and add an app, or take one that is there.",
        "Under “User authentication settings”, choose “Read and write” and the type “Web App, Automated App or Bot”.",
        "Enter {redirect_uri} as callback address, exactly so.",
        "Copy client ID and client secret of OAuth 2.0 (not the API key) to here.",
        "X is paid for by use: the app needs credits before anything can be posted.",
      ],
    },
    // Uploads have the fastest limit, 1,875 in 15 minutes; everything else is held up by X's own headers.
    pace: { requestsPerSecond: 2, atOnce: 2 },

    async check(call) {
      const { data } = await call.http.json({ url: "2/users/me" }, userReply);
      return { id: data.id, label: `@${data.username}` };
    },

    explain,
  };
}

const signIn = (at: ProviderAddresses): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: at.authorize ?? "https://x.com/i/oauth2/authorize",
  tokenUrl: at.token ?? "https://api.x.com/2/oauth2/token",
  revokeUrl: at.revoke ?? "https://api.x.com/2/oauth2/revoke",
  pkce: true,
  // An app of the type “native” has no secret; its id then stands in the body.
  clientAuth: "basic",
  scopes: ["tweet.read", "users.read", "tweet.write", "media.write", "offline.access"],
  // Text can be posted without media.write; without the others nothing works, or not for longer than two hours.
  neededScopes: ["tweet.read", "users.read", "tweet.write", "offline.access"],
  refresh: "rotating",
  idleDays: 180,
  errors: [
    // X never says invalid_grant: that a refresh token or a code is spent, expired or revoked is told by these words alone.
    { code: "invalid_request", text: "passed for the token was invalid", means: "grant-dead" },
    { code: "invalid_request", text: "passed for the authorization code was invalid", means: "grant-dead" },
    { code: "invalid_request", text: "did not match the code challenge", means: "grant-dead" },
    { code: "unauthorized_client", means: "app" },
  ],
});
