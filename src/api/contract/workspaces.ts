import { z } from "zod";
import { id, inWorkspace, inWorkspaceWithId, name, pageOf, paging, roles, route, time } from "./route.ts";

const role = z.enum(roles);

export const workspaceView = z.object({ id, name: z.string(), slug: z.string(), role, created_at: time });

export const listWorkspaces = route({
  name: "workspaces.list",
  method: "GET",
  path: "/workspaces",
  summary: "The workspaces one is a member of",
  access: { who: "user" },
  reply: z.object({ items: z.array(workspaceView) }),
});
export const createWorkspace = route({
  name: "workspaces.create",
  method: "POST",
  path: "/workspaces",
  summary: "Make a workspace and become its owner",
  access: { who: "user" },
  audit: "workspace.created",
  body: z.strictObject({ name }),
  reply: workspaceView,
  status: 201,
});
export const getWorkspace = route({
  name: "workspaces.get",
  method: "GET",
  path: "/workspaces/{workspace}",
  summary: "One workspace",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  reply: workspaceView,
});
export const updateWorkspace = route({
  name: "workspaces.update",
  method: "PATCH",
  path: "/workspaces/{workspace}",
  summary: "Rename a workspace",
  access: { who: "workspace", role: "admin" },
  audit: "workspace.updated",
  params: inWorkspace,
  body: z.strictObject({ name }),
  reply: workspaceView,
});
export const deleteWorkspace = route({
  name: "workspaces.delete",
  method: "DELETE",
  path: "/workspaces/{workspace}",
  summary: "Delete a workspace; stored files stay where they are",
  access: { who: "workspace", role: "owner" },
  audit: "workspace.deleted",
  params: inWorkspace,
  query: z.strictObject({ name: z.string().describe("The workspace's name, typed to confirm") }),
  status: 204,
});

export const memberView = z.object({ user_id: id, name: z.string(), email: z.string(), role, created_at: time });

export const listMembers = route({
  name: "members.list",
  method: "GET",
  path: "/workspaces/{workspace}/members",
  summary: "Who belongs to the workspace",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  reply: z.object({ items: z.array(memberView) }),
});
export const updateMember = route({
  name: "members.update",
  method: "PATCH",
  path: "/workspaces/{workspace}/members/{id}",
  summary: "Give a member another role",
  access: { who: "workspace", role: "admin" },
  audit: "member.role_changed",
  params: inWorkspaceWithId,
  body: z.strictObject({ role }),
  reply: memberView,
});
export const removeMember = route({
  name: "members.remove",
  method: "DELETE",
  path: "/workspaces/{workspace}/members/{id}",
  summary: "Take a member out of the workspace",
  access: { who: "workspace", role: "admin" },
  audit: "member.removed",
  params: inWorkspaceWithId,
  status: 204,
});
export const leaveWorkspace = route({
  name: "members.leave",
  method: "POST",
  path: "/workspaces/{workspace}/leave",
  summary: "Leave the workspace",
  access: { who: "workspace", role: "viewer" },
  audit: "member.left",
  params: inWorkspace,
  status: 204,
});

export const invitationView = z.object({
  id,
  email: z.string().nullable(),
  role,
  created_at: time,
  created_by: z.string().describe("Name of the inviter"),
  expires_at: time,
});

export const listInvitations = route({
  name: "invitations.list",
  method: "GET",
  path: "/workspaces/{workspace}/invitations",
  summary: "Invitations that nobody has accepted yet",
  access: { who: "workspace", role: "admin" },
  params: inWorkspace,
  reply: z.object({ items: z.array(invitationView) }),
});
export const createInvitation = route({
  name: "invitations.create",
  method: "POST",
  path: "/workspaces/{workspace}/invitations",
  summary: "Invite somebody; the link is shown once and lives for 7 days",
  access: { who: "workspace", role: "admin" },
  audit: "invitation.created",
  params: inWorkspace,
  body: z.strictObject({ role, email: z.email().max(255).optional() }),
  reply: invitationView.extend({ url: z.string() }),
  status: 201,
});
export const revokeInvitation = route({
  name: "invitations.revoke",
  method: "DELETE",
  path: "/workspaces/{workspace}/invitations/{id}",
  summary: "Take an invitation back",
  access: { who: "workspace", role: "admin" },
  audit: "invitation.revoked",
  params: inWorkspaceWithId,
  status: 204,
});
const token = z.strictObject({ token: z.string().min(1).max(255) });
export const lookUpInvitation = route({
  name: "invitations.lookUp",
  method: "POST",
  path: "/invitations/look-up",
  summary: "What an invitation is for, by its token",
  access: { who: "anyone" },
  body: token,
  reply: z.object({
    workspace: z.string(),
    role,
    invited_by: z.string(),
    email: z.string().nullable(),
    expires_at: time,
  }),
  perMinute: 20,
});
export const acceptInvitation = route({
  name: "invitations.accept",
  method: "POST",
  path: "/invitations/accept",
  summary: "Join the workspace one was invited to",
  access: { who: "user" },
  audit: "invitation.accepted",
  body: token,
  reply: workspaceView,
  perMinute: 20,
});

