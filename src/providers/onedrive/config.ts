import { z } from "zod";
import { schemaFrom } from "#provider-kit/schema-from.ts";

export interface Config {
  /** `common`, `organizations`, `consumers`, the id of a tenant, or one of its domains. */
  tenant?: string | undefined;
  /** For app-only access: whose drive. */
  user?: string | undefined;
  /** For app-only access: `contoso.sharepoint.com:/sites/engineering`. */
  site?: string | undefined;
}

export const config = schemaFrom<Config>(
  z.strictObject({
    tenant: z
      .string()
      .regex(
        /^(?:common|organizations|consumers|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})$/,
        "Enter the tenant's id, one of its domains such as contoso.onmicrosoft.com, or common.",
      )
      .optional()
      .meta({
        title: "Tenant",
        description: "The tenant's id or domain. Left empty, everybody with a work or personal account can sign in.",
        examples: ["contoso.onmicrosoft.com"],
      }),
    user: z
      .string()
      .max(320)
      .regex(/^[^\s@/?#]+@[^\s@/?#]+$/, "Enter the user's sign-in name, such as adele@contoso.com.")
      .optional()
      .meta({ title: "User", description: "For app-only access: whose drive is read." }),
    site: z
      .string()
      .max(500)
      .regex(
        /^[a-z0-9.-]+:\/(?:sites|teams)\/[^/?#\s%]+$/i,
        "Enter host and path, such as contoso.sharepoint.com:/sites/engineering.",
      )
      .optional()
      .meta({ title: "Site", description: "For app-only access, in place of a user: a SharePoint site." }),
  }),
);
