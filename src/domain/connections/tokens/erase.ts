import type { WorkspaceTx } from "#db/database.ts";
import { findProvider } from "#domain/catalog/find-provider.ts";
import { authOfType } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import type { Connection } from "../connection.ts";
import { openClient } from "../oauth-clients/open-client.ts";
import { validateConfig } from "../validate-config.ts";
import { deleteCredential } from "./credential-rows.ts";
import type { TokenDeps } from "./deps.ts";
import { outdateLease } from "./lease.ts";
import { deleteTokens, findSealedTokens, isAccountElsewhere, readTokenState } from "./queries.ts";
import { revokeLater } from "./revoke-later.ts";
import { tokenPlace } from "./store.ts";

type EraseDeps = Pick<TokenDeps, "providers" | "sandbox" | "operatorClients" | "vault">;

/**
 * Erases credential and tokens of a connection (SR-11), which the caller has locked. With `revoke` the provider is told
 * of it, as soon as it can be: the refresh token where there is one, else the access token. Whoever is refreshing at
 * this moment comes too late.
 */
export async function eraseAccess(
  tx: WorkspaceTx,
  deps: EraseDeps,
  connection: Connection,
  options: { revoke: boolean },
): Promise<void> {
  // First the lease: until the end of this nobody begins to refresh.
  await outdateLease(tx, connection.id);
  if (options.revoke) {
    // What does not open any more cannot be revoked either. It is erased all the same.
    await noteRevocation(tx, deps, connection).catch(() => {});
  }
  await deleteTokens(tx, connection.id);
  await deleteCredential(tx, connection.id);
}

async function noteRevocation(tx: WorkspaceTx, deps: EraseDeps, connection: Connection): Promise<void> {
  // With many providers a revocation ends all that a person has granted, for other connections too.
  if (connection.account && (await isAccountElsewhere(tx, connection, connection.account.id))) return;
  const sealed = await findSealedTokens(tx, connection.id);
  const { tokens } = await readTokenState(tx, connection.id);
  const found = await findProvider(tx, deps, connection.provider, connection.sandbox);
  if (!sealed || !tokens || !found) return;
  const config = validateConfig(found.provider, connection.config);
  const auth = authOfType(found.provider.auth(config), connection.authType);
  if (auth?.type !== "oauth2_authorization_code" || auth.revokeUrl === undefined) return;
  const url = new URL(auth.revokeUrl);
  const use = { actor: "system" as const, purpose: "token revocation", origin: url.origin };
  const about = { provider: connection.provider, sandbox: connection.sandbox, tokenUrl: auth.revokeUrl };
  const client = await openClient(tx, deps, about, use);
  // A token goes to nobody but where it came from.
  if (!client || client.id !== tokens.clientId || !covers(tokens.origins, url)) return;
  const [hint, text] =
    sealed.refresh_token === null
      ? (["access_token", sealed.access_token] as const)
      : (["refresh_token", sealed.refresh_token] as const);
  if (text === null) return;
  const token = await deps.vault.openSecret(tx, tokenPlace(connection.id, hint), text, use);
  await revokeLater(tx, deps, { connection: connection.id, provider: connection.provider, auth, client, token, hint });
}
