import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  /** For a service account: the user of the Workspace that it acts for. */
  acts_for?: string | undefined;
}

export const config = schemaFrom<Config>(
  z.strictObject({
    acts_for: z
      .string()
      .max(320)
      .regex(/^[^\s@]+@[^\s@]+$/, "Enter an e-mail address.")
      .optional()
      .meta({
        title: "Acts for",
        description:
          "With a service account: the address of the user whose files it reads. Needs domain-wide delegation. Without it, the account sees what is shared with it.",
      }),
  }),
);
