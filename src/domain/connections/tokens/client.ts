import { AppError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { covers } from "#provider-kit/covers.ts";
import type { SecretPlace, SecretUse } from "#vault/seal.ts";
import type { Secret } from "#vault/secret.ts";
import type { TokenDeps } from "./deps.ts";
import { findWorkspaceClient } from "./queries.ts";

/** An OAuth client, opened for one request. */
export interface OpenClient {
  source: "operator" | "workspace" | "sandbox";
  id: string;
  secret?: Secret;
}

/** Where the secret of a workspace's own OAuth client is kept. */
export const clientSecretPlace = (provider: string): SecretPlace => ({
  table: "oauth_clients",
  row: provider,
  field: "client_secret",
});

/**
 * The OAuth client that a provider is signed in with: the workspace's own where it has one, else the installation's. A
 * simulator knows only its own. Nothing where there is none.
 * @throws AppError secret_origin_denied where the workspace's client was entered for other addresses
 */
export async function openClient(
  tx: WorkspaceTx,
  deps: Pick<TokenDeps, "vault" | "operatorClients" | "sandbox">,
  wanted: { provider: string; sandbox: boolean; tokenUrl: string },
  use: SecretUse,
): Promise<OpenClient | undefined> {
  if (wanted.sandbox) {
    const client = deps.sandbox?.clients.get(wanted.provider);
    return client && { source: "sandbox", ...client };
  }
  const own = await findWorkspaceClient(tx, wanted.provider);
  if (!own) {
    const client = deps.operatorClients.get(wanted.provider);
    return client && { source: "operator", ...client };
  }
  const origin = new URL(wanted.tokenUrl);
  if (!covers(own.origins, origin)) {
    throw new AppError(
      "secret_origin_denied",
      "The OAuth client was entered when the provider had other addresses. Enter it again.",
    );
  }
  const place = clientSecretPlace(wanted.provider);
  const secret =
    own.client_secret === null
      ? undefined
      : await deps.vault.openSecret(tx, place, own.client_secret, { ...use, origin: origin.origin });
  return { source: "workspace", id: own.client_id, ...(secret && { secret }) };
}
