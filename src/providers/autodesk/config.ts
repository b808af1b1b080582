import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  /** For an app that signs in for itself: the Autodesk id of the user whose view of the projects it has. */
  user?: string | undefined;
  /** Whether to ask for the right to make webhooks, which only comes with the right to write. */
  webhooks?: boolean | undefined;
}

export const config = schemaFrom<Config>(
  z.strictObject({
    user: z
      .string()
      .regex(/^[A-Z0-9]{6,40}$/, "Enter the user's Autodesk ID, such as BW9RM76WZBGL.")
      .optional()
      .meta({
        title: "Act as user",
        description:
          "For an app that signs in for itself: the Autodesk ID of a user. Hawser then sees what this user sees; left empty, everything.",
        examples: ["BW9RM76WZBGL"],
      }),
    webhooks: z.boolean().optional().meta({
      title: "Hear of changes at once",
      description:
        "Lets Autodesk tell of changes by webhooks. Autodesk gives the right to make them only together with the right to write files (data:write), which Hawser uses for nothing else.",
    }),
  }),
);

/** The config of a connection; one that was made before there was any has none. */
export const configOf = (given: Config | null | undefined): Config => given ?? {};
