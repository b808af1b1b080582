import type { WorkspaceTx } from "#db/database.ts";
import { loseAuthorization, noteMended } from "../health/note-health.ts";
import { findConnection } from "../queries.ts";
import { retryAtOnce } from "../tokens/queries.ts";
import { findGrants, tryAgainSoon } from "./queries.ts";

/** `kind` of the failure of connections that were signed in with another client than the one that is set. */
const CLIENT_CHANGED = "client-changed";

/**
 * What follows for a provider's connections from its OAuth client being another one, or the same with another secret.
 * Tokens of another client stay: whoever goes back to that client finds its connections working.
 */
export async function clientChanged(
  tx: WorkspaceTx,
  { provider, name, clientId, at }: { provider: string; name: string; clientId: string | undefined; at: Date },
): Promise<void> {
  for (const grant of await findGrants(tx, provider)) {
    if (grant.clientId !== clientId) {
      await loseAuthorization(tx, grant, {
        kind: CLIENT_CHANGED,
        message:
          clientId === undefined
            ? `There is no OAuth client for ${name} any more. Set one, then sign in again.`
            : `${name} is used with another OAuth client since somebody signed in. Sign in again.`,
        at: at.toISOString(),
      });
    } else if (grant.failure?.kind === CLIENT_CHANGED) {
      const connection = await findConnection(tx, grant.id);
      if (connection) await noteMended(tx, connection, grant.failure);
    }
  }
  await retryAtOnce(tx, provider);
  await tryAgainSoon(tx, provider);
}
