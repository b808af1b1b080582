import { AppError } from "#core/errors.ts";
import type { UserId } from "#core/ids.ts";
import type { Identity } from "./identity.ts";
import { deleteUser, findUser, hasUsers } from "./queries.ts";
import type { NewSession, SignInPlace } from "./session.ts";
import { signIn } from "./sign-in.ts";

export interface NewUser {
  name: string;
  email: string;
  password: string;
}

/**
 * Makes an account and signs in. The first person of an installation needs no invitation and becomes its admin.
 *
 * For an address that is taken this is a sign-in and nothing more: with the right password it succeeds, with another
 * one it fails exactly as signing in does. Whoever may sign up can therefore learn that an address is taken only as
 * anybody learns it who can make accounts: by not getting one. Without mail there is no way to tell them apart in
 * private; an installation that minds keeps sign-up to invitations, which is the default (docs/decisions/0003).
 *
 * @throws AppError `invitation_not_valid`, `sign_in_failed`, `too_many_requests`, `invalid_request`
 */
export async function signUp(
  identity: Identity,
  { name, email, password }: NewUser,
  { invited }: { invited: boolean },
  place: SignInPlace,
): Promise<NewSession> {
  const admitted = invited || identity.signUp === "open";
  if (!admitted && (await hasUsers(identity.auth))) throw onlyInvited();

  const library = await identity.library();
  const made = await library.makeUser({ name, email, password });
  // Two people may be the first at the same moment. The database appoints one of them.
  if (made && !admitted) await keepOnlyTheFirst(identity, made);
  return signIn(identity, { email, password }, place);
}

async function keepOnlyTheFirst({ auth }: Identity, id: string): Promise<void> {
  const made = await findUser(auth, id as UserId);
  if (!made || made.instanceAdmin) return;
  await deleteUser(auth, id);
  throw onlyInvited();
}

const onlyInvited = () =>
  new AppError("invitation_not_valid", "New people need an invitation here. Ask somebody who is a member for one.");
