import type { ApiKeyId, InvitationId, UserId, WorkspaceId } from "#core/ids.ts";
import type { GlobalTx, WorkspaceTx } from "#db/database.ts";
import { type Role, toRole } from "./role.ts";
import type { ApiKey, Draft, DraftKind, Invitation, Member, Workspace } from "./workspace.ts";

/** The workspaces that are a person's, as ids and roles: all that may be asked over all workspaces (SR-63). */
export async function workspaceIdsOf(tx: GlobalTx, user: UserId): Promise<{ id: WorkspaceId; role: Role }[]> {
  const rows = await tx.sql<{ workspace_id: WorkspaceId; role: string }>`
    select workspace_id, role from workspaces_of_user(${user})`;
  return rows.map((row) => ({ id: row.workspace_id, role: toRole(row.role) }));
}

export async function findWorkspace(tx: WorkspaceTx): Promise<Omit<Workspace, "role"> | undefined> {
  const [row] = await tx.sql<{ id: WorkspaceId; name: string; slug: string; created_at: Date }>`
    select id, name, slug, created_at from workspaces where deleted_at is null`;
  return row && { id: row.id, name: row.name, slug: row.slug, createdAt: row.created_at };
}

/** False when the slug is taken, also by a workspace that was deleted: slugs are never used again. */
export async function insertWorkspace(
  tx: WorkspaceTx,
  { name, slug, createdBy }: { name: string; slug: string; createdBy: UserId },
): Promise<boolean> {
  const rows = await tx.sql`
    insert into workspaces (id, name, slug, created_by) values (${tx.workspace}, ${name}, ${slug}, ${createdBy})
        on conflict (slug) do nothing
    returning id`;
  return rows.length > 0;
}

export async function renameWorkspace(tx: WorkspaceTx, name: string): Promise<void> {
  await tx.sql`update workspaces set name = ${name} where deleted_at is null`;
}

export async function markDeleted(tx: WorkspaceTx): Promise<void> {
  await tx.sql`update workspaces set deleted_at = now() where deleted_at is null`;
}

/** Makes changes of members wait for each other, so that two owners cannot leave at the same moment. */
export async function lockMembers(tx: WorkspaceTx): Promise<void> {
  await tx.sql`select id from workspaces where deleted_at is null for update`;
}

export async function findRole(tx: WorkspaceTx, user: UserId): Promise<Role | undefined> {
  const [row] = await tx.sql<{ role: string }>`
    select m.role from members m join workspaces w on w.id = m.workspace_id
     where m.user_id = ${user} and w.deleted_at is null`;
  return row && toRole(row.role);
}

interface MemberRow {
  user_id: UserId;
  name: string;
  email: string;
  role: string;
  created_at: Date;
}
const toMember = (row: MemberRow): Member => ({
  user: row.user_id,
  name: row.name,
  email: row.email,
  role: toRole(row.role),
  createdAt: row.created_at,
});

export async function findMembers(tx: WorkspaceTx): Promise<Member[]> {
  const rows = await tx.sql<MemberRow>`
    select m.user_id, u.name, u.email, m.role, m.created_at
      from members m join identity."user" u on u.id = m.user_id
     order by lower(u.name), m.user_id`;
  return rows.map(toMember);
}

export async function findMember(tx: WorkspaceTx, user: UserId): Promise<Member | undefined> {
  const [row] = await tx.sql<MemberRow>`
    select m.user_id, u.name, u.email, m.role, m.created_at
      from members m join identity."user" u on u.id = m.user_id
     where m.user_id = ${user}`;
  return row && toMember(row);
}

export async function countOwners(tx: WorkspaceTx): Promise<number> {
  const [row] = await tx.sql<{ owners: number }>`select count(*)::int as owners from members where role = 'owner'`;
  return row?.owners ?? 0;
}

/** False when the person is a member already; their role stays as it is. */
export async function insertMember(tx: WorkspaceTx, user: UserId, role: Role): Promise<boolean> {
  const rows = await tx.sql`
    insert into members (workspace_id, user_id, role) values (${tx.workspace}, ${user}, ${role})
        on conflict do nothing
    returning user_id`;
  return rows.length > 0;
}

export async function setRole(tx: WorkspaceTx, user: UserId, role: Role): Promise<void> {
  await tx.sql`update members set role = ${role} where user_id = ${user}`;
}

export async function deleteMember(tx: WorkspaceTx, user: UserId): Promise<void> {
  await tx.sql`delete from members where user_id = ${user}`;
}

interface InvitationRow {
  id: InvitationId;
  email: string | null;
  role: string;
  created_at: Date;
  created_by: string | null;
  expires_at: Date;
}
const toInvitation = (row: InvitationRow): Invitation => ({
  id: row.id,
  email: row.email,
  role: toRole(row.role),
  createdAt: row.created_at,
  createdBy: row.created_by ?? "a former member",
  expiresAt: row.expires_at,
});

/** Those that nobody has accepted yet, newest first. Whoever made one may have left, or be an API key. */
export async function findInvitations(tx: WorkspaceTx, only?: InvitationId): Promise<Invitation[]> {
  const rows = await tx.sql<InvitationRow>`
    select i.id, i.email, i.role, i.created_at, coalesce(u.name, k.name) as created_by, i.expires_at
      from invitations i
      left join identity."user" u on u.id = i.created_by
      left join api_keys k on k.id = i.created_by
     where i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
       and (${only ?? null}::uuid is null or i.id = ${only ?? null})
     order by i.created_at desc, i.id`;
  return rows.map(toInvitation);
}

