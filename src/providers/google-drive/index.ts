import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode, ServiceAccount } from "#provider-kit/auth.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { aboutReply } from "./api.ts";
import { type Config, config } from "./config.ts";
import { explain } from "./failure.ts";
import { files } from "./files.ts";
import { webhooks } from "./webhooks.ts";

const API = "https://www.googleapis.com/";
const SCOPE = "https://www.googleapis.com/auth/drive.readonly";

/** Google Drive, to read from. The addresses are those of the real service unless said. */
export function googleDrive(at: ProviderAddresses = {}): Provider<Config> {
  return {
    key: "google-drive",
    name: "Google Drive",
    description: "Reads the files of a person's drive and of shared drives. Hawser never changes anything there.",
    category: "files",
    glyph: { letters: "GD", hue: "green" },
    config,
    // Large exports come from a host of their own.
    addresses: () => (at.api === undefined ? [API, "https://docs.google.com/"] : [`${at.api}/`]),
    auth: ({ acts_for } = {}) => [personSignsIn(at), serviceAccount(at, acts_for)],
    setup: {
      oauth2_authorization_code: [
        "In Google's cloud console, make a project and switch on the Google Drive API.",
        "Set up the consent screen. While it is in “Testing”, every sign-in ends after 7 days: publish it, or make it internal.",
        "Under “Credentials”, make an OAuth client of the type “Web application”.",
        "Enter {redirect_uri} as authorized redirect URI, exactly so.",
        "Copy client ID and client secret to here.",
      ],
      service_account: [
        "In Google's cloud console, make a project, switch on the Google Drive API, and make a service account.",
        "Make a key for it of the type JSON, and enter the file that is downloaded here.",
        "Share the folders or drives with the address of the account, or give it domain-wide delegation for the scope https://www.googleapis.com/auth/drive.readonly.",
      ],
    },
    // Google counts by the minute (200 a second), and says when it is too much: for a while it may be more.
    pace: { requestsPerSecond: 300, atOnce: 32 },
    allowance: {
      requests: 12_000,
      perSeconds: 60,
      note: "Google publishes this limit for projects from before May 2026; newer ones have another.",
    },

    async check(call) {
      const { user } = await call.http.json({ url: "drive/v3/about", query: { fields: "user" } }, aboutReply);
      return { id: user.permissionId, label: labelFrom(user.emailAddress ?? user.displayName ?? "Google account") };
    },

    explain,
    files,
    webhooks,
  };
}

const personSignsIn = (at: ProviderAddresses): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: at.authorize ?? "https://accounts.google.com/o/oauth2/v2/auth",
  tokenUrl: at.token ?? "https://oauth2.googleapis.com/token",
  revokeUrl: at.revoke ?? "https://oauth2.googleapis.com/revoke",
  pkce: true,
  // Without both there is no refresh token: Google gives it at the first consent only, or when consent is asked for.
  authorizeParams: { access_type: "offline", prompt: "consent" },
  clientAuth: "body",
  scopes: [SCOPE],
  refresh: "stable",
  idleDays: 180,
});

const serviceAccount = (at: ProviderAddresses, actsFor: string | undefined): ServiceAccount => ({
  type: "service_account",
  label: "Key file of the service account",
  tokenUrl: at.token ?? "https://oauth2.googleapis.com/token",
  scopes: [SCOPE],
  ...(actsFor !== undefined && { subject: actsFor }),
  // Said of a clock that is wrong: ours. The key is as good as before.
  errors: [{ code: "invalid_grant", text: "short-lived token", means: "temporary" }],
});
