import { scryptSync } from "node:crypto";
import type { AuthDatabase } from "#db/auth-database.ts";

export const knownPassword = "correct horse";

// Hashed at next to no cost. A kept password says itself what it cost, so checking it is as cheap.
const salt = Buffer.alloc(16, "salt");
const hash = scryptSync(knownPassword, salt, 32, { N: 2, r: 1, p: 1 });
const kept = `scrypt$1$1$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;

/**
 * A person as signing up leaves them, with the known password, for tests that are about something else: they sign in as
 * everybody does, and neither has to pay for a hash that withstands guessing.
 */
export async function aKnownPerson({ kysely }: AuthDatabase, { name, email }: { name: string; email: string }) {
  const id = crypto.randomUUID();
  await kysely.insertInto("user").values({ id, name, email }).execute();
  await kysely
    .insertInto("account")
    .values({ id: crypto.randomUUID(), userId: id, accountId: id, providerId: "credential", password: kept })
    .execute();
}
