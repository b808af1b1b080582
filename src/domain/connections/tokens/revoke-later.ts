import { type ConnectionId, newId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { TokenAnswer } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import type { SecretPlace } from "#vault/seal.ts";
import type { Secret } from "#vault/secret.ts";
import type { Connection } from "../connection.ts";
import type { OpenClient } from "../oauth-clients/open-client.ts";
import type { TokenDeps } from "./deps.ts";
import { isAccountElsewhere } from "./queries.ts";
import { insertRevocation, type RevocationEndpoint } from "./revocation-rows.ts";

/** Where a token that waits for its revocation is kept, and the secret of the client that it belongs to. */
export const revocationPlace = (id: string, field: "token" | "client_secret"): SecretPlace => ({
  table: "revocations",
  row: id,
  field,
});

/**
 * Notes that a token has to be revoked at its provider (SR-11), in the transaction that gives it up; its job is queued
 * by whoever looks for such notes next, so that a full queue keeps nobody from disconnecting. Everything it takes is
 * written down: the connection, its client and its provider may be gone by then.
 */
export async function revokeLater(
  tx: WorkspaceTx,
  deps: Pick<TokenDeps, "vault">,
  what: {
    connection: ConnectionId;
    provider: string;
    auth: AuthorizationCode;
    client: OpenClient;
    token: Secret;
    hint: RevocationEndpoint["hint"];
  },
): Promise<void> {
  const { auth, client } = what;
  if (auth.revokeUrl === undefined) return;
  const id = newId<string>();
  const endpoint: RevocationEndpoint = {
    url: auth.revokeUrl,
    hint: what.hint,
    clientId: client.id,
    clientAuth: auth.clientAuth,
    ...(auth.basicEncoding && { basicEncoding: auth.basicEncoding }),
    ...(auth.paramNames && { paramNames: auth.paramNames }),
  };
  const seal = (field: "token" | "client_secret", secret: Secret) =>
    deps.vault.sealSecret(tx, revocationPlace(id, field), secret);
  await insertRevocation(tx, {
    id,
    connection: what.connection,
    provider: what.provider,
    endpoint,
    token: await seal("token", what.token),
    clientSecret: client.secret ? await seal("client_secret", client.secret) : null,
  });
}

/**
 * Tokens that have come and that nobody wants are given back to the provider. Revoking may end all that a person has
 * granted to this client, so it is left where another connection lives on the same account: tokens that nobody keeps do
 * no harm.
 */
export async function giveBack(
  tx: WorkspaceTx,
  deps: Pick<TokenDeps, "vault">,
  what: {
    connection: Pick<Connection, "id" | "provider" | "sandbox">;
    /** Whose they are, where that is known. */
    account: string | undefined;
    auth: AuthorizationCode;
    client: OpenClient;
    answer: TokenAnswer;
  },
): Promise<void> {
  const { connection, account, auth, client, answer } = what;
  if (account !== undefined && (await isAccountElsewhere(tx, connection, account))) return;
  const token = answer.refreshToken ?? answer.accessToken;
  const hint = answer.refreshToken ? "refresh_token" : "access_token";
  await revokeLater(tx, deps, { connection: connection.id, provider: connection.provider, auth, client, token, hint });
}
