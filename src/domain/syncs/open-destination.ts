import type { Clock } from "#core/clock.ts";
import { invalidField } from "#core/errors.ts";
import type { Destination } from "#destinations/destination.ts";
import { localFolderDestination } from "#destinations/local-folder.ts";
import type { KeptDestination } from "./sync.ts";

export interface DestinationDeps {
  /** The roots that the operator opened for writing: name → absolute path. */
  destinationRoots: ReadonlyMap<string, string>;
  clock: Clock;
}

/**
 * Where a sync puts its files: `<root>/<workspace slug>/<folder>`; nothing for a sync that keeps none. A root that the
 * operator does not name (any more) is an `invalid_request` at `/destination/root`. `mayChange` throws once the caller
 * may not change objects any more.
 */
export function openDestination(
  deps: DestinationDeps,
  workspaceSlug: string,
  destination: KeptDestination,
  mayChange?: () => void,
): Destination | undefined {
  if (destination.kind === "none") return undefined;
  if (!deps.destinationRoots.has(destination.root)) {
    throw invalidField("/destination/root", `There is no destination "${destination.root}" on this installation.`);
  }
  return localFolderDestination({
    roots: deps.destinationRoots,
    root: destination.root,
    workspace: workspaceSlug,
    folder: destination.folder,
    ...(destination.identity !== undefined && { identity: destination.identity }),
    clock: deps.clock,
    ...(mayChange && { mayChange }),
  });
}
