import { AppError, ProviderError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { TokenRequest } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { SecretUse } from "#vault/seal.ts";
import type { Connection } from "../connection.ts";
import { loseAuthorization } from "../health/note-health.ts";
import { type OpenClient, openClient } from "../oauth-clients/open-client.ts";
import type { Asking } from "./ask.ts";
import { openCredential } from "./credential.ts";
import type { TokenDeps } from "./deps.ts";
import { releaseLease, writeIntent } from "./lease.ts";
import { explainNotOpened } from "./not-opened.ts";
import { noteTrouble } from "./note-trouble.ts";
import { type CredentialAuth, credentialRequest, refreshRequest, type TokenAuth, tokenUrlOf } from "./obtain.ts";
import { findSealedTokens, insertWithoutToken, readTokenState } from "./queries.ts";
import { tokenPlace } from "./store.ts";
import { type TokenFacts, type TokenLease, type TokenState, versionName } from "./token-state.ts";

const RENEWAL_PURPOSE = "token renewal";

interface Subject {
  connection: Connection;
  provider: Provider;
  auth: TokenAuth;
}

/**
 * Everything for one request for a token, under the lease that the caller holds: secrets are opened for it, and the
 * intent is written. Where nothing may be sent, the error that says why; what follows from that is written, and the
 * lease is given back.
 */
export async function beginAsking(
  tx: WorkspaceTx,
  deps: TokenDeps,
  subject: Subject,
  lease: TokenLease,
  state: TokenState,
): Promise<Asking | { error: Error }> {
  const { connection, auth } = subject;
  const url = new URL(tokenUrlOf(auth));
  const use: SecretUse = { actor: "system", purpose: RENEWAL_PURPOSE, origin: url.origin };
  const built = await (auth.type === "oauth2_authorization_code"
    ? buildRefresh(tx, deps, { ...subject, auth }, state, use)
    : buildLogin(tx, deps, connection, auth, state, use)
  ).catch((error: unknown) => notOpened(tx, subject, state.now, error));
  if ("error" in built) {
    await releaseLease(tx, lease);
    return built;
  }
  const tokens = (await readTokenState(tx, connection.id)).tokens;
  if (!tokens) throw new Error("a row for the token was made just now");
  const intent = await writeIntent(tx, lease, tokens.version);
  deps.uses.count({ workspace: tx.workspace, connection: connection.id, purpose: RENEWAL_PURPOSE });
  const spent = state.lease?.intent?.version === tokens.version || tokens.failure?.unclear === true;
  return {
    ...subject,
    ...built,
    lease,
    intent,
    version: versionName(tokens),
    maybeSpent: auth.type === "oauth2_authorization_code" && spent,
  };
}

type Built = { request: TokenRequest; origins: readonly string[]; client?: OpenClient };

async function buildRefresh(
  tx: WorkspaceTx,
  deps: TokenDeps,
  subject: Subject & { auth: AuthorizationCode },
  { tokens, now }: TokenState,
  use: SecretUse,
): Promise<Built | { error: Error }> {
  const { connection, auth } = subject;
  const sealed = await findSealedTokens(tx, connection.id);
  if (!tokens || !sealed?.refresh_token) throw new Error("there is no refresh token to be sent");
  const tokenUrl = tokenUrlOf(auth);
  // A refresh token goes nowhere but where it came from, and only with the client it was given to.
  if (tokens.tokenUrl !== tokenUrl) return movedOn(tx, subject, now, "has other addresses");
  const about = { provider: connection.provider, sandbox: connection.sandbox, tokenUrl };
  const client = await openClient(tx, deps, about, use);
  if (!client) return withoutClient(tx, subject, tokens, now);
  if (client.id !== tokens.clientId) return movedOn(tx, subject, now, "is used with another OAuth client");
  const refreshToken = await deps.vault.openSecret(
    tx,
    tokenPlace(connection.id, "refresh_token"),
    sealed.refresh_token,
    use,
  );
  return { request: refreshRequest(auth, { client, refreshToken }), origins: tokens.origins, client };
}

async function notOpened(
  tx: WorkspaceTx,
  { connection, auth }: Subject,
  now: Date,
  thrown: unknown,
): Promise<Built | { error: Error }> {
  const error = explainNotOpened(thrown, auth);
  if (!(error instanceof ProviderError)) throw error;
  const trouble = { kind: "reauthorize" as const, message: error.message, at: now.toISOString() };
  await noteTrouble(tx, connection, { trouble, status: "needs_authorization", retryAt: inAnHour(now) });
  return { error };
}

async function movedOn(
  tx: WorkspaceTx,
  { connection, provider }: Subject,
  now: Date,
  what: string,
): Promise<{ error: Error }> {
  const message = `${provider.name} ${what} since somebody signed in. Authorize again.`;
  const trouble = { kind: "reauthorize" as const, message, at: now.toISOString() };
  await noteTrouble(tx, connection, { trouble, status: "needs_authorization", retryAt: inAnHour(now) });
  return { error: new ProviderError("reauthorize", message) };
}

async function withoutClient(
  tx: WorkspaceTx,
  { connection, provider }: Subject,
  tokens: TokenFacts,
  now: Date,
): Promise<{ error: Error }> {
  const message = `There is no OAuth client for ${provider.name} any more. Nobody has to authorize again: set the client.`;
  const trouble = { kind: "rejected" as const, message, at: now.toISOString() };
  const retryAt = new Date(now.getTime() + 60_000);
  const isOver = tokens.expiresAt !== undefined && tokens.expiresAt <= now;
  await noteTrouble(tx, connection, { trouble, status: isOver ? "error" : undefined, retryAt });
  return { error: new ProviderError("rejected", message, { retryAt }) };
}

async function buildLogin(
  tx: WorkspaceTx,
  deps: TokenDeps,
  connection: Connection,
  auth: CredentialAuth,
  { now }: TokenState,
  use: SecretUse,
): Promise<Built | { error: Error }> {
  const credential = await openCredential(tx, deps, connection.id, auth, use);
  if (!credential) {
    const message = `${connection.name} has no credential. Enter it.`;
    await loseAuthorization(tx, connection, { kind: "reauthorize", message, at: now.toISOString() });
    return { error: new ProviderError("reauthorize", message) };
  }
  const tokenUrl = tokenUrlOf(auth);
  if (!covers(credential.origins, new URL(tokenUrl))) return { error: originDenied() };
  await insertWithoutToken(tx, connection.id, { tokenUrl, origins: credential.origins });
  return { request: credentialRequest(auth, credential.fields, now), origins: credential.origins };
}

/** SR-6: the provider's addresses have changed since the credential was entered. */
export const originDenied = () =>
  new AppError(
    "secret_origin_denied",
    "The credential was entered when the provider had other addresses. Enter it again to use it with the new ones.",
  );

const inAnHour = (now: Date): Date => new Date(now.getTime() + 60 * 60_000);
