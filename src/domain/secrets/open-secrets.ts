import { AppError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { OutboundSecrets } from "#outbound/client.ts";
import { SecretNotOpened, type SecretUse, type Vault } from "#vault/seal.ts";
import { findSealed, noteUse } from "./queries.ts";
import { placeOf } from "./secret.ts";

/**
 * Opens secrets for one request (SR-5, SR-25). Outbound fills them in, and only at their own origins. `version` changes
 * with every value.
 * @throws AppError invalid_request where the workspace has no secret of one of the names, or one that does not open
 */
export async function openSecrets(
  tx: WorkspaceTx,
  { vault }: { vault: Vault },
  names: readonly string[],
  use: SecretUse,
): Promise<{ secrets: OutboundSecrets; version: string }> {
  if (names.length === 0) return { secrets: new Map(), version: "" };
  const found = await findSealed(tx, names);
  const missing = names.find((name) => !found.some((secret) => secret.name === name));
  if (missing !== undefined) {
    throw new AppError("invalid_request", `This workspace has no secret "${missing}". Add it under Secrets.`);
  }
  const opened: [string, { secret: Awaited<ReturnType<Vault["openSecret"]>>; origins: readonly string[] }][] = [];
  for (const { id, name, sealed, origins } of found) {
    const secret = await vault.openSecret(tx, placeOf(id), sealed, use).catch((error: unknown) => {
      if (!(error instanceof SecretNotOpened)) throw error;
      throw new AppError("invalid_request", `The secret "${name}" cannot be opened any more. Enter its value again.`);
    });
    opened.push([name, { secret, origins }]);
  }
  await noteUse(
    tx,
    found.map(({ id }) => id),
  );
  return { secrets: new Map(opened), version: found.map(({ id, version }) => `${id}:${version}`).join() };
}
