import { AppError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { nameInStore } from "#destinations/object-store.ts";
import { type Connected, loadConnected } from "#domain/connections/connected.ts";
import type { HandedDocument } from "#provider-kit/provider.ts";
import type { KeptDestination } from "../sync.ts";
import type { HandoffDeps } from "./handoff.ts";

type Place = HandedDocument["storage"] | { missing: string };

/**
 * Where a receiver finds objects: in a bucket, by the name that each has there; below a root of the operator's, without
 * saying where this machine keeps it. `missing` says why that cannot be told now. For one transaction: what it has read of
 * a store it does not read again.
 */
export function openPlaces(tx: WorkspaceTx, deps: HandoffDeps) {
  const stores = new Map<string, Promise<Connected | { missing: string }>>();
  const findStore = (id: ConnectionId) =>
    loadConnected(tx, deps, id).catch((error: unknown) => {
      if (error instanceof AppError) return { missing: error.message };
      throw error;
    });
  return async ({
    destination,
    slug,
    key,
  }: {
    destination: KeptDestination;
    slug: string;
    key: string;
  }): Promise<Place> => {
    if (destination.kind === "none") return { kind: "none", bucket: "", path: key };
    if (destination.kind === "local-folder") {
      return { kind: "local-folder", bucket: destination.root, path: `${slug}/${destination.folder}/${key}` };
    }
    const id = destination.connection_id as ConnectionId;
    const known = stores.get(id) ?? findStore(id);
    stores.set(id, known);
    const store = await known;
    if ("missing" in store) return store;
    const { provider, config } = store;
    const { names } = provider.store ?? { names: { longest: Number.POSITIVE_INFINITY } };
    return {
      kind: provider.key,
      bucket: bucketOf(config),
      path: nameInStore(names, destination.folder, key as ObjectKey),
    };
  };
}

/** All stores call it so. */
const bucketOf = (config: unknown): string =>
  typeof config === "object" && config !== null && "bucket" in config && typeof config.bucket === "string"
    ? config.bucket
    : "";
