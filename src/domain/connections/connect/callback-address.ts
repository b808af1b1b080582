import type { FoundProvider } from "#domain/catalog/find-provider.ts";

/**
 * The last part of a provider's own callback address: its key, the id of a custom provider, or `sandbox-<key>`. That
 * each has its own keeps the code of one provider from being given to another (SR-34).
 */
export const callbackPlace = (
  { provider, customId }: Pick<FoundProvider, "provider" | "customId">,
  sandbox: boolean,
) => (sandbox ? `sandbox-${provider.key}` : (customId ?? provider.key));

/** SR-36: from the configured public URL, never from what a request says. */
export const redirectUri = (publicUrl: string, place: string): string =>
  `${publicUrl.replace(/\/$/, "")}/oauth/callback/${place}`;
