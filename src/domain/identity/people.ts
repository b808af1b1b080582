import { AppError, notFound } from "#core/errors.ts";
import type { UserId } from "#core/ids.ts";
import type { Identity } from "./identity.ts";
import { deleteSession, findSessions, findUser, hasUsers, renameUser } from "./queries.ts";
import type { SignedIn } from "./session.ts";

/** Whether this installation waits for its first person. */
export const awaitsFirstUser = async ({ auth }: Identity): Promise<boolean> => !(await hasUsers(auth));

/** What a person sees of themselves. Read afresh: it says whether they run the installation. */
export async function readPerson({ auth }: Identity, id: UserId) {
  const user = await findUser(auth, id);
  if (!user) throw new AppError("not_signed_in", "Sign in first.");
  return user;
}

export const rename = ({ auth }: Identity, id: UserId, name: string): Promise<void> => renameUser(auth, id, name);

/** Where a person is signed in, latest first. */
export async function listSessions({ auth }: Identity, { id, sessionId }: SignedIn) {
  const sessions = await findSessions(auth, id);
  return sessions.map((session) => ({ ...session, current: session.id === sessionId }));
}

/** @throws AppError `not_found` for a session that is not theirs */
export async function endSession({ auth }: Identity, user: UserId, sessionId: string): Promise<void> {
  if (!(await deleteSession(auth, user, sessionId))) throw notFound();
}
