import { AppError, notFound } from "#core/errors.ts";
import { isUuid, type WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { findSession } from "#domain/identity/find-session.ts";
import { readPerson } from "#domain/identity/people.ts";
import type { SignedIn } from "#domain/identity/session.ts";
import { type FoundKey, findApiKey } from "#domain/workspaces/api-keys.ts";
import { memberRole } from "#domain/workspaces/members.ts";
import { isAtLeast } from "#domain/workspaces/role.ts";
import type { Access, Role } from "./contract/route.ts";
import type { UserCaller, WorkspaceCaller } from "./handle.ts";
import type { ServerDeps } from "./server-deps.ts";
import type { SessionCookie } from "./session-cookie.ts";

export type Identified = { kind: "nobody" } | { kind: "person"; user: SignedIn } | { kind: "key"; key: FoundKey };

/**
 * Who asks. A key comes in `Authorization` and a session in the cookie; one that is not valid never falls back to the
 * other (SR-45).
 *
 * @throws AppError `not_signed_in` for a key that does not work
 */
export async function identify(deps: ServerDeps, cookie: SessionCookie, headers: Headers): Promise<Identified> {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const [, token] = /^Bearer ([\w-]{1,255})$/i.exec(authorization) ?? [];
    const key = token === undefined ? undefined : await findApiKey(deps, token);
    if (!key)
      throw new AppError("not_signed_in", "This API key does not work: it is wrong, was revoked or has expired.");
    return { kind: "key", key };
  }
  const token = cookie.read(headers.get("cookie"));
  const user = token === undefined ? undefined : await findSession(deps.identity, token);
  return user ? { kind: "person", user } : { kind: "nobody" };
}

/** Where the wish comes from, for the audit log. */
interface From {
  address: string;
  requestId: string;
}

/**
 * Whether they may, as the contract says; roles are read from the database every time (SR-54, SR-55).
 *
 * @throws AppError `not_signed_in`, `role_too_low`; `not_found` for a workspace that is not theirs (SR-56)
 */
export async function admit(
  deps: ServerDeps,
  access: Access,
  who: Identified,
  params: Record<string, string>,
  from: From,
): Promise<WorkspaceCaller | UserCaller | undefined> {
  if (access.who === "anyone") return undefined;
  if (who.kind === "nobody") throw new AppError("not_signed_in", "Sign in first.");
  if (access.who === "workspace") return admitToWorkspace(deps, access.role, who, params.workspace ?? "", from);
  if (who.kind === "key") {
    throw new AppError("not_signed_in", "This needs a person who is signed in. An API key works inside its workspace.");
  }
  if (access.who === "instance-admin" && !(await readPerson(deps.identity, who.user.id)).instanceAdmin) {
    throw new AppError("role_too_low", "This is for whoever runs this installation.");
  }
  return { user: who.user, actor: actorOf(who, from) };
}

async function admitToWorkspace(
  deps: ServerDeps,
  least: Role,
  who: Exclude<Identified, { kind: "nobody" }>,
  id: string,
  from: From,
): Promise<WorkspaceCaller> {
  if (!isUuid(id)) throw notFound();
  const workspace = id as WorkspaceId;
  const role = await roleIn(deps, workspace, who);
  if (!role) throw notFound();
  if (!isAtLeast(role, least)) throw new AppError("role_too_low", `This needs the role ${least}. Yours is ${role}.`);
  const actor = actorOf(who, from);
  return { workspace, role, actor, ...(who.kind === "person" && { user: who.user.id, session: who.user.sessionId }) };
}

async function roleIn(
  { db }: ServerDeps,
  workspace: WorkspaceId,
  who: Exclude<Identified, { kind: "nobody" }>,
): Promise<Role | undefined> {
  if (who.kind === "key") return who.key.workspace === workspace ? who.key.role : undefined;
  const user = who.user.id;
  return db.asWorkspace({ workspace, user }, (tx) => memberRole(tx, user));
}

function actorOf(who: Exclude<Identified, { kind: "nobody" }>, from: From): Actor {
  return who.kind === "person"
    ? { kind: "user", id: who.user.id, label: who.user.name, ...from }
    : { kind: "api_key", id: who.key.id, label: who.key.name, ...from };
}
