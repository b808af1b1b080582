import { z } from "zod";
import { authType } from "./catalog.ts";
import { failure, id, inWorkspace, inWorkspaceWithId, name, pageOf, paging, route, tags, time } from "./route.ts";

const jsonObject = z.record(z.string(), z.unknown());
/** Write-only: what is entered here is in no answer. */
const credential = z.record(z.string().max(64), z.string().max(65_536));

export const connectionView = z.object({
  id,
  provider: z.string(),
  name: z.string(),
  config: jsonObject,
  tags: z.array(z.string()),
  status: z.enum(["inactive", "active", "error", "needs_authorization"]),
  account: z.object({ id: z.string(), label: z.string() }).nullable(),
  failure: failure.nullable(),
  mend: z
    .enum(["authorize", "enter_credential", "set_oauth_client", "test", "wait", "none"])
    .describe("What puts it right: the button to show"),
  sandbox: z.boolean().describe("Made with a simulator"),
  auth: z.object({
    type: authType,
    set: z.boolean().describe("Whether a credential or a token is there"),
    fingerprint: z.string().nullable().describe("By which people can tell two values apart"),
    set_at: time.nullable(),
    set_by: z.string().nullable(),
    scopes: z.array(z.string()).describe("Granted scopes"),
    missing_scopes: z.array(z.string()),
  }),
  life: z
    .object({
      access_expires_at: time.nullable(),
      renews: z.boolean().describe("Hawser renews the access by itself"),
      renewed_at: time.nullable(),
      next_renewal_at: time.nullable(),
      failing_since: time.nullable(),
      retry_at: time.nullable(),
      ends_at: time.nullable().describe("When a person has to sign in again, as far as it is known"),
      ends_because: z.enum(["access", "refresh_life", "idle"]).nullable(),
    })
    .nullable()
    .describe("Null for a sign-in that has no tokens"),
  checked_at: time.nullable(),
  next_check_at: time.nullable(),
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
    provider: z.string().max(80).optional(),
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
  body: z.strictObject({
    provider: z.string().max(80),
    name,
    config: jsonObject.default({}),
    tags: tags.default([]),
    auth: authType.optional().describe("The provider's best way to sign in, unless said"),
    credential: credential.optional().describe("Left out for an OAuth sign-in, which `connections.authorize` begins"),
    sandbox: z.boolean().default(false),
  }),
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
  body: z.strictObject({
    provider: z.string().max(80),
    config: jsonObject,
    auth: authType.optional(),
    credential: credential.optional(),
    sandbox: z.boolean().default(false),
  }),
  reply: checkResult,
  perMinute: 60,
});
export const authorizeConnection = route({
  name: "connections.authorize",
  method: "POST",
  path: "/workspaces/{workspace}/connections/{id}/authorize",
  summary: "Begin the OAuth sign-in of a connection; the person's browser goes to the address that is answered",
  access: { who: "workspace", role: "admin" },
  audit: "connection.authorize_begun",
  params: inWorkspaceWithId,
  body: z.strictObject({
    return_to: z.enum(["connection", "sync_wizard"]).default("connection"),
    other_account: z
      .boolean()
      .default(false)
      .describe("Let another account in; what was known of the old one is dropped"),
    scopes: z.array(z.string().min(1).max(255)).max(100).optional().describe("Asked for beside the provider's own"),
  }),
  reply: z.object({ url: z.string(), hosts: z.array(z.string()), expires_at: time }),
  perMinute: 30,
});
export const setCredential = route({
  name: "connections.setCredential",
  method: "POST",
  path: "/workspaces/{workspace}/connections/{id}/credential",
  summary: "Replace a connection's credential; it is tested at once",
  access: { who: "workspace", role: "admin" },
  audit: "connection.credential_set",
  params: inWorkspaceWithId,
  body: z.strictObject({ auth: authType.optional(), credential, other_account: z.boolean().default(false) }),
  reply: connectionView,
  perMinute: 60,
});
export const disconnectConnection = route({
  name: "connections.disconnect",
  method: "POST",
  path: "/workspaces/{workspace}/connections/{id}/disconnect",
  summary: "Erase credential and tokens, and revoke them at the provider; the connection and its syncs stay",
  access: { who: "workspace", role: "admin" },
  audit: "connection.disconnected",
  params: inWorkspaceWithId,
  reply: connectionView,
});
export const connectionUsage = route({
  name: "connections.usage",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/usage",
  summary: "How often a connection's credential was used, by day or hour and by what for",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspaceWithId,
  query: z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(14) }),
  reply: z.object({
    from: time,
    hourly: z.boolean(),
    points: z
      .array(z.object({ at: time, uses: z.number(), failures: z.number() }))
      .describe("None for a time without uses"),
    purposes: z.array(z.object({ purpose: z.string(), uses: z.number(), failures: z.number(), last_at: time })),
  }),
});
export const connectionChecks = route({
  name: "connections.checks",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/checks",
  summary: "Tests of a connection, the newest first",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspaceWithId,
  query: z.strictObject({ ...paging }),
  reply: pageOf(
    z.object({
      at: time,
      trigger: z.enum(["person", "schedule", "connect", "change"]),
      took_ms: z.number(),
      failure: failure.nullable(),
    }),
  ),
});
export const checkName = route({
  name: "names.check",
  method: "GET",
  path: "/workspaces/{workspace}/names",
  summary: "Is this name free?",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  query: z.strictObject({
    kind: z.enum(["connection", "sync", "provider", "secret"]),
    name: z.string().max(255),
    except: id.optional(),
  }),
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
  reply: pageOf(
    z.object({
      id: z.string(),
      name: z.string(),
      group: z.string().nullable().describe("What drives are grouped by where there are several sorts"),
    }),
  ).extend({ finds_folders: z.boolean().describe("Whether the provider finds folders by name") }),
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
  ).extend({
    files: z
      .object({ total: z.number(), exported: z.number(), unreadable: z.number() })
      .describe("Files of this page: all, documents that are exported, and those without bytes"),
  }),
});
export const findFolders = route({
  name: "connections.findFolders",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/folders",
  summary: "Folders of a drive by a part of their names, found by the provider",
  access: { who: "workspace", role: "member" },
  params: inWorkspaceWithId,
  query: z.strictObject({
    drive: z.string().min(1).max(1024),
    text: z.string().trim().min(1).max(255),
    cursor: z.string().max(8192).optional(),
  }),
  reply: pageOf(
    z.object({
      id: z.string(),
      locator: z.string().nullable(),
      name: z.string(),
      above: z
        .array(z.object({ id: z.string(), name: z.string() }))
        .nullable()
        .describe("The folders it lies in, outermost first; null where the provider does not show all of them"),
    }),
  ),
  perMinute: 120,
});
