import type { Clock } from "#core/clock.ts";
import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Outbound } from "#outbound/client.ts";
import type { Call, FirstCall, Provider } from "#provider-kit/provider.ts";
import { providerHttp } from "./provider-http.ts";
import { findConnection } from "./queries.ts";
import { validateConfig } from "./validate-config.ts";

/** What it takes to call a provider. */
export interface OpeningDeps {
  database: Database;
  providers: ReadonlyMap<string, Provider>;
  outbound: Outbound;
}

export interface ConnectionDeps extends OpeningDeps {
  clock: Clock;
}

/**
 * Everything needed to call a provider for one connection, until `signal` ends it. Fails with `not_found`, and with
 * `connection_not_active` where the connection has never passed a test, its provider is no longer installed or its
 * config is not one that the provider takes, however it came into the row (SR-62).
 */
export async function openConnection(
  deps: OpeningDeps,
  workspace: WorkspaceId,
  id: ConnectionId,
  signal: AbortSignal,
): Promise<{ provider: Provider; call: Call }> {
  const connection = await deps.database.asWorkspace({ workspace }, (tx) => findConnection(tx, id));
  if (!connection) throw notFound();
  const provider = deps.providers.get(connection.provider);
  if (!provider) {
    throw new AppError(
      "connection_not_active",
      `${connection.name}: there is no provider "${connection.provider}" here.`,
    );
  }
  if (!connection.account) {
    throw new AppError("connection_not_active", `${connection.name} has not passed a test yet. Test it first.`);
  }
  let first: FirstCall;
  try {
    first = firstCall(deps, provider, connection.config, signal);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("connection_not_active", `${connection.name} has a config that is not valid: ${error.message}`);
  }
  return { provider, call: { ...first, account: connection.account } };
}

/** What a provider is called with before we know whose account it is. A config it does not take: `invalid_request`. */
export function firstCall(
  deps: Pick<OpeningDeps, "outbound">,
  provider: Provider,
  config: unknown,
  signal: AbortSignal,
): FirstCall {
  const read = validateConfig(provider, config);
  return { config: read, signal, http: providerHttp(deps.outbound, provider, read, signal) };
}
