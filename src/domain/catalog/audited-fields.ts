import type { Definition } from "#provider-kit/definition/definition.ts";
import { signInUrls } from "#provider-kit/sign-in-urls.ts";

/** What the audit log tells of a definition: where data and credentials go, and how much it can do. */
export const auditedFields = (definition: Definition): Record<string, unknown> => ({
  display_name: definition.displayName,
  base_url: definition.baseUrl,
  more_addresses: definition.moreAddresses,
  auth: definition.auth.map((auth) => ({ type: auth.type, urls: signInUrls(auth) })),
  actions: definition.actions.length,
});
