import { z } from "zod";
import { id, inWorkspace, inWorkspaceWithId, pageOf, paging, route, time } from "./route.ts";

const MOST_BYTES = 6 * 1024 * 1024;

const jsonObject = z.record(z.string(), z.unknown());
const definition = jsonObject.describe("As docs/guides/custom-providers.md has it");
const providerName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "A name has at most 63 small letters, digits and hyphens, and no hyphen at either end.",
  );

const customProvider = {
  id,
  name: providerName.describe("Unique in the workspace, and fixed"),
  key: z.string().describe("What connections name it by: `custom-<name>`"),
  display_name: z.string(),
  active: z.boolean().describe("One that is switched off is not in the catalog, and its connections make no calls"),
  version: z.number(),
  actions: z.number(),
  used_by: z.object({ connections: z.number() }),
  created_at: time,
  created_by: z.string().nullable(),
  updated_at: time,
  updated_by: z.string().nullable(),
};
export const customProviderView = z.object({ ...customProvider, definition });
export const customProviderSummary = z.object(customProvider);

export const listCustomProviders = route({
  name: "providers.list",
  method: "GET",
  path: "/workspaces/{workspace}/providers",
  summary: "Custom providers of the workspace by name, without their definitions",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  query: z.strictObject(paging),
  reply: pageOf(customProviderSummary),
});
export const createProvider = route({
  name: "providers.create",
  method: "POST",
  path: "/workspaces/{workspace}/providers",
  summary: "Define a custom provider; from then on it is in the catalog",
  access: { who: "workspace", role: "admin" },
  audit: "provider.created",
  params: inWorkspace,
  body: z.strictObject({ name: providerName, definition, active: z.boolean().default(true) }),
  reply: customProviderView,
  status: 201,
  idempotent: true,
  maxBodyBytes: MOST_BYTES,
});
export const getProvider = route({
  name: "providers.get",
  method: "GET",
  path: "/workspaces/{workspace}/providers/{id}",
  summary: "One custom provider with its definition",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspaceWithId,
  reply: customProviderView,
});
export const updateProvider = route({
  name: "providers.update",
  method: "PATCH",
  path: "/workspaces/{workspace}/providers/{id}",
  summary: "Change a custom provider; where an address of it changes, its connections sign in again",
  access: { who: "workspace", role: "admin" },
  audit: "provider.updated",
  params: inWorkspaceWithId,
  body: z.strictObject({
    definition: definition.optional(),
    active: z.boolean().optional(),
    version: z
      .number()
      .int()
      .optional()
      .describe("The version that the change was made from; refused where it is not the present one"),
  }),
  reply: customProviderView,
  maxBodyBytes: MOST_BYTES,
});
export const deleteProvider = route({
  name: "providers.delete",
  method: "DELETE",
  path: "/workspaces/{workspace}/providers/{id}",
  summary: "Delete a custom provider that no connection uses",
  access: { who: "workspace", role: "admin" },
  audit: "provider.deleted",
  params: inWorkspaceWithId,
  status: 204,
});
const reportList = z.object({
  count: z.number(),
  entries: z.array(z.object({ where: z.string(), why: z.string() })).describe("At most 500"),
});
export const importOpenapi = route({
  name: "providers.importOpenapi",
  method: "POST",
  path: "/workspaces/{workspace}/providers/import-openapi",
  summary: "Read an OpenAPI 3.0 or 3.1 document, JSON or YAML, as the draft of a custom provider; nothing is stored",
  access: { who: "workspace", role: "admin" },
  audit: "provider.openapi_read",
  params: inWorkspace,
  body: z.strictObject({ text: z.string().min(1).max(5_242_880, "A document has at most 5 MiB.") }),
  reply: z.object({
    definition: definition.describe("For `providers.create`; `base_url` is empty where the document does not tell it"),
    report: z.object({
      title: z.string(),
      openapi: z.string().describe("The version that the document names"),
      actions: z.number(),
      left_out: reportList.describe("Operations that are no actions, and why"),
      notes: reportList.describe("What was taken over differently from what is written"),
    }),
  }),
  // The text is a JSON string here, in which every quote takes two bytes.
  maxBodyBytes: 8 * 1024 * 1024,
  perMinute: 20,
});
