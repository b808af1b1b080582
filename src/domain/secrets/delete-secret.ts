import { AppError, notFound } from "#core/errors.ts";
import type { SecretId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import { deleteRow, deleteRows, lockSecret } from "./queries.ts";
import type { SecretCaller, SecretsDeps } from "./secret.ts";

const MOST_NAMES = 3;

/**
 * Deletes a secret that nothing refers to; its ciphertext goes with it.
 * @throws AppError not_found, secret_in_use with the names of what refers to it
 */
export async function deleteSecret(
  { database, secretUsers }: Pick<SecretsDeps, "database" | "secretUsers">,
  { workspace, actor }: SecretCaller,
  id: SecretId,
): Promise<void> {
  await database.asWorkspace({ workspace }, async (tx) => {
    const secret = await lockSecret(tx, id);
    if (!secret) throw notFound();
    const users = (await secretUsers(tx)).get(secret.name) ?? [];
    if (users.length > 0) throw inUse(secret.name, users);
    await deleteRow(tx, id);
    await audit(tx, {
      actor,
      action: "secret.deleted",
      target: { kind: "secret", id, label: secret.name },
      before: { name: secret.name, description: secret.description, origins: secret.origins },
    });
  });
}

/** All of them, whatever refers to them: their workspace goes. */
export const deleteAllSecrets = (tx: WorkspaceTx): Promise<void> => deleteRows(tx);

function inUse(name: string, users: readonly { name: string }[]): AppError {
  const named = users.slice(0, MOST_NAMES).map((user) => `"${user.name}"`);
  const more = users.length > MOST_NAMES ? " and others" : "";
  return new AppError(
    "secret_in_use",
    `"${name}" is used by ${named.join(", ")}${more}. Take it out there first, or replace its value instead.`,
  );
}