export async function insertInvitation(
  tx: WorkspaceTx,
  made: { id: InvitationId; hash: Buffer; email: string | null; role: Role; by: string; days: number },
): Promise<void> {
  await tx.sql`
    insert into invitations (workspace_id, id, token_hash, email, role, created_by, expires_at)
    values (${tx.workspace}, ${made.id}, ${made.hash}, ${made.email}, ${made.role}, ${made.by},
            now() + make_interval(days => ${made.days}))`;
}

export async function markRevoked(
  tx: WorkspaceTx,
  id: InvitationId,
): Promise<Pick<Invitation, "email" | "role"> | undefined> {
  const [row] = await tx.sql<{ email: string | null; role: string }>`
    update invitations set revoked_at = now()
     where id = ${id} and accepted_at is null and revoked_at is null and expires_at > now()
    returning email, role`;
  return row && { email: row.email, role: toRole(row.role) };
}

/** Uses an invitation up. Of any number of people at the same moment one gets it. */
export async function spendInvitation(tx: WorkspaceTx, id: InvitationId, by: UserId): Promise<boolean> {
  const rows = await tx.sql`
    update invitations set accepted_at = now(), accepted_by = ${by}
     where id = ${id} and accepted_at is null and revoked_at is null and expires_at > now()
    returning id`;
  return rows.length > 0;
}

export async function findInvitationId(tx: GlobalTx, hash: Buffer) {
  const [row] = await tx.sql<{ workspace_id: WorkspaceId; id: InvitationId }>`
    select workspace_id, id from find_invitation(${hash})`;
  return row && { workspace: row.workspace_id, id: row.id };
}

interface ApiKeyRow {
  id: ApiKeyId;
  name: string;
  hint: string;
  role: string;
  created_at: Date;
  created_by: string | null;
  expires_at: Date | null;
  last_used_at: Date | null;
}

/** Those that work, newest first. Whoever made one may have left, or be another key. */
export async function findApiKeys(tx: WorkspaceTx, only?: ApiKeyId): Promise<ApiKey[]> {
  const rows = await tx.sql<ApiKeyRow>`
    select k.id, k.name, k.hint, k.role, k.created_at, coalesce(u.name, maker.name) as created_by, k.expires_at,
           k.last_used_at
      from api_keys k
      left join identity."user" u on u.id = k.created_by
      left join api_keys maker on maker.id = k.created_by
     where k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
       and (${only ?? null}::uuid is null or k.id = ${only ?? null})
     order by k.created_at desc, k.id`;
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    hint: row.hint,
    role: toRole(row.role),
    createdAt: row.created_at,
    createdBy: row.created_by ?? "a former member",
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }));
}

export async function insertApiKey(
  tx: WorkspaceTx,
  made: { id: ApiKeyId; name: string; hash: Buffer; hint: string; role: Role; by: string; expiresAt: Date | undefined },
): Promise<void> {
  await tx.sql`
    insert into api_keys (workspace_id, id, name, token_hash, hint, role, created_by, expires_at)
    values (${tx.workspace}, ${made.id}, ${made.name}, ${made.hash}, ${made.hint}, ${made.role}, ${made.by},
            ${made.expiresAt})`;
}

export async function markKeyRevoked(tx: WorkspaceTx, id: ApiKeyId): Promise<{ name: string } | undefined> {
  const [row] = await tx.sql<{ name: string }>`
    update api_keys set revoked_at = now() where id = ${id} and revoked_at is null returning name`;
  return row;
}

export async function findApiKeyId(tx: GlobalTx, hash: Buffer) {
  const [row] = await tx.sql<{ workspace_id: WorkspaceId; id: ApiKeyId; role: string }>`
    select workspace_id, id, role from find_api_key(${hash})`;
  return row && { workspace: row.workspace_id, id: row.id, role: toRole(row.role) };
}

/** Notes that a key was used, at most once a minute, and gives its name. */
export async function noteKeyUse(tx: WorkspaceTx, id: ApiKeyId): Promise<string | undefined> {
  await tx.sql`
    update api_keys set last_used_at = now()
     where id = ${id} and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
  const [row] = await tx.sql<{ name: string }>`select name from api_keys where id = ${id}`;
  return row?.name;
}

export async function findDraft(tx: WorkspaceTx, user: UserId, kind: DraftKind): Promise<Draft | undefined> {
  const [row] = await tx.sql<{ body: Record<string, unknown>; updated_at: Date }>`
    select body, updated_at from drafts where user_id = ${user} and kind = ${kind}`;
  return row && { body: row.body, updatedAt: row.updated_at };
}

/** Fails with a violation of `drafts_size` above 64 KiB. */
export async function upsertDraft(
  tx: WorkspaceTx,
  user: UserId,
  kind: DraftKind,
  body: Record<string, unknown>,
): Promise<Date> {
  const [row] = await tx.sql<{ updated_at: Date }>`
    insert into drafts (workspace_id, user_id, kind, body)
    values (${tx.workspace}, ${user}, ${kind}, ${JSON.stringify(body)}::jsonb)
        on conflict (workspace_id, user_id, kind) do update set body = excluded.body, updated_at = now()
    returning updated_at`;
  if (!row) throw new Error("an upsert gave no row");
  return row.updated_at;
}

/** False when there was none. */
export async function deleteDraft(tx: WorkspaceTx, user: UserId, kind: DraftKind): Promise<boolean> {
  const rows = await tx.sql`delete from drafts where user_id = ${user} and kind = ${kind} returning kind`;
  return rows.length > 0;
}