export const apiKeyView = z.object({
  id,
  name: z.string(),
  hint: z.string().describe("First characters of the key, to tell keys apart"),
  role,
  created_at: time,
  created_by: z.string(),
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
});
export const listApiKeys = route({
  name: "apiKeys.list",
  method: "GET",
  path: "/workspaces/{workspace}/api-keys",
  summary: "API keys that work",
  access: { who: "workspace", role: "admin" },
  params: inWorkspace,
  reply: z.object({ items: z.array(apiKeyView) }),
});
export const createApiKey = route({
  name: "apiKeys.create",
  method: "POST",
  path: "/workspaces/{workspace}/api-keys",
  summary: "Make an API key; it is shown once",
  access: { who: "workspace", role: "admin" },
  audit: "api_key.created",
  params: inWorkspace,
  body: z.strictObject({ name, role, expires_at: time.optional() }),
  reply: apiKeyView.extend({ key: z.string() }),
  status: 201,
});
export const revokeApiKey = route({
  name: "apiKeys.revoke",
  method: "DELETE",
  path: "/workspaces/{workspace}/api-keys/{id}",
  summary: "End an API key at once",
  access: { who: "workspace", role: "admin" },
  audit: "api_key.revoked",
  params: inWorkspaceWithId,
  status: 204,
});

export const auditEntryView = z.object({
  sequence: z.number(),
  at: time,
  actor: z.object({ kind: z.enum(["user", "api_key", "system", "cli"]), id: id.nullable(), label: z.string() }),
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string().nullable(), label: z.string().nullable() }).nullable(),
  result: z.enum(["done", "refused", "failed"]),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
});
export const listAudit = route({
  name: "audit.list",
  method: "GET",
  path: "/workspaces/{workspace}/audit",
  summary: "Who did what, newest first",
  access: { who: "workspace", role: "admin" },
  params: inWorkspace,
  query: z.strictObject({
    ...paging,
    action: z.string().max(100).optional().describe("An action or its first part, such as `sync` or `sync.created`"),
    actor: z.string().max(255).optional(),
    target: z.string().max(255).optional(),
    since: time.optional(),
    until: time.optional(),
  }),
  reply: pageOf(auditEntryView),
});
export const verifyAudit = route({
  name: "audit.verify",
  method: "GET",
  path: "/workspaces/{workspace}/audit/verify",
  summary: "Check the chain of the audit log for changes, gaps and reorders",
  access: { who: "workspace", role: "admin" },
  params: inWorkspace,
  reply: z.object({ entries: z.number(), intact: z.boolean(), broken_at: z.number().nullable() }),
  perMinute: 10,
});
export const listActivity = route({
  name: "activity.list",
  method: "GET",
  path: "/workspaces/{workspace}/activity",
  summary: "What happened lately, in sentences: people's doings and the ends of runs",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspace,
  query: z.strictObject({ ...paging, kind: z.enum(["people", "syncs", "connections"]).optional() }),
  reply: pageOf(
    z.object({
      id: z.string(),
      at: time,
      kind: z.string(),
      actor: z.string().nullable(),
      action: z.string().describe("An audit action, or `sync_run.done`, `sync_run.failed` …"),
      target: z.object({ kind: z.string(), id: z.string().nullable(), label: z.string().nullable() }).nullable(),
      figures: z.record(z.string(), z.number()),
    }),
  ),
});

export const getDraft = route({
  name: "drafts.get",
  method: "GET",
  path: "/workspaces/{workspace}/drafts/sync",
  summary: "The new sync that one has begun to fill in; null where there is none. API keys have no drafts.",
  access: { who: "workspace", role: "member" },
  params: inWorkspace,
  reply: z.object({ body: z.record(z.string(), z.unknown()).nullable(), updated_at: time.nullable() }),
});
export const saveDraft = route({
  name: "drafts.save",
  method: "POST",
  path: "/workspaces/{workspace}/drafts/sync",
  summary: "Keep what one has filled in of a new sync, in place of what was kept before",
  access: { who: "workspace", role: "member" },
  audit: "draft.saved",
  params: inWorkspace,
  body: z.strictObject({ body: z.record(z.string(), z.unknown()).describe("Any object of at most 64 KiB") }),
  reply: z.object({ updated_at: time }),
});
export const discardDraft = route({
  name: "drafts.discard",
  method: "DELETE",
  path: "/workspaces/{workspace}/drafts/sync",
  summary: "Forget what one has filled in of a new sync",
  access: { who: "workspace", role: "member" },
  audit: "draft.discarded",
  params: inWorkspace,
  status: 204,
});
