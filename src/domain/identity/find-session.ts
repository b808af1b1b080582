import type { UserId } from "#core/ids.ts";
import { hashToken, isToken } from "#vault/token.ts";
import type { Identity } from "./identity.ts";
import { findByTokenHash, prolong } from "./queries.ts";
import { type SignedIn, sessionTokenPrefix } from "./session.ts";

/** Whose session this is; nobody's when it has ended or never was. Using a session keeps it alive (SR-44). */
export async function findSession({ auth }: Identity, token: string): Promise<SignedIn | undefined> {
  if (!isToken(sessionTokenPrefix, token)) return undefined;
  const found = await findByTokenHash(auth, hashToken(token));
  if (!found) return undefined;
  if (found.resting) await prolong(auth, found.sessionId);
  const { id, name, email, sessionId, since } = found;
  return { id: id as UserId, name, email, sessionId, since };
}
