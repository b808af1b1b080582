import { notFound } from "#core/errors.ts";
import type { ApiKeyId, InvitationId, UserId } from "#core/ids.ts";
import type { AuditRow } from "#domain/audit/list-audit.ts";
import { listAudit } from "#domain/audit/list-audit.ts";
import { verifyAudit } from "#domain/audit/verify-audit.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "#domain/workspaces/api-keys.ts";
import { changeName, type DeletingDeps, deleteWorkspace } from "#domain/workspaces/change-workspace.ts";
import { createWorkspace } from "#domain/workspaces/create-workspace.ts";
import { discardDraft, readDraft, saveDraft } from "#domain/workspaces/drafts.ts";
import {
  acceptInvitation,
  invite,
  listInvitations,
  lookUpInvitation,
  revokeInvitation,
} from "#domain/workspaces/invitations.ts";
import { changeRole, leaveWorkspace, listMembers, removeMember } from "#domain/workspaces/members.ts";
import { readWorkspace } from "#domain/workspaces/read-workspace.ts";
import type { ApiKey, Invitation, Member, Workspace, WorkspacesDeps } from "#domain/workspaces/workspace.ts";
import { workspacesOf } from "#domain/workspaces/workspaces-of.ts";
import * as contract from "../contract/workspaces.ts";
import { type Handler, handle } from "../handle.ts";

export const workspaceHandlers = (deps: WorkspacesDeps & DeletingDeps): Handler[] => [
  handle(contract.listWorkspaces, async (ctx) => ({
    items: (await workspacesOf(deps, ctx.user.id)).map(toWorkspaceView),
  })),
  handle(contract.createWorkspace, async (ctx) => {
    const by = { user: ctx.user.id, actor: ctx.actor };
    return toWorkspaceView(await createWorkspace(deps, by, ctx.body.name));
  }),
  handle(contract.getWorkspace, async (ctx) => toWorkspaceView(await readWorkspace(deps, ctx))),
  handle(contract.updateWorkspace, async (ctx) => toWorkspaceView(await changeName(deps, ctx, ctx.body.name))),
  handle(contract.deleteWorkspace, (ctx) => deleteWorkspace(deps, ctx, ctx.query.name)),

  handle(contract.listMembers, async (ctx) => ({ items: (await listMembers(deps, ctx)).map(toMemberView) })),
  handle(contract.updateMember, async (ctx) =>
    toMemberView(await changeRole(deps, ctx, ctx.params.id as UserId, ctx.body.role)),
  ),
  handle(contract.removeMember, (ctx) => removeMember(deps, ctx, ctx.params.id as UserId)),
  handle(contract.leaveWorkspace, async (ctx) => {
    // A key is no member and has nothing to leave.
    if (!ctx.user) throw notFound();
    await leaveWorkspace(deps, ctx, ctx.user);
  }),

  handle(contract.listInvitations, async (ctx) => ({
    items: (await listInvitations(deps, ctx)).map(toInvitationView),
  })),
  handle(contract.createInvitation, async (ctx) => {
    const { url, ...invitation } = await invite(deps, ctx, ctx.body);
    return { ...toInvitationView(invitation), url };
  }),
  handle(contract.revokeInvitation, (ctx) => revokeInvitation(deps, ctx, ctx.params.id as InvitationId)),
  handle(contract.lookUpInvitation, async (ctx) => {
    const found = await lookUpInvitation(deps, ctx.body.token);
    return {
      workspace: found.workspace,
      role: found.role,
      invited_by: found.createdBy,
      email: found.email,
      expires_at: found.expiresAt.toISOString(),
    };
  }),
  handle(contract.acceptInvitation, async (ctx) => {
    const by = { user: ctx.user.id, email: ctx.user.email, actor: ctx.actor };
    return toWorkspaceView(await acceptInvitation(deps, by, ctx.body.token));
  }),

  handle(contract.listApiKeys, async (ctx) => ({ items: (await listApiKeys(deps, ctx)).map(toApiKeyView) })),
  handle(contract.createApiKey, async (ctx) => {
    const { name, role, expires_at } = ctx.body;
    const expiresAt = expires_at === undefined ? undefined : new Date(expires_at);
    const { key, ...made } = await createApiKey(deps, ctx, { name, role, expiresAt });
    return { ...toApiKeyView(made), key };
  }),
  handle(contract.revokeApiKey, (ctx) => revokeApiKey(deps, ctx, ctx.params.id as ApiKeyId)),

  handle(contract.listAudit, async (ctx) => {
    const { items, next } = await listAudit(deps, ctx.workspace, ctx.query);
    return { items: items.map(toAuditEntryView), next };
  }),
  handle(contract.verifyAudit, async (ctx) => {
    const { entries, intact, brokenAt } = await verifyAudit(deps, ctx.workspace);
    return { entries, intact, broken_at: brokenAt };
  }),

  handle(contract.getDraft, async (ctx) => {
    const draft = await readDraft(deps, ctx, "sync");
    return { body: draft?.body ?? null, updated_at: draft?.updatedAt.toISOString() ?? null };
  }),
  handle(contract.saveDraft, async (ctx) => ({
    updated_at: (await saveDraft(deps, ctx, "sync", ctx.body.body)).toISOString(),
  })),
  handle(contract.discardDraft, (ctx) => discardDraft(deps, ctx, "sync")),
];

const toWorkspaceView = ({ id, name, slug, role, createdAt }: Workspace) => ({
  id,
  name,
  slug,
  role,
  created_at: createdAt.toISOString(),
});

const toMemberView = ({ user, name, email, role, createdAt }: Member) => ({
  user_id: user,
  name,
  email,
  role,
  created_at: createdAt.toISOString(),
});

const toInvitationView = (invitation: Invitation) => ({
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  created_at: invitation.createdAt.toISOString(),
  created_by: invitation.createdBy,
  expires_at: invitation.expiresAt.toISOString(),
});

const toApiKeyView = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  hint: key.hint,
  role: key.role,
  created_at: key.createdAt.toISOString(),
  created_by: key.createdBy,
  expires_at: key.expiresAt?.toISOString() ?? null,
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
});

const toAuditEntryView = (entry: AuditRow) => ({
  sequence: entry.sequence,
  at: entry.at.toISOString(),
  actor: { kind: entry.actor_kind, id: entry.actor_id, label: entry.actor_label },
  action: entry.action,
  target:
    entry.target_kind === null ? null : { kind: entry.target_kind, id: entry.target_id, label: entry.target_label },
  result: entry.result,
  address: entry.address,
  request_id: entry.request_id,
  before: entry.before,
  after: entry.after,
});
