import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  /** Without a slash at its end. */
  url: string;
  bucket: string;
}

export const config = schemaFrom<Config>(
  z.strictObject({
    url: z
      .url({ protocol: /^https?$/, hostname: /^[a-z0-9.-]+$/i })
      .max(500)
      .refine((text) => !/[?#@\s]/.test(text), "Enter an address without a query or a password.")
      .transform((text) => text.replace(/\/+$/, ""))
      .meta({
        title: "Project URL",
        description: "As the project's settings show it under “Data API”.",
        examples: ["https://abcdefghijklmnopqrst.supabase.co"],
      }),
    bucket: z
      .string()
      .regex(/^[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,100}$/, "Enter the bucket's name as Supabase shows it.")
      .meta({ title: "Bucket", description: "It may be private. Let nobody else write where a sync puts its files." }),
  }),
);
