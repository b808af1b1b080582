import { AppError, invalidField } from "#core/errors.ts";
import type { SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { foldKey, mirrorKey } from "#destinations/object-key.ts";
import type { DestinationDeps } from "./open-destination.ts";
import { findDestinations } from "./queries.ts";
import type { DestinationChoice, KeptDestination } from "./sync.ts";

type Kept = Exclude<KeptDestination, { kind: "none" }>;

/**
 * Sees that a destination can be a sync's: the operator names its root, and its folder is a path below the workspace's.
 * @throws AppError invalid_request with a pointer below `/destination`
 */
export function checkDestinationFolder(deps: DestinationDeps, destination: DestinationChoice): void {
  if (destination.kind === "none") return;
  if (destination.kind === "local-folder" && !deps.destinationRoots.has(destination.root)) {
    throw invalidField("/destination/root", `There is no destination "${destination.root}" on this installation.`);
  }
  const names = destination.folder.split("/");
  if (
    names.some((name) => name === "" || name === "." || name === ".." || name.includes("\\") || name.includes("\0"))
  ) {
    throw invalidField(
      "/destination/folder",
      "Enter folder names with / between them, without . or .. and without a / at either end.",
    );
  }
}

/**
 * A folder belongs to one sync alone: what is the same, above or below, in whatever case, is taken.
 * @throws AppError destination_in_use
 */
export function refuseSharedFolder(
  deps: Pick<DestinationDeps, "destinationRoots">,
  wanted: KeptDestination,
  others: readonly { name: string; destination: KeptDestination; account: string | null }[],
  /** Whose bucket it is, where it is one: connections to the same one share it. */
  account: string | null,
): void {
  if (wanted.kind === "none") return;
  const place = placeOf(deps, wanted, account);
  const owner = others.find(({ destination, account: itsAccount }) => {
    if (destination.kind === "none") return false;
    const other = placeOf(deps, destination, itsAccount);
    return place.startsWith(other) || other.startsWith(place);
  });
  if (!owner) return;
  const detail = `The sync "${owner.name}" puts its files there. Choose a folder of its own for this one.`;
  throw new AppError("destination_in_use", detail, {
    errors: [{ pointer: "/destination/folder", code: "destination_in_use", detail }],
  });
}

/**
 * The same for a sync that is there: its row may have come from plain SQL (SR-62). Of two that share a folder it is the
 * older one's, so that neither takes the other's objects for its own (SR-84).
 * @throws AppError destination_in_use
 */
export async function refuseTakenFolder(
  tx: WorkspaceTx,
  deps: Pick<DestinationDeps, "destinationRoots">,
  sync: SyncId,
): Promise<void> {
  const all = await findDestinations(tx);
  const at = all.findIndex(({ id }) => id === sync);
  const own = all[at];
  if (own) refuseSharedFolder(deps, own.destination, all.slice(0, at), own.account);
}

/** The folder with a `/` at its end, as a file system sees it that knows neither case nor forms of Unicode. */
function placeOf(
  { destinationRoots }: Pick<DestinationDeps, "destinationRoots">,
  kept: Kept,
  account: string | null,
): string {
  const [first, ...rest] = kept.folder.split("/").filter((name) => name !== "");
  const below = first === undefined ? "" : `${foldKey(mirrorKey([first, ...rest]))}/`;
  if (kept.kind === "store") return `store\0${account ?? kept.connection_id}\0${below}`;
  return `${destinationRoots.get(kept.root) ?? kept.root}\0${below}`;
}
