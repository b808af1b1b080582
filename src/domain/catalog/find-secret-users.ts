import type { WorkspaceTx } from "#db/database.ts";
import type { SecretUser } from "#domain/secrets/secret.ts";
import { secretNamesIn } from "#provider-kit/definition/secret-names.ts";
import { loadDefinition } from "./load-definition.ts";
import { findProviderStates } from "./queries.ts";

/** Which custom providers refer to which workspace secret, by the secret's name. */
export async function findSecretUsers(tx: WorkspaceTx): Promise<ReadonlyMap<string, readonly SecretUser[]>> {
  const users = new Map<string, SecretUser[]>();
  for (const state of await findProviderStates(tx)) {
    const loaded = await loadDefinition(tx, state);
    if (!loaded) continue;
    for (const secret of secretNamesIn(loaded.definition)) {
      const others = users.get(secret) ?? [];
      users.set(secret, [...others, { kind: "provider", id: state.id, name: loaded.definition.displayName }]);
    }
  }
  return users;
}
