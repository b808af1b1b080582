import type { HandedDocument } from "#provider-kit/provider.ts";
import type { KeptDestination } from "../sync.ts";

/** Where a receiver finds an object, in words that do not say where this machine keeps its folders. */
export function placeOf(destination: KeptDestination, slug: string, key: string): HandedDocument["storage"] {
  if (destination.kind === "none") return { kind: "none", bucket: "", path: key };
  if (destination.kind === "store") {
    return { kind: destination.kind, bucket: destination.connection_id, path: `${destination.folder}/${key}` };
  }
  return { kind: destination.kind, bucket: destination.root, path: `${slug}/${destination.folder}/${key}` };
}
