import { z } from "zod";
import { id, inWorkspace, inWorkspaceWithId, route, time } from "./route.ts";

const secretName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/,
    "A name has at most 63 letters, digits, - and _, and begins with a letter or _.",
  );
const description = z
  .string()
  .trim()
  .max(500, "A description has at most 500 characters.")
  .regex(/^\P{Cc}*$/u, "A description is one line of text.");
/** Write-only. What is shorter could not be found again in what others send, to be taken out of it. */
const value = z.string().min(4, "A secret has at least 4 characters.").max(65_536, "A secret has at most 64 KiB.");
const origins = z
  .array(z.string().max(300))
  .min(1, "Name at least one address that the secret may be sent to.")
  .max(20)
  .describe("Where it may be sent: scheme, host and port, such as `https://api.example.com`");

export const secretView = z.object({
  id,
  name: z.string().describe("Referred to as `{{workspace.<name>}}`"),
  description: z.string(),
  fingerprint: z.string().describe("By which people can tell two values apart"),
  origins: z.array(z.string()),
  created_at: time,
  set_at: time.describe("When its value was entered last"),
  set_by: z.string().nullable(),
  last_used_at: time.nullable(),
  used_in: z
    .array(z.object({ kind: z.enum(["provider"]), id, name: z.string() }))
    .describe("What refers to it by its name"),
});
export const listSecrets = route({
  name: "secrets.list",
  method: "GET",
  path: "/workspaces/{workspace}/secrets",
  summary: "Workspace secrets by name; values are in no answer",
  access: { who: "workspace", role: "member" },
  params: inWorkspace,
  reply: z.object({ items: z.array(secretView) }),
});
export const createSecret = route({
  name: "secrets.create",
  method: "POST",
  path: "/workspaces/{workspace}/secrets",
  summary: "Add a workspace secret",
  access: { who: "workspace", role: "admin" },
  audit: "secret.created",
  params: inWorkspace,
  body: z.strictObject({ name: secretName, description: description.default(""), value, origins }),
  reply: secretView,
  status: 201,
  idempotent: true,
});
export const setSecret = route({
  name: "secrets.set",
  method: "PATCH",
  path: "/workspaces/{workspace}/secrets/{id}",
  summary: "Enter a new value of a secret, or change its description; other origins need the value again",
  access: { who: "workspace", role: "admin" },
  audit: "secret.set",
  params: inWorkspaceWithId,
  body: z.strictObject({
    description: description.optional(),
    value: value.optional(),
    origins: origins.optional().describe("Only together with the value"),
  }),
  reply: secretView,
});
export const deleteSecret = route({
  name: "secrets.delete",
  method: "DELETE",
  path: "/workspaces/{workspace}/secrets/{id}",
  summary: "Delete a secret that nothing refers to",
  access: { who: "workspace", role: "admin" },
  audit: "secret.deleted",
  params: inWorkspaceWithId,
  status: 204,
});
