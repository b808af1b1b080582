import { AppError, ProviderError } from "#core/errors.ts";
import type { TokenDeps } from "./deps.ts";
import { findRenewal, writeRenewAt } from "./queries.ts";
import { refreshToken, type TokenKey } from "./refresh.ts";
import { planRenewal } from "./renewal-time.ts";

/**
 * Renews a token before it is needed (SR-41): one that is in use before it ends, and any before its refresh token dies
 * of disuse. One that nobody uses is only planned anew. How it ends is written where every refresh writes it.
 */
export async function renewToken(deps: TokenDeps, key: TokenKey): Promise<void> {
  const isDue = await deps.database.asWorkspace(key, async (tx) => {
    const token = await findRenewal(tx, key.connection);
    if (!token) return false;
    const earliest = planRenewal(token, { ...token, chance: 1 });
    if (earliest && earliest <= token.now) return true;
    await writeRenewAt(tx, key.connection, planRenewal(token, { ...token, chance: Math.random() }));
    return false;
  });
  if (!isDue) return;
  try {
    await refreshToken(deps, key, { for: "renewal" });
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof AppError)) throw error;
  }
}
