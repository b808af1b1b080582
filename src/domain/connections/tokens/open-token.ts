import { ProviderError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { covers } from "#provider-kit/covers.ts";
import type { SealedSecret, SecretUse, Vault } from "#vault/seal.ts";
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
/** For so long a row that was read serves all calls of one user: copies of small files are hundreds a second. */
const KEPT_FOR_MS = 1_000;

/** The token of a connection, for one user of it. */
export interface TokenOpener {
  /**
   * The token for a call to `url`; a new one where the stored one has ended. One that ends soon is still used, while a
   * new one is on its way.
   * @throws ProviderError reauthorize, unavailable, rejected; AppError secret_origin_denied
   */
  open(url: URL): Promise<OpenToken>;
  /**
   * A call signed with this version was answered 401: sees to it that there is another one. False where there can be
   * none, so that the provider's answer stands.
   * @throws ProviderError reauthorize, unavailable, rejected
   */
  replace(refused: string): Promise<boolean>;
}

/** Keeps what it has read for a moment, sealed as it is: it is opened anew for each call (SR-5). */
export function tokenOpener(
  deps: TokenDeps,
  key: TokenKey,
  { auth, name, use }: { auth: TokenAuth; name: string; use: SecretUse },
): TokenOpener {
  let kept: Promise<StoredToken | undefined> | undefined;
  const find = async (): Promise<StoredToken | undefined> => {
    const known = await kept?.catch(() => undefined);
    if (known && known.passedMs() < KEPT_FOR_MS && !known.endsSoon()) return known;
    kept = deps.database.asWorkspace(key, (tx) => findStored(tx, deps.vault, key));
    return kept;
  };
  return {
    async open(url) {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const found = await find();
        if (found) {
          if (!covers(found.origins, url)) throw originDenied();
          const secret = openStored(deps.vault, found.sealed, { ...use, origin: url.origin }, auth);
          if (found.endsSoon()) refreshToken(deps, key, { for: "renewal" }).catch(() => {});
          return { secret, version: found.version, ageMs: found.ageMs() };
        }
        await refreshToken(deps, key, { for: "call" });
      }
      throw new ProviderError("unavailable", `${name} gives tokens that are used up at once`);
    },
    async replace(refused) {
      try {
        return await replaceToken(deps, key, auth, refused);
      } finally {
        // Not before: what others have read meanwhile may be the refused one.
        kept = undefined;
      }
    },
  };
}

/** A token that had not ended when its row was read, and how that goes on. */
interface StoredToken {
  sealed: SealedSecret;
  origins: readonly string[];
  version: string;
  /** Since it was read. */
  passedMs(): number;
  ageMs(): number;
  endsSoon(): boolean;
}

async function findStored(tx: WorkspaceTx, vault: Vault, { connection }: TokenKey): Promise<StoredToken | undefined> {
  const found = await findTokenForCall(tx, connection);
  if (found?.accessToken === undefined || (found.expiresAt && found.expiresAt <= found.now)) return undefined;
  const { now, accessToken, obtainedAt, expiresAt, origins } = found;
  const readAt = performance.now();
  const passedMs = () => performance.now() - readAt;
  const nowMs = () => now.getTime() + passedMs();
  return {
    sealed: await vault.findSealed(tx, tokenPlace(connection, "access_token"), accessToken),
    origins,
    version: versionName(found),
    passedMs,
    ageMs: () => Math.max(0, nowMs() - obtainedAt.getTime()),
    endsSoon: () => expiresAt !== undefined && endsWithinMargin({ obtainedAt, expiresAt }, new Date(nowMs())),
  };
}

function openStored(vault: Vault, sealed: SealedSecret, use: SecretUse, auth: TokenAuth): Secret {
  try {
    return vault.openSealed(sealed, use);
  } catch (error) {
    throw explainNotOpened(error, auth);
  }
}

async function replaceToken(deps: TokenDeps, key: TokenKey, auth: TokenAuth, refused: string): Promise<boolean> {
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
