import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import { labelFrom } from "#provider-kit/label.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { userReply } from "./api.ts";
import { explain } from "./failure.ts";

/** Medium, with an integration token that is there already. The address is that of the real service unless said. */
export function medium(at: ProviderAddresses = {}): Provider {
  return {
    key: "medium",
    name: "Medium",
    description: "Publishes stories on Medium, with an integration token that you already have.",
    category: "publishing",
    glyph: { letters: "ME", hue: "green" },
    legacy:
      "Medium no longer looks after its interface and gives new integration tokens to nearly nobody. Tokens that were " +
      "made before go on working. Without one, publish elsewhere and bring the story to Medium by its own import.",
    addresses: () => [`${at.api ?? "https://api.medium.com"}/`],
    auth: () => [{ type: "bearer", label: "Integration token" }],
    setup: {
      bearer: [
        "New integration tokens can no longer be had for most accounts: look for one that was made before.",
        "At Medium, “Settings”, “Security and apps”, “Integration tokens” lists them, where the entry is still shown.",
        "A token of which nobody has kept a copy cannot be read again.",
      ],
    },

    async check(call) {
      const { data } = await call.http.json({ url: "v1/me", headers: asMediumWants }, userReply);
      return { id: data.id, label: labelFrom(`@${data.username}`) };
    },

    explain,
  };
}

const asMediumWants = { accept: "application/json", "accept-charset": "utf-8" };
