import { AppError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { nameInStore } from "#destinations/object-store.ts";
import { loadConnected } from "#domain/connections/connected.ts";
import type { HandedDocument } from "#provider-kit/provider.ts";
import type { KeptDestination } from "../sync.ts";
import type { HandoffDeps } from "./handoff.ts";

/**
 * Where a receiver finds an object: in a bucket, by the name that it has there; below a root of the operator's, without
 * saying where this machine keeps it. `missing` says why that cannot be told now.
 */
export async function findPlace(
  tx: WorkspaceTx,
  deps: HandoffDeps,
  { destination, slug, key }: { destination: KeptDestination; slug: string; key: string },
): Promise<HandedDocument["storage"] | { missing: string }> {
  if (destination.kind === "none") return { kind: "none", bucket: "", path: key };
  if (destination.kind === "local-folder") {
    return { kind: "local-folder", bucket: destination.root, path: `${slug}/${destination.folder}/${key}` };
  }
  const store = await loadConnected(tx, deps, destination.connection_id as ConnectionId).catch((error: unknown) => {
    if (error instanceof AppError) return { missing: error.message };
    throw error;
  });
  if ("missing" in store) return store;
  const { provider, config } = store;
  const { names } = provider.store ?? { names: { longest: Number.POSITIVE_INFINITY } };
  return {
    kind: provider.key,
    bucket: bucketOf(config),
    path: nameInStore(names, destination.folder, key as ObjectKey),
  };
}

/** All stores call it so. */
const bucketOf = (config: unknown): string =>
  typeof config === "object" && config !== null && "bucket" in config && typeof config.bucket === "string"
    ? config.bucket
    : "";
