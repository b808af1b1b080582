import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { memberReply } from "./api.ts";
import { explain } from "./failure.ts";

/** LinkedIn, for the member who signs in. The addresses are those of the real service unless said. */
export function linkedin(at: ProviderAddresses = {}): Provider {
  return {
    key: "linkedin",
    name: "LinkedIn",
    description: "Publishes posts on LinkedIn as the member who signs in.",
    category: "publishing",
    glyph: { letters: "LI", hue: "blue" },
    addresses: () => [`${at.api ?? "https://api.linkedin.com"}/`],
    auth: () => [signIn(at)],
    setup: {
      oauth2_authorization_code: [
        "In LinkedIn's developer portal (developer.linkedin.com), make an app; it has to belong to a LinkedIn page.",
        "Under “Products”, ask for “Sign In with LinkedIn using OpenID Connect” and “Share on LinkedIn”.",
        "Under “Auth”, add {redirect_uri} as authorized redirect URL, exactly so.",
        "Copy client ID and client secret to here.",
        "A sign-in lasts 60 days. Only approved partners of LinkedIn can renew it; all others sign in again.",
      ],
    },

    async check(call) {
      const member = await call.http.json({ url: "v2/userinfo" }, memberReply);
      return { id: member.sub, label: labelFrom(member.name ?? member.email ?? "LinkedIn member") };
    },

    explain,
  };
}

const signIn = (at: ProviderAddresses): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: at.authorize ?? "https://www.linkedin.com/oauth/v2/authorization",
  tokenUrl: at.token ?? "https://www.linkedin.com/oauth/v2/accessToken",
  // The web flow knows no PKCE, and takes a verifier for a mismatch.
  pkce: false,
  clientAuth: "body",
  scopes: ["openid", "profile", "w_member_social"],
  answer: { refreshExpiresIn: "refresh_token_expires_in" },
  spreadsInS: 15,
  refusals: ["user_cancelled_login", "user_cancelled_authorize"],
  // Approved partners get a refresh token, for 365 days that no refresh makes longer. Nobody else does: the end of the
  // access token is then the end of the sign-in.
  refresh: "stable",
  lifeDays: 365,
  errors: [
    // One text for a code that is spent, expired or of another app.
    { code: "invalid_request", text: "unable to retrieve access token", means: "grant-dead" },
    { code: "invalid_redirect_uri", text: "unable to retrieve access token", means: "grant-dead" },
    { code: "invalid_request", text: "refresh token", means: "grant-dead" },
  ],
});
