import { AppError, notFound } from "#core/errors.ts";
import type { UserId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { audit } from "../audit/audit.ts";
import { countOwners, deleteMember, findMember, findMembers, findRole, lockMembers, setRole } from "./queries.ts";
import { isAtLeast, type Role } from "./role.ts";
import type { Acting, Member } from "./workspace.ts";

/** The role of a person in the transaction's workspace, now; nothing when they are no member of it. */
export const memberRole = (tx: WorkspaceTx, user: UserId): Promise<Role | undefined> => findRole(tx, user);

export const listMembers = ({ db }: { db: Database }, { workspace }: Pick<Acting, "workspace">): Promise<Member[]> =>
  db.asWorkspace({ workspace }, findMembers);

/** @throws AppError `role_too_low` beyond one's own role, `last_owner` */
export async function changeRole({ db }: { db: Database }, by: Acting, user: UserId, role: Role): Promise<Member> {
  return db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    await lockMembers(tx);
    const member = await findMember(tx, user);
    if (!member) throw notFound();
    refuseAbove(by.role, member.role);
    refuseAbove(by.role, role);
    if (member.role === "owner" && role !== "owner") await keepAnOwner(tx);
    await setRole(tx, user, role);
    await audit(tx, {
      actor: by.actor,
      action: "member.role_changed",
      target: { kind: "member", id: user, label: member.name },
      before: { role: member.role },
      after: { role },
    });
    return { ...member, role };
  });
}

/** @throws AppError `role_too_low` for somebody above oneself, `last_owner` */
export const removeMember = ({ db }: { db: Database }, by: Acting, user: UserId): Promise<void> =>
  takeOut(db, by, user, "member.removed");

/** @throws AppError `last_owner` */
export const leaveWorkspace = ({ db }: { db: Database }, by: Acting, user: UserId): Promise<void> =>
  takeOut(db, by, user, "member.left");

async function takeOut(db: Database, by: Acting, user: UserId, action: "member.removed" | "member.left") {
  await db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    await lockMembers(tx);
    const member = await findMember(tx, user);
    if (!member) throw notFound();
    refuseAbove(by.role, member.role);
    if (member.role === "owner") await keepAnOwner(tx);
    await deleteMember(tx, user);
    await audit(tx, {
      actor: by.actor,
      action,
      target: { kind: "member", id: user, label: member.name },
      before: { role: member.role },
    });
  });
}

/** Nobody gives, takes or changes what is above their own role (SR-55). */
export function refuseAbove(own: Role, other: Role): void {
  if (!isAtLeast(own, other)) throw new AppError("role_too_low", "That is above your own role.");
}

async function keepAnOwner(tx: WorkspaceTx): Promise<void> {
  if ((await countOwners(tx)) > 1) return;
  throw new AppError("last_owner", "A workspace needs an owner. Make somebody else owner first.");
}
