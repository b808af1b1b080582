import { ProviderError } from "#core/errors.ts";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Account, FirstCall, Provider } from "#provider-kit/provider.ts";
import { userReply } from "./api.ts";
import { type Config, configFor } from "./config.ts";
import { findRestRoot } from "./discover.ts";
import { explain } from "./failure.ts";
import { originsOfSite, readRoot, routeBelow, siteName } from "./rest-root.ts";

/** A WordPress site that somebody runs, signed in to with an application password. `api` is the one site of a sandbox. */
export function wordpress(at: ProviderAddresses = {}): Provider<Config> {
  return {
    key: "wordpress",
    name: "WordPress",
    description: "Publishes posts on a WordPress site of your own.",
    category: "publishing",
    glyph: { letters: "WP", hue: "teal" },
    config: configFor(at.api),
    addresses: ({ siteUrl }) => originsOfSite(siteUrl),
    auth: () => [
      { type: "basic", usernameLabel: "User name or e-mail address", passwordLabel: "Application password" },
    ],
    setup: {
      basic: [
        "Sign in to the site as the user who is to write the posts. An author may publish; a contributor only makes drafts.",
        "Under Users, Profile, Application Passwords, enter the name Hawser and add a password.",
        "Copy it to here, with or without its spaces. The password that you sign in with does not work.",
      ],
    },
    // Sites are small machines, and their hosts shut out who asks for too much at once.
    pace: { requestsPerSecond: 4, atOnce: 2 },

    async check(call) {
      const known = knownRoot(call);
      if (known === undefined) return whoIsIt(call, await findRestRoot(call));
      try {
        return await whoIsIt(call, known);
      } catch (error) {
        if (!hasMoved(error)) throw error;
        return whoIsIt(call, await findRestRoot(call));
      }
    },

    explain,
  };
}

/** Where the API was found before, as long as that was for this site. */
function knownRoot({ config: { siteUrl }, kept }: FirstCall<Config>): string | undefined {
  if (kept.rest_root === undefined || kept.site_url !== siteUrl) return undefined;
  const read = readRoot(kept.rest_root, siteUrl);
  return "root" in read ? read.root : undefined;
}

/** The one call that proves a sign-in: everything else is answered to visitors too. */
async function whoIsIt({ http, config }: FirstCall<Config>, root: string): Promise<Account> {
  const query = { context: "edit", _fields: "id,name,roles,capabilities" };
  const user = await http.json({ url: routeBelow(root, "wp/v2/users/me"), query }, userReply);
  if (!user.capabilities.edit_posts) {
    throw new ProviderError("forbidden", "This user may not write posts on the site. The role Author would be enough.");
  }
  const site = siteName(root);
  return {
    // Users are numbered anew on every site.
    id: `${site}#${user.id}`,
    label: labelFrom(`${user.name} at ${site}`),
    kept: { rest_root: root, site_url: config.siteUrl },
  };
}

/** What a site answers under an address that was its API's until its permalinks were changed. */
const hasMoved = (error: unknown): boolean =>
  error instanceof ProviderError && (error.kind === "not-found" || error.kind === "unexpected-reply");
