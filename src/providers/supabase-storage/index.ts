import type { Provider } from "#provider-kit/provider.ts";
import { storageUrl, uploadUrl } from "./address.ts";
import { bucketReply } from "./api.ts";
import { type Config, config } from "./config.ts";
import { explain } from "./failure.ts";
import { store } from "./store.ts";

/** A bucket of Supabase Storage, hosted or one's own. */
export function supabaseStorage(): Provider<Config> {
  return {
    key: "supabase-storage",
    name: "Supabase Storage",
    description: "Stores files in a bucket of a Supabase project, hosted or one's own.",
    category: "files",
    glyph: { letters: "SB", hue: "green" },
    config,
    addresses: (entered) => [`${storageUrl(entered)}/`, `${uploadUrl(entered)}/`],
    auth: () => [{ type: "api_key", label: "Secret key", place: { header: "apikey", alsoBearer: true } }],
    setup: {
      api_key: [
        "In the project, make a bucket under “Storage”. It may be private.",
        "Under “API keys”, make a secret key (or take the older service_role key). It passes all policies: give it to nobody else.",
        "Copy the project's URL, the bucket's name and the key to here.",
      ],
    },
    pace: { requestsPerSecond: 100, atOnce: 16 },

    async check({ http, config: { url, bucket } }) {
      const found = await http.json(
        { url: `${storageUrl({ url, bucket })}/bucket/${encodeURIComponent(bucket)}` },
        bucketReply,
      );
      return { id: `${found.id}@${new URL(url).host}`, label: found.name };
    },

    explain,
    store,
  };
}
