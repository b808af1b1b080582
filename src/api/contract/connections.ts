import { z } from "zod";
import { failure, id, inWorkspace, inWorkspaceWithId, name, pageOf, paging, route, tags, time } from "./route.ts";

const jsonObject = z.record(z.string(), z.unknown());

export const providerView = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  glyph: z.object({
    letters: z.string(),
    hue: z.enum(["teal", "blue", "violet", "magenta", "red", "orange", "green", "slate"]),
  }),
  sign_in: z.array(z.string()).describe("Ways to sign in, best first"),
  parts: z.array(z.string()).describe("What it can do: files, changes, actions, publish, webhooks"),
  addresses: z.array(z.string()).describe("Hosts that receive data; empty for a provider on this machine"),
  config_schema: jsonObject.describe("JSON Schema of a connection's config"),
  connections: z.number().describe("Connections of this workspace"),
});
export const listProviders = route({
  name: "catalog.list",
  method: "GET",
  path: "/workspaces/{workspace}/catalog",
  summary: "Everything that can be connected",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  reply: z.object({ items: z.array(providerView) }),
});

export const connectionView = z.object({
  id,
  provider: z.string(),
  name: z.string(),
  config: jsonObject,
  tags: z.array(z.string()),
  status: z.enum(["inactive", "active", "error", "needs_authorization"]),
  account: z.object({ id: z.string(), label: z.string() }).nullable(),
  failure: failure.nullable(),
  checked_at: time.nullable(),
  used_by: z.object({ syncs: z.number() }),
  last_used_at: time.nullable(),
  created_at: time,
  created_by: z.string().nullable(),
  updated_at: time,
});
export const listConnections = route({
  name: "connections.list",
  method: "GET",
  path: "/workspaces/{workspace}/connections",
  summary: "Connections by name",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  query: z.strictObject({
    ...paging,
    search: z.string().max(255).optional(),
    status: z.enum(["inactive", "active", "error", "needs_authorization"]).optional(),
    provider: z.string().max(64).optional(),
    tag: z.string().max(64).optional(),
  }),
  reply: pageOf(connectionView),
});
export const createConnection = route({
  name: "connections.create",
  method: "POST",
  path: "/workspaces/{workspace}/connections",
  summary: "Connect a provider; the connection is tested at once",
  access: { who: "workspace", role: "admin" },
  audit: "connection.created",
  params: inWorkspace,
  body: z.strictObject({ provider: z.string().max(64), name, config: jsonObject.default({}), tags: tags.default([]) }),
  reply: connectionView,
  status: 201,
  idempotent: true,
});
export const getConnection = route({
  name: "connections.get",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}",
  summary: "One connection",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspaceWithId,
  reply: connectionView,
});
export const updateConnection = route({
  name: "connections.update",
  method: "PATCH",
  path: "/workspaces/{workspace}/connections/{id}",
  summary: "Change a connection's name, config or tags",
  access: { who: "workspace", role: "admin" },
  audit: "connection.updated",
  params: inWorkspaceWithId,
  body: z.strictObject({ name: name.optional(), config: jsonObject.optional(), tags: tags.optional() }),
  reply: connectionView,
});
export const deleteConnection = route({
  name: "connections.delete",
  method: "DELETE",
  path: "/workspaces/{workspace}/connections/{id}",
  summary: "Delete a connection that no sync uses",
  access: { who: "workspace", role: "admin" },
  audit: "connection.deleted",
  params: inWorkspaceWithId,
  status: 204,
});
const checkResult = z.object({
  ok: z.boolean(),
  account: z.object({ id: z.string(), label: z.string() }).nullable(),
  failure: failure.nullable(),
  took_ms: z.number(),
});
export const testConnection = route({
  name: "connections.test",
  method: "POST",
  path: "/workspaces/{workspace}/connections/{id}/test",
  summary: "See whether a connection works, now",
  access: { who: "workspace", role: "member" },
  audit: "connection.tested",
  params: inWorkspaceWithId,
  reply: checkResult,
  perMinute: 60,
});
export const testConfig = route({
  name: "connections.testConfig",
  method: "POST",
  path: "/workspaces/{workspace}/connections/test",
  summary: "See whether a config would work, before saving it",
  access: { who: "workspace", role: "admin" },
  audit: "connection.config_tested",
  params: inWorkspace,
  body: z.strictObject({ provider: z.string().max(64), config: jsonObject }),
  reply: checkResult,
  perMinute: 60,
});
export const checkName = route({
  name: "names.check",
  method: "GET",
  path: "/workspaces/{workspace}/names",
  summary: "Is this name free?",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  query: z.strictObject({ kind: z.enum(["connection", "sync"]), name: z.string().max(255), except: id.optional() }),
  reply: z.object({ free: z.boolean() }),
});
export const listDrives = route({
  name: "connections.drives",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/drives",
  summary: "The drives of a connection, asked at the provider",
  access: { who: "workspace", role: "member" },
  params: inWorkspaceWithId,
  query: z.strictObject({ cursor: z.string().max(2048).optional() }),
  reply: pageOf(z.object({ id: z.string(), name: z.string() })),
});
export const browse = route({
  name: "connections.browse",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/browse",
  summary: "One page of a folder, asked at the provider; folders first within the page",
  access: { who: "workspace", role: "member" },
  params: inWorkspaceWithId,
  query: z.strictObject({
    drive: z.string().min(1).max(1024),
    folder: z.string().max(4096).optional(),
    locator: z.string().max(8192).optional(),
    cursor: z.string().max(8192).optional(),
    folders_only: z.enum(["true", "false"]).default("false"),
  }),
  reply: pageOf(
    z.object({
      id: z.string(),
      locator: z.string().nullable(),
      name: z.string(),
      is_folder: z.boolean(),
      size: z.number().nullable(),
      modified_at: time.nullable(),
    }),
  ),
});
