import type { UserId } from "#core/ids.ts";
import { changePassword } from "#domain/identity/change-password.ts";
import type { Identity } from "#domain/identity/identity.ts";
import { awaitsFirstUser, endSession, listSessions, readPerson, rename } from "#domain/identity/people.ts";
import { signIn } from "#domain/identity/sign-in.ts";
import { signUpWithInvitation } from "#domain/workspaces/sign-up.ts";
import type { WorkspacesDeps } from "#domain/workspaces/workspace.ts";
import { workspacesOf } from "#domain/workspaces/workspaces-of.ts";
import * as contract from "../contract/identity.ts";
import { type Handler, handle } from "../handle.ts";
import { sessionCookie } from "../session-cookie.ts";

export function identityHandlers(deps: WorkspacesDeps & { identity: Identity }): Handler[] {
  const { identity } = deps;
  const cookie = sessionCookie(deps.publicUrl);
  const me = async (id: UserId) => {
    const { name, email, instanceAdmin } = await readPerson(identity, id);
    const workspaces = await workspacesOf(deps, id);
    return {
      id,
      name,
      email,
      instance_admin: instanceAdmin,
      workspaces: workspaces.map(({ id, name, slug, role }) => ({ id, name, slug, role })),
    };
  };

  return [
    handle(contract.setup, async () => ({
      first_user: await awaitsFirstUser(identity),
      sign_up: identity.signUp,
    })),
    handle(contract.signUp, async (ctx) => {
      const place = { ...ctx.client, requestId: ctx.requestId };
      const { token, user } = await signUpWithInvitation(deps, ctx.body, place);
      ctx.header("set-cookie", cookie.set(token));
      return me(user.id);
    }),
    handle(contract.signIn, async (ctx) => {
      const { token, user } = await signIn(identity, ctx.body, ctx.client);
      ctx.header("set-cookie", cookie.set(token));
      return me(user.id);
    }),
    handle(contract.signOut, async (ctx) => {
      await endSession(identity, ctx.user.id, ctx.user.sessionId);
      ctx.header("set-cookie", cookie.clear());
    }),
    handle(contract.getMe, (ctx) => me(ctx.user.id)),
    handle(contract.updateMe, async (ctx) => {
      await rename(identity, ctx.user.id, ctx.body.name);
      return me(ctx.user.id);
    }),
    handle(contract.changePassword, (ctx) =>
      changePassword(identity, ctx.user, {
        current: ctx.body.current_password,
        next: ctx.body.new_password,
        address: ctx.client.address,
      }),
    ),
    handle(contract.listSessions, async (ctx) => ({
      items: (await listSessions(identity, ctx.user)).map((session) => ({
        id: session.id,
        current: session.current,
        created_at: session.createdAt.toISOString(),
        expires_at: session.expiresAt.toISOString(),
        address: session.ipAddress,
        user_agent: session.userAgent,
      })),
    })),
    handle(contract.endSession, (ctx) => endSession(identity, ctx.user.id, ctx.params.id)),
  ];
}
