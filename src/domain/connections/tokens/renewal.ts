import { AppError, ProviderError } from "#core/errors.ts";
import type { TokenDeps } from "./deps.ts";
import { findRenewal, putOffRenewal, writeRenewAt } from "./queries.ts";
import { refreshToken, type TokenKey } from "./refresh.ts";
import { planRenewal } from "./renewal-time.ts";

/** When one is tried again whose failure says nothing about that. */
const AGAIN_IN_S = 60 * 60;

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
    // One that cannot be renewed at all, such as one of a provider that was switched off, would be due for ever and, with
    // others like it, keep those behind them from ever being found.
    await deps.database.asWorkspace(key, (tx) => putOffRenewal(tx, key.connection, AGAIN_IN_S));
    if (!(error instanceof ProviderError || error instanceof AppError)) throw error;
  }
}
