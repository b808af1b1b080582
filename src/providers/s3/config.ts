import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  bucket: string;
  region: string;
  /** Without a slash at its end. */
  endpoint?: string | undefined;
  pathStyle?: boolean | undefined;
}

export const config = schemaFrom<Config>(
  z.strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i, "A bucket's name has 3 to 63 letters, digits, dots and dashes.")
      .meta({ title: "Bucket" }),
    region: z
      .string()
      .regex(/^[a-z0-9-]{2,40}$/, "A region is written such as eu-central-1; auto for Cloudflare R2.")
      .default("us-east-1")
      .meta({ title: "Region", description: "As the service writes it: eu-central-1; auto for Cloudflare R2." }),
    endpoint: z
      .url({ protocol: /^https?$/, hostname: /^[a-z0-9.-]+$|^\[[0-9a-f:]+\]$/i })
      .max(500)
      .refine((text) => !/[?#@\s]/.test(text), "Enter an address without a query or a password.")
      .transform((text) => text.replace(/\/+$/, ""))
      .optional()
      .meta({
        title: "Endpoint",
        description: "Where the service is, for MinIO, R2 and others. Left empty, it is Amazon's own.",
        examples: ["https://storage.example.com"],
      }),
    pathStyle: z.boolean().optional().meta({
      title: "Bucket in the path",
      description: "Usual everywhere but at Amazon. Left empty, that is what is done where an endpoint is given.",
    }),
  }),
);
