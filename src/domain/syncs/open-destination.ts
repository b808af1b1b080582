import type { Clock } from "#core/clock.ts";
import { AppError, invalidField } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Destination } from "#destinations/destination.ts";
import { localFolderDestination } from "#destinations/local-folder.ts";
import { objectStoreDestination } from "#destinations/object-store.ts";
import { type ConnectionDeps, openConnection } from "#domain/connections/open-connection.ts";
import type { SecretUse } from "#vault/seal.ts";
import { bindStore } from "./bind-store.ts";
import type { KeptDestination } from "./sync.ts";

export interface DestinationDeps {
  /** The roots that the operator opened for writing: name → absolute path. */
  destinationRoots: ReadonlyMap<string, string>;
  clock: Clock;
}

/**
 * Where a sync puts its files: `<root>/<workspace slug>/<folder>`, or a folder in the bucket of a connection, which is
 * called until `signal` ends it; nothing for a sync that keeps none. A root that the operator does not name (any more)
 * is an `invalid_request` at `/destination/root`; a connection that cannot be used fails as `openConnection` does.
 * `mayChange` throws once the caller may not change objects any more.
 */
export async function openDestination(
  deps: DestinationDeps & ConnectionDeps,
  of: { workspace: WorkspaceId; slug: string; destination: KeptDestination },
  about: { use: SecretUse; signal: AbortSignal; mayChange?: () => void },
): Promise<Destination | undefined> {
  const { destination } = of;
  if (destination.kind === "none") return undefined;
  const { use, signal, mayChange } = about;
  const common = {
    folder: destination.folder,
    ...(destination.identity !== undefined && { identity: destination.identity }),
    clock: deps.clock,
    ...(mayChange && { mayChange }),
  };
  if (destination.kind === "store") {
    const id = destination.connection_id as ConnectionId;
    const { provider, call } = await openConnection(deps, of.workspace, id, { use, signal }).catch(explainGone);
    if (!provider.store) throw new AppError("connection_not_active", `${provider.name} stores no files.`);
    const label = `${call.account.label}/${destination.folder}`;
    return objectStoreDestination({ ...common, store: bindStore(provider.store, call), label });
  }
  if (!deps.destinationRoots.has(destination.root)) {
    throw invalidField("/destination/root", `There is no destination "${destination.root}" on this installation.`);
  }
  return localFolderDestination({
    ...common,
    roots: deps.destinationRoots,
    root: destination.root,
    workspace: of.slug,
  });
}

/** A row from plain SQL may name anything (SR-62). */
function explainGone(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== "not_found") throw error;
  throw new AppError("connection_not_active", "The connection that files were to be put into is not there.");
}
