import { AppError } from "#core/errors.ts";
import { hashPassword, verifyPassword } from "#vault/password.ts";
import type { Identity } from "./identity.ts";
import { findPassword, replacePassword } from "./queries.ts";
import type { SignedIn } from "./session.ts";
import { countTry } from "./sign-in-limits.ts";

/**
 * Changes the password and ends every other session of this person.
 *
 * @throws AppError `sign_in_failed` when the current password is wrong, `too_many_requests` after too many wrong ones
 */
export async function changePassword(
  { auth }: Identity,
  user: SignedIn,
  change: { current: string; next: string; address: string },
): Promise<void> {
  const attempt = await countTry(auth, user.email, change.address);
  const kept = await findPassword(auth, user.id);
  if (!kept || !(await verifyPassword(change.current, kept))) {
    throw new AppError("sign_in_failed", "The current password is not right.", {
      errors: [{ pointer: "/current_password", code: "wrong", detail: "The current password is not right." }],
    });
  }
  await attempt.succeeded();
  await replacePassword(auth, user, await hashPassword(change.next));
}
