import { ProviderError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { covers } from "#provider-kit/covers.ts";
import type { SecretUse } from "#vault/seal.ts";
import type { Secret } from "#vault/secret.ts";
import { originDenied } from "./begin-asking.ts";
import { decide } from "./decide.ts";
import type { TokenDeps } from "./deps.ts";
import { meansOf } from "./means.ts";
import type { TokenAuth } from "./obtain.ts";
import { findSealedTokens, readTokenState } from "./queries.ts";
import { refreshToken, type TokenKey, wantsPerson } from "./refresh.ts";
import { tokenPlace } from "./store.ts";
import { versionName, type Want } from "./token-state.ts";

/** A token, opened for one call. */
export interface OpenToken {
  secret: Secret;
  version: string;
  /** How long ago it was asked for. */
  ageMs: number;
}

/** More often a token is not looked for again that somebody else has used up in between. */
const MOST_ROUNDS = 5;

/**
 * The token for a call to `url`; a new one where the stored one has ended. One that ends soon is still used, while a new
 * one is on its way.
 * @throws ProviderError reauthorize, unavailable, rejected; AppError secret_origin_denied
 */
export async function openToken(
  deps: TokenDeps,
  key: TokenKey,
  about: { auth: TokenAuth; name: string; url: URL; use: SecretUse },
): Promise<OpenToken> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = await deps.database.asWorkspace(key, (tx) => look(tx, deps, key, about));
    if (found.token) {
      if (found.ahead) refreshToken(deps, key, { for: "renewal" }).catch(() => {});
      return found.token;
    }
    await refreshToken(deps, key, { for: "call" });
  }
  throw new ProviderError("unavailable", `${about.name} gives tokens that are used up at once`);
}

async function look(
  tx: WorkspaceTx,
  deps: TokenDeps,
  key: TokenKey,
  { auth, name, url, use }: { auth: TokenAuth; name: string; url: URL; use: SecretUse },
): Promise<{ token?: OpenToken; ahead: boolean }> {
  const { tokens, lease, now } = await readTokenState(tx, key.connection);
  const decision = decide({ tokens, lease, now }, { for: "call" }, meansOf(deps, auth));
  if (decision.next === "authorize" && decision.because === "never") throw wantsPerson(decision, name);
  if (decision.next !== "use" || !tokens) return { ahead: false };
  if (!covers(tokens.origins, url)) throw originDenied();
  const sealed = await findSealedTokens(tx, key.connection);
  // Replaced between the two statements: look again.
  if (!sealed?.access_token || sealed.version !== tokens.version) return { ahead: false };
  const place = tokenPlace(key.connection, "access_token");
  const secret = await deps.vault.openSecret(tx, place, sealed.access_token, { ...use, origin: url.origin });
  const ageMs = Math.max(0, now.getTime() - tokens.obtainedAt.getTime());
  return { token: { secret, version: versionName(tokens), ageMs }, ahead: decision.ahead };
}

/**
 * A call signed with this version was answered 401: sees to it that there is another one. False where there can be none,
 * so that the provider's answer stands.
 * @throws ProviderError reauthorize, unavailable, rejected
 */
export async function replaceToken(deps: TokenDeps, key: TokenKey, auth: TokenAuth, refused: string): Promise<boolean> {
  const want: Want = { for: "repeat", refused };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const state = await deps.database.asWorkspace(key, (tx) => readTokenState(tx, key.connection));
    const decision = decide(state, want, meansOf(deps, auth));
    if (decision.next === "use") return true;
    if (decision.next === "authorize" && decision.because !== "refused") return false;
    await refreshToken(deps, key, want);
  }
  return false;
}
