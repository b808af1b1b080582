import { ProviderError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { covers } from "#provider-kit/covers.ts";
import type { SecretUse } from "#vault/seal.ts";
import type { Secret } from "#vault/secret.ts";
import { originDenied } from "./begin-asking.ts";
import { decide, endsWithinMargin } from "./decide.ts";
import type { TokenDeps } from "./deps.ts";
import { meansOf } from "./means.ts";
import { explainNotOpened } from "./not-opened.ts";
import type { TokenAuth } from "./obtain.ts";
import { findTokenForCall, readTokenState } from "./queries.ts";
import { refreshToken, type TokenKey } from "./refresh.ts";
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
    const found = await deps.database
      .asWorkspace(key, (tx) => look(tx, deps, key, about))
      .catch((error: unknown) => {
        throw explainNotOpened(error, about.auth);
      });
    if (found) {
      if (found.endsSoon) refreshToken(deps, key, { for: "renewal" }).catch(() => {});
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
  { url, use }: { url: URL; use: SecretUse },
): Promise<{ token: OpenToken; endsSoon: boolean } | undefined> {
  const found = await findTokenForCall(tx, key.connection);
  if (found?.accessToken === undefined || (found.expiresAt && found.expiresAt <= found.now)) return undefined;
  const { now, accessToken, obtainedAt, expiresAt, origins } = found;
  if (!covers(origins, url)) throw originDenied();
  const place = tokenPlace(key.connection, "access_token");
  const secret = await deps.vault.openSecret(tx, place, accessToken, { ...use, origin: url.origin });
  const ageMs = Math.max(0, now.getTime() - obtainedAt.getTime());
  return {
    token: { secret, version: versionName(found), ageMs },
    endsSoon: expiresAt !== undefined && endsWithinMargin({ obtainedAt, expiresAt }, now),
  };
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
