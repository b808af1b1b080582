import { sql } from "kysely";
import type { UserId } from "#core/ids.ts";
import type { AuthDatabase } from "#db/auth-database.ts";
import { absoluteHours, idleHours, type SignedIn } from "./session.ts";

export async function hasUsers({ kysely }: AuthDatabase): Promise<boolean> {
  return (await kysely.selectFrom("user").select("id").limit(1).execute()).length > 0;
}

export async function findUser({ kysely }: AuthDatabase, id: UserId) {
  return kysely
    .selectFrom("user")
    .select(["id", "name", "email", "instanceAdmin"])
    .where("id", "=", id)
    .executeTakeFirst();
}

export async function deleteUser({ kysely }: AuthDatabase, id: string): Promise<void> {
  await kysely.deleteFrom("user").where("id", "=", id).execute();
}

export async function renameUser({ kysely }: AuthDatabase, id: UserId, name: string): Promise<void> {
  await kysely.updateTable("user").set({ name, updatedAt: sql`now()` }).where("id", "=", id).execute();
}

const alive = sql<boolean>`"expiresAt" > now() and session."createdAt" > now() - make_interval(hours => ${absoluteHours})`;

/** The session that is kept under this hash, if it has not ended. */
export async function findByTokenHash({ kysely }: AuthDatabase, hash: string) {
  return kysely
    .selectFrom("session")
    .innerJoin("user", "user.id", "session.userId")
    .select(["session.id as sessionId", "session.createdAt as since", "user.id", "user.name", "user.email"])
    .select(
      sql<boolean>`"expiresAt" < now() + make_interval(hours => ${idleHours}) - interval '5 minutes'`.as("resting"),
    )
    .where("token", "=", hash)
    .where(alive)
    .executeTakeFirst();
}

export async function prolong({ kysely }: AuthDatabase, sessionId: string): Promise<void> {
  await kysely
    .updateTable("session")
    .set({ expiresAt: sql`now() + make_interval(hours => ${idleHours})`, updatedAt: sql`now()` })
    .where("id", "=", sessionId)
    .execute();
}

export async function findSessions({ kysely }: AuthDatabase, user: UserId) {
  return kysely
    .selectFrom("session")
    .select(["id", "createdAt", "ipAddress", "userAgent"])
    .select(
      sql<Date>`least("expiresAt", session."createdAt" + make_interval(hours => ${absoluteHours}))`.as("expiresAt"),
    )
    .where("userId", "=", user)
    .where(alive)
    .orderBy("createdAt", "desc")
    .execute();
}

/** Ends one session of a person; false when they have no such session. */
export async function deleteSession({ kysely }: AuthDatabase, user: UserId, sessionId: string): Promise<boolean> {
  const { numDeletedRows } = await kysely
    .deleteFrom("session")
    .where("userId", "=", user)
    .where("id", "=", sessionId)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

export async function deleteEndedSessions({ kysely }: AuthDatabase, user: UserId): Promise<void> {
  await kysely.deleteFrom("session").where("userId", "=", user).where(sql<boolean>`not (${alive})`).execute();
}

export async function findPassword({ kysely }: AuthDatabase, user: UserId): Promise<string | undefined> {
  const account = await kysely
    .selectFrom("account")
    .select("password")
    .where("userId", "=", user)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  return account?.password ?? undefined;
}

/** Replaces the password and ends every session but this one, together. */
export async function replacePassword(
  { kysely }: AuthDatabase,
  { id, sessionId }: SignedIn,
  password: string,
): Promise<void> {
  await kysely.transaction().execute(async (tx) => {
    await tx
      .updateTable("account")
      .set({ password, updatedAt: sql`now()` })
      .where("userId", "=", id)
      .where("providerId", "=", "credential")
      .execute();
    await tx.deleteFrom("session").where("userId", "=", id).where("id", "<>", sessionId).execute();
  });
}
