import { invalidField, notFound } from "#core/errors.ts";
import { type ApiKeyId, newId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { hashToken, isToken, newToken } from "#vault/token.ts";
import { audit } from "../audit/audit.ts";
import { refuseAbove } from "./members.ts";
import { findApiKeyId, findApiKeys, insertApiKey, markKeyRevoked, noteKeyUse } from "./queries.ts";
import type { Role } from "./role.ts";
import type { Acting, ApiKey } from "./workspace.ts";

/** Keys look like `hwsr_…`, so that scanners find those that have leaked (SR-9). */
const prefix = "hwsr";

export const listApiKeys = ({ db }: { db: Database }, { workspace }: Pick<Acting, "workspace">) =>
  db.asWorkspace({ workspace }, (tx) => findApiKeys(tx));

/**
 * Makes a key for this workspace. The key itself is shown this once; a hash of it is stored.
 *
 * @throws AppError `role_too_low` for a role above one's own, `invalid_request` for an end in the past
 */
export async function createApiKey(
  { db }: { db: Database },
  by: Acting,
  { name, role, expiresAt }: { name: string; role: Role; expiresAt?: Date | undefined },
): Promise<ApiKey & { key: string }> {
  refuseAbove(by.role, role);
  if (expiresAt && expiresAt <= new Date()) throw invalidField("/expires_at", "Choose a time that is still to come.");
  const key = newToken(prefix);
  const id = newId<ApiKeyId>();
  return db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    const maker = "id" in by.actor ? by.actor.id : id;
    const hint = key.text.slice(0, prefix.length + 5);
    await insertApiKey(tx, { id, name, hash: Buffer.from(key.hash, "hex"), hint, role, by: maker, expiresAt });
    await audit(tx, {
      actor: by.actor,
      action: "api_key.created",
      target: { kind: "api_key", id, label: name },
      after: { name, role, expires_at: expiresAt?.toISOString() ?? null },
    });
    const [made] = await findApiKeys(tx, id);
    if (!made) throw new Error("a key that was just made is not there");
    return { ...made, key: key.text };
  });
}

/** Ends a key at once: the next request with it is refused. */
export async function revokeApiKey({ db }: { db: Database }, by: Acting, id: ApiKeyId): Promise<void> {
  await db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    const revoked = await markKeyRevoked(tx, id);
    if (!revoked) throw notFound();
    await audit(tx, {
      actor: by.actor,
      action: "api_key.revoked",
      target: { kind: "api_key", id, label: revoked.name },
    });
  });
}

export interface FoundKey {
  id: ApiKeyId;
  workspace: WorkspaceId;
  role: Role;
  name: string;
}

/** Whose key this is, if it works; its use is noted once a minute. */
export async function findApiKey({ db }: { db: Database }, key: string): Promise<FoundKey | undefined> {
  if (!isToken(prefix, key)) return undefined;
  const hash = Buffer.from(hashToken(key), "hex");
  const found = await db.acrossWorkspaces((tx) => findApiKeyId(tx, hash));
  if (!found) return undefined;
  const name = await db.asWorkspace({ workspace: found.workspace }, (tx) => noteKeyUse(tx, found.id));
  return name === undefined ? undefined : { ...found, name };
}
