import type { Identity } from "../identity/identity.ts";
import type { NewSession, SignInPlace } from "../identity/session.ts";
import { type NewUser, signUp } from "../identity/sign-up.ts";
import { acceptInvitation, lookUpInvitation, refuseOtherAddress } from "./invitations.ts";
import type { WorkspacesDeps } from "./workspace.ts";

/**
 * Makes an account, by invitation where there is one, and joins its workspace. If somebody else uses the invitation in
 * between, the account stays and belongs to no workspace yet.
 *
 * @throws AppError as `signUp` and `lookUpInvitation` do
 */
export async function signUpWithInvitation(
  deps: WorkspacesDeps & { identity: Identity },
  { invitation, ...person }: NewUser & { invitation?: string | undefined },
  place: SignInPlace & { requestId: string },
): Promise<NewSession> {
  if (invitation) refuseOtherAddress(await lookUpInvitation(deps, invitation), person.email);
  const session = await signUp(deps.identity, person, { invited: invitation !== undefined }, place);
  if (invitation) {
    const { id, name, email } = session.user;
    const actor = { kind: "user", id, label: name, address: place.address, requestId: place.requestId } as const;
    await acceptInvitation(deps, { user: id, email, actor }, invitation);
  }
  return session;
}
