import type { Provider } from "#provider-kit/provider.ts";
import { bucketUrl } from "./address.ts";
import { type Config, config } from "./config.ts";
import { explain } from "./failure.ts";
import { look, store } from "./store.ts";

/** Any service that speaks S3: Amazon's own, MinIO, Cloudflare R2, Backblaze B2, Wasabi … */
export function s3(): Provider<Config> {
  return {
    key: "s3",
    name: "S3",
    description: "Stores files in a bucket of Amazon S3, MinIO, Cloudflare R2 or any other service that speaks S3.",
    category: "files",
    glyph: { letters: "OS", hue: "orange" },
    config,
    addresses: (entered) => [bucketUrl(entered)],
    auth: ({ region }) => [{ type: "access_key", region, service: "s3" }],
    setup: {
      access_key: [
        "Make a bucket for Hawser, or choose one. Let nobody else write below the folder that a sync uses.",
        "Make an access key whose rights end at this bucket: s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads.",
        "Copy its ID and its secret to here.",
      ],
    },
    pace: { requestsPerSecond: 300, atOnce: 32 },

    async check(call) {
      await look(call);
      const { host } = new URL(bucketUrl(call.config));
      return { id: `${call.config.bucket}@${host}`, label: call.config.bucket };
    },

    explain,
    store,
  };
}
