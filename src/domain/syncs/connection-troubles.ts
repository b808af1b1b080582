import type { WorkspaceTx } from "#db/database.ts";
import { beforeConfig } from "#domain/catalog/before-config.ts";
import { type CatalogDeps, findProvider } from "#domain/catalog/find-provider.ts";
import type { ConnectionInUse } from "#domain/connections/connection.ts";
import { lifeOf } from "#domain/connections/connection-card.ts";
import { authOfType } from "#provider-kit/auth.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { type Attention, connectionTrouble, signInEnds } from "./attention.ts";

/** So long before a sign-in ends, a person is asked for the next one. */
const SOON_MS = 7 * 24 * 60 * 60 * 1000;

/** Connections that wait for a person, and those that will within a week because their sign-in ends then. */
export async function findConnectionTroubles(
  tx: WorkspaceTx,
  deps: Pick<CatalogDeps, "providers" | "sandbox">,
  connections: readonly ConnectionInUse[],
  now: Date,
): Promise<Attention[]> {
  const troubles: Attention[] = [];
  for (const connection of connections) {
    if (!isBroken(connection) && !mayEndSoon(connection, now)) continue;
    const found = await findProvider(tx, deps, connection.provider, connection.sandbox);
    const providerName = found?.provider.name ?? connection.provider;
    if (isBroken(connection)) {
      const needsAuthorization = connection.status === "needs_authorization";
      const since = toDate(connection.failure?.at);
      troubles.push(connectionTrouble({ ...connection, providerName, needsAuthorization, since }));
      continue;
    }
    const end = found && endOf(connection, found.provider);
    if (end && isSoon(end, now)) troubles.push(signInEnds({ ...connection, providerName, end }));
  }
  return troubles;
}

const isBroken = ({ status }: ConnectionInUse) => status === "error" || status === "needs_authorization";

const isSoon = (end: Date, now: Date) => end.getTime() - now.getTime() < SOON_MS;

/** Told by the row alone, so that providers are looked up for few. */
function mayEndSoon({ status, tokens }: ConnectionInUse, now: Date): boolean {
  if (status !== "active" || !tokens) return false;
  const end = tokens.hasRefresh ? tokens.refreshExpiresAt : tokens.expiresAt;
  return end !== undefined && isSoon(end, now);
}

/** When a person has to sign in again. The end by disuse is not one: Hawser uses the sign-in before. */
function endOf({ authType, config, tokens }: ConnectionInUse, provider: Provider): Date | undefined {
  const auth = authOfType(
    beforeConfig(() => provider.auth(config)),
    authType,
  );
  const end = auth && tokens && lifeOf(auth, tokens).end;
  return end?.because === "idle" ? undefined : end?.at;
}

function toDate(text: string | undefined): Date | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time);
}
