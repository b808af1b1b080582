import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type CatalogDeps, findProvider } from "#domain/catalog/find-provider.ts";
import { type Auth, authOfType } from "#provider-kit/auth.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { Connection } from "./connection.ts";
import { findConnection } from "./queries.ts";
import { validateConfig } from "./validate-config.ts";

/** A connection together with what its provider says about it now. */
export interface Connected {
  connection: Connection;
  provider: Provider;
  /** As the provider's schema reads it. */
  config: unknown;
  auth: Auth;
}

/**
 * A connection that has not been deleted, whose provider is there and takes its config, however it came into the row
 * (SR-62).
 * @throws AppError not_found, connection_not_active
 */
export async function loadConnected(
  tx: WorkspaceTx,
  deps: Pick<CatalogDeps, "providers" | "sandbox">,
  id: ConnectionId,
): Promise<Connected> {
  const connection = await findConnection(tx, id);
  if (!connection) throw notFound();
  const notActive = (why: string) => new AppError("connection_not_active", `${connection.name}${why}`);
  const found = await findProvider(tx, deps, connection.provider, connection.sandbox);
  if (!found) {
    throw notActive(
      connection.sandbox ? ": the sandbox is off." : `: there is no provider "${connection.provider}" here.`,
    );
  }
  if (!found.active) throw notActive(`: ${found.provider.name} is switched off.`);
  const { provider } = found;
  let config: unknown;
  try {
    config = validateConfig(provider, connection.config);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw notActive(` has a config that is not valid: ${error.message}`);
  }
  const auth = authOfType(provider.auth(config), connection.authType);
  if (!auth) throw notActive(`: ${provider.name} no longer has the way it is signed in with.`);
  return { connection, provider, config, auth };
}
