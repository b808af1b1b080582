import type { SecretId, WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { findSecrets, isSecretNameFree } from "./queries.ts";
import type { SecretInUse, SecretsDeps } from "./secret.ts";

/** What the folders above ask inside of their own transactions. */
export { findSecretNames } from "./queries.ts";

/** All secrets of a workspace by name, each with what refers to it. */
export const listSecrets = (
  { database, secretUsers }: Pick<SecretsDeps, "database" | "secretUsers">,
  workspace: WorkspaceId,
): Promise<SecretInUse[]> =>
  database.asWorkspace({ workspace }, async (tx) => {
    const users = await secretUsers(tx);
    return (await findSecrets(tx)).map((secret) => ({ ...secret, usedIn: users.get(secret.name) ?? [] }));
  });

/** Whether a secret could be called so, apart from the one it is about. */
export const checkSecretName = (
  { database }: { database: Database },
  workspace: WorkspaceId,
  name: string,
  except: SecretId | undefined,
): Promise<boolean> => database.asWorkspace({ workspace }, (tx) => isSecretNameFree(tx, name.trim(), except));
