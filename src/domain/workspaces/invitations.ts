import { AppError, notFound } from "#core/errors.ts";
import { type InvitationId, newId, type UserId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { hashToken, isToken, newToken } from "#vault/token.ts";
import type { Actor } from "../audit/actor.ts";
import { audit } from "../audit/audit.ts";
import { refuseAbove } from "./members.ts";
import {
  findInvitationId,
  findInvitations,
  findRole,
  findWorkspace,
  insertInvitation,
  insertMember,
  markRevoked,
  spendInvitation,
} from "./queries.ts";
import type { Role } from "./role.ts";
import type { Acting, Invitation, Workspace, WorkspacesDeps } from "./workspace.ts";

const prefix = "hwsi";
const livesDays = 7;

export const listInvitations = ({ db }: { db: Database }, { workspace }: Pick<Acting, "workspace">) =>
  db.asWorkspace({ workspace }, (tx) => findInvitations(tx));

/**
 * Makes an invitation. Its address holds the token and is shown this once; the token is stored as a hash.
 *
 * @throws AppError `role_too_low` for a role above one's own
 */
export async function invite(
  { db, publicUrl }: WorkspacesDeps,
  by: Acting,
  { role, email }: { role: Role; email?: string | undefined },
): Promise<Invitation & { url: string }> {
  refuseAbove(by.role, role);
  const token = newToken(prefix);
  const id = newId<InvitationId>();
  return db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    const maker = "id" in by.actor ? by.actor.id : id;
    await insertInvitation(tx, {
      id,
      hash: toBytes(token.hash),
      email: email?.toLowerCase() ?? null,
      role,
      by: maker,
      days: livesDays,
    });
    await audit(tx, {
      actor: by.actor,
      action: "invitation.created",
      target: { kind: "invitation", id, ...(email && { label: email }) },
      after: { role, email: email ?? null },
    });
    const [made] = await findInvitations(tx, id);
    if (!made) throw new Error("an invitation that was just made is not there");
    return { ...made, url: new URL(`/invite/${token.text}`, publicUrl).href };
  });
}

export async function revokeInvitation({ db }: { db: Database }, by: Acting, id: InvitationId): Promise<void> {
  await db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    const revoked = await markRevoked(tx, id);
    if (!revoked) throw notFound();
    await audit(tx, {
      actor: by.actor,
      action: "invitation.revoked",
      target: { kind: "invitation", id, ...(revoked.email && { label: revoked.email }) },
      before: { role: revoked.role, email: revoked.email },
    });
  });
}

/** What an invitation is for, for whoever holds its token. @throws AppError `invitation_not_valid` */
export async function lookUpInvitation({ db }: { db: Database }, token: string) {
  const { workspace, id } = await find(db, token);
  return db.asWorkspace({ workspace }, async (tx) => {
    const [invitation] = await findInvitations(tx, id);
    const found = await findWorkspace(tx);
    if (!invitation || !found) throw notValid();
    return { ...invitation, workspace: found.name };
  });
}

/**
 * Makes a person a member with the invitation's role. Of several people with the same link the first one gets in. Who is
 * a member already stays what they are, and the invitation stays unused.
 *
 * @throws AppError `invitation_not_valid`, also when it was meant for another e-mail address
 */
export async function acceptInvitation(
  { db }: { db: Database },
  by: { user: UserId; email: string; actor: Actor },
  token: string,
): Promise<Workspace> {
  const { workspace, id } = await find(db, token);
  return db.asWorkspace({ workspace, user: by.user }, async (tx) => {
    const found = await findWorkspace(tx);
    const already = await findRole(tx, by.user);
    if (found && already) return { ...found, role: already };

    const [invitation] = await findInvitations(tx, id);
    if (!found || !invitation) throw notValid();
    refuseOtherAddress(invitation, by.email);
    if (!(await spendInvitation(tx, id, by.user))) throw notValid();
    await insertMember(tx, by.user, invitation.role);
    await audit(tx, {
      actor: by.actor,
      action: "invitation.accepted",
      target: { kind: "invitation", id, label: by.email },
      after: { role: invitation.role },
    });
    return { ...found, role: invitation.role };
  });
}

/** An invitation for one e-mail address is of no use to another one. @throws AppError `invitation_not_valid` */
export function refuseOtherAddress({ email }: Pick<Invitation, "email">, own: string): void {
  if (email && email !== own.toLowerCase()) {
    throw new AppError("invitation_not_valid", "This invitation is for another e-mail address.");
  }
}

async function find(db: Database, token: string) {
  const found =
    isToken(prefix, token) && (await db.acrossWorkspaces((tx) => findInvitationId(tx, toBytes(hashToken(token)))));
  if (!found) throw notValid();
  return found;
}

const toBytes = (hash: string) => Buffer.from(hash, "hex");
const notValid = () =>
  new AppError(
    "invitation_not_valid",
    "This invitation was used, taken back, or is older than 7 days. Ask for a new one.",
  );
