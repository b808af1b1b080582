import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { SendPatiently } from "#outbound/send-patiently.ts";
import { type AuthType, authOfType } from "#provider-kit/auth.ts";
import type { Call, FirstCall, KeptValues, Provider } from "#provider-kit/provider.ts";
import type { SecretUse } from "#vault/seal.ts";
import { type Access, openAccess } from "./access.ts";
import { type Connected, loadConnected } from "./connected.ts";
import { WRONG_ACCOUNT } from "./connection.ts";
import { type HttpDeps, providerHttp } from "./provider-http.ts";
import type { Redaction } from "./redaction.ts";
import type { TokenDeps } from "./tokens/deps.ts";
import { validateConfig } from "./validate-config.ts";

/** What it takes to connect providers, and to call them. */
export interface ConnectionDeps extends TokenDeps {
  sendPatiently: SendPatiently;
  clock: Clock;
  /** Where people reach this installation; redirect addresses begin with it. */
  publicUrl: string;
}

/**
 * Everything needed to call a provider for one connection, until `signal` ends it. Fails with `not_found`, and with
 * `connection_not_active` where the connection has never passed a test, leads to another account than the pinned one
 * (SR-42), its provider is no longer installed or its config is not one that the provider takes, however it came into
 * the row (SR-62).
 */
export async function openConnection(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  id: ConnectionId,
  about: { use: SecretUse; signal: AbortSignal },
): Promise<{ provider: Provider; call: Call }> {
  const connected = await deps.database.asWorkspace({ workspace }, (tx) => loadConnected(tx, deps, id));
  return { provider: connected.provider, call: callOf(deps, workspace, connected, about) };
}

/** The same of one that has just been loaded. @throws AppError connection_not_active */
export function callOf(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  { connection, provider, auth }: Connected,
  about: { use: SecretUse; signal: AbortSignal },
): Call {
  if (!connection.account) {
    throw new AppError("connection_not_active", `${connection.name} has not passed a test yet. Test it first.`);
  }
  if (connection.failure?.kind === WRONG_ACCOUNT) {
    throw new AppError("connection_not_active", `${connection.name}: ${connection.failure.message}`);
  }
  const { id } = connection;
  const access = openAccess(deps, { workspace, connection: id, provider, auth, use: about.use });
  const first = firstCall(deps, provider, connection.config, {
    kept: connection.kept,
    auth: auth.type,
    access,
    use: about.use,
    signal: about.signal,
    scope: workspace,
    lane: id,
  });
  return { ...first, account: connection.account };
}

export interface AboutCall {
  kept: KeptValues;
  auth: AuthType;
  access: Access;
  /** Who calls, and what for. */
  use: SecretUse;
  signal: AbortSignal;
  /** Who shares the health of the provider's hosts. */
  scope: WorkspaceId;
  /** Whose turns at the provider are shared; those of nobody else where it is left out. */
  lane?: string;
  /** Hears of every secret that is sent, for whoever shows what came back. */
  redaction?: Redaction;
  /** How often a request is sent at most; as often as is usual unless said. */
  mostTries?: number;
}

/** What a provider is called with before we know whose account it is. A config it does not take: `invalid_request`. */
export function firstCall(deps: HttpDeps, provider: Provider, config: unknown, about: AboutCall): FirstCall {
  const read = validateConfig(provider, config);
  const { kept, auth, lane = crypto.randomUUID(), ...rest } = about;
  const way = authOfType(provider.auth(read), auth);
  const http = providerHttp(deps, provider, { ...rest, config: read, kept, lane, auth: way });
  return { config: read, kept, auth, signal: about.signal, http };
}
