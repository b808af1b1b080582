import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { type FoundProvider, findProvider } from "#domain/catalog/find-provider.ts";
import type { Patience } from "#outbound/send-patiently.ts";
import type { SecretUse } from "#vault/seal.ts";
import { type Access, openAccess, secretUse } from "../access.ts";
import { type Connected, loadConnected } from "../connected.ts";
import type { Caller } from "../connection.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { knownAddresses } from "../tokens/credential.ts";

/** A connection with all that calls through it are made of. It need not work: calls are how one finds out. */
export interface CallTarget extends Connected {
  found: FoundProvider;
  /** What paths are put behind. */
  base: string;
  access: Access;
  use: SecretUse;
  lane: Patience["lane"];
}

/** @throws AppError not_found, connection_not_active, invalid_request where its provider calls nobody */
export async function openTarget(
  deps: ConnectionDeps,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: ConnectionId,
): Promise<CallTarget> {
  const { found, ...connected } = await deps.database.asWorkspace({ workspace }, async (tx) => {
    const known = await loadConnected(tx, deps, id);
    return { ...known, found: await findProvider(tx, deps, known.connection.provider, known.connection.sandbox) };
  });
  if (!found) throw notFound();
  const { provider, auth } = connected;
  const base = baseOf(connected);
  if (base === undefined) {
    throw new AppError("invalid_request", `${provider.name} has no address to send requests to, or none yet.`);
  }
  const use = secretUse(actor, "test call");
  return {
    ...connected,
    found,
    base,
    use,
    access: openAccess(deps, { workspace, connection: id, provider, auth, use }),
    lane: provider.pace && { key: id, rate: provider.pace },
  };
}

/** The address that paths are put behind; nothing for a provider that calls nobody, and before it is known. */
export function baseOf({ connection, provider, config }: Connected): string | undefined {
  const [base] = knownAddresses(provider, config, connection.kept);
  return base === undefined || /[*{}]/.test(base) ? undefined : base;
}
