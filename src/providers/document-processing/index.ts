import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { check } from "./check.ts";
import { type Config, configFor, signIn } from "./config.ts";
import { deliver } from "./deliver.ts";
import { writeMessage } from "./message.ts";
import { receive } from "./receive.ts";

/** A service that is told about stored documents. `api` is the one service of a sandbox. */
export function documentProcessing(at: ProviderAddresses = {}): Provider<Config> {
  return {
    key: "document-processing",
    name: "Document processing",
    description: "Tells a service of yours about every document that a sync has stored.",
    category: "processing",
    glyph: { letters: "DP", hue: "magenta" },
    config: configFor(at.api),
    addresses: ({ base_url }) => [`${base_url}/`],
    auth: (config) => [signIn(config)],
    setup: {
      signing_secret: [
        "Let the service make a signing secret for this tenant: whsec_ and 32 random bytes in base64.",
        "Enter it here. It is never sent; each message is signed with it, together with an id and the time.",
        "To replace it, enter the new one with the old one as the secret before it, and take that away a day later.",
      ],
    },
    // The contract's own limit for each receiver.
    pace: { requestsPerSecond: 200, atOnce: 8 },
    check,
    handoff: { write: writeMessage, deliver, receive },
  };
}
