import { AppError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { covers } from "#provider-kit/covers.ts";
import { SecretNotOpened, type SecretPlace, type SecretUse } from "#vault/seal.ts";
import type { Secret } from "#vault/secret.ts";
import type { TokenDeps } from "../tokens/deps.ts";
import { findSealedClient } from "./queries.ts";

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
 * @throws AppError secret_origin_denied where the workspace's client was entered for other addresses, oauth_client_missing
 * where its secret does not open any more
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
  const own = await findSealedClient(tx, wanted.provider);
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
  const open = (text: string) => deps.vault.openSecret(tx, place, text, { ...use, origin: origin.origin });
  const secret = own.client_secret === null ? undefined : await open(own.client_secret).catch(explain);
  return { source: "workspace", id: own.client_id, ...(secret && { secret }) };
}

function explain(error: unknown): never {
  if (!(error instanceof SecretNotOpened)) throw error;
  throw new AppError(
    "oauth_client_missing",
    "The secret of the OAuth client cannot be opened any more. Enter it again.",
  );
}
