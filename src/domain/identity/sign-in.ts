import { AppError } from "#core/errors.ts";
import { newToken } from "#vault/token.ts";
import { findSession } from "./find-session.ts";
import type { Identity } from "./identity.ts";
import { deleteEndedSessions } from "./queries.ts";
import { type NewSession, type SignInPlace, sessionTokenPrefix } from "./session.ts";
import { countTry } from "./sign-in-limits.ts";

/**
 * Begins a session. Unknown address and wrong password get the same answer after the same work (SR-50).
 *
 * @throws AppError `sign_in_failed`, `too_many_requests`, `unavailable`
 */
export async function signIn(
  identity: Identity,
  { email, password }: { email: string; password: string },
  place: SignInPlace,
): Promise<NewSession> {
  const attempt = await countTry(identity.auth, email, place.address);
  const token = newToken(sessionTokenPrefix);
  const library = await identity.library();
  const begun = await library.beginSession({ email, password }, { token, place });
  const user = begun && (await findSession(identity, token.text));
  if (!user) throw new AppError("sign_in_failed", "E-mail address or password is not right.");
  await attempt.succeeded();
  await deleteEndedSessions(identity.auth, user.id);
  return { token: token.text, user };
}
