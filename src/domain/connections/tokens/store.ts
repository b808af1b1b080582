import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { TokenAnswer } from "#outbound/token-endpoint.ts";
import type { SecretPlace, Vault } from "#vault/seal.ts";
import { outdateLease } from "./lease.ts";
import { lifetimesOf } from "./lifetimes.ts";
import type { TokenAuth } from "./obtain.ts";
import { mergeKept, readTokenState, writeTokens } from "./queries.ts";
import { planRenewal } from "./renewal-time.ts";

/** Where a token is kept. */
export const tokenPlace = (connection: ConnectionId, field: "access_token" | "refresh_token"): SecretPlace => ({
  table: "token_sets",
  row: connection,
  field,
});

export interface AboutTokens {
  /** A person has just consented: the tokens begin anew, and whoever is refreshing the earlier ones comes too late. */
  grantedAt?: Date;
  /** When the request was sent, by the database's clock. */
  sentAt: Date;
  clientId?: string;
  /** Where the next ones are asked for: an answer is never given to another address. */
  tokenUrl: string;
  origins: readonly string[];
  /** What was asked for, which was granted where the answer does not tell (RFC 6749 5.1). */
  askedScopes?: readonly string[];
}

/**
 * Keeps what a token endpoint answered, in the transaction of what follows from it. An answer to a refresh without a
 * refresh token leaves the one that is there (SR-41); one that stands for a new grant has none then.
 */
export async function storeTokens(
  tx: WorkspaceTx,
  deps: { vault: Vault },
  connection: ConnectionId,
  auth: TokenAuth,
  answer: TokenAnswer,
  about: AboutTokens,
): Promise<void> {
  const { tokens: before } = await readTokenState(tx, connection);
  const { grantedAt = before?.grantedAt ?? about.sentAt, sentAt } = about;
  const seal = (field: "access_token" | "refresh_token", secret: TokenAnswer["accessToken"]) =>
    deps.vault.sealSecret(tx, tokenPlace(connection, field), secret);
  const isNew = about.grantedAt !== undefined;
  const lives = lifetimesOf(auth, answer, { sentAt, grantedAt, before: isNew ? undefined : before });
  const renewable = answer.refreshToken !== undefined || (!isNew && before?.hasRefresh === true);
  await writeTokens(tx, connection, {
    ...lives,
    accessToken: await seal("access_token", answer.accessToken),
    refreshToken: answer.refreshToken ? await seal("refresh_token", answer.refreshToken) : isNew ? null : undefined,
    scopes:
      answer.scopes ??
      (isNew ? undefined : before?.scopes) ??
      about.askedScopes ??
      ("scopes" in auth ? auth.scopes : []),
    clientId: about.clientId ?? null,
    tokenUrl: about.tokenUrl,
    origins: about.origins,
    grantedAt,
    obtainedAt: sentAt,
    renewAt: planRenewal({ obtainedAt: sentAt, ...lives }, { renewable, inUse: true, chance: Math.random() }),
  });
  await mergeKept(tx, connection, answer.kept);
  if (isNew) await outdateLease(tx, connection);
}
