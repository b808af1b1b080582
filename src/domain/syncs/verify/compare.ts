import type { Sighting } from "../run/tree.ts";
import type { KeptFile } from "./queries.ts";
import type { Difference } from "./verification.ts";

/** In what one entry at the source and its row here are not the same; nothing where they are. Pure. */
export function compare(
  seen: Sighting,
  folder: string,
  kept: KeptFile | undefined,
  keepsBytes: boolean,
): Difference | undefined {
  const at = { name: seen.name, path: folder, fileId: kept?.id };
  if (!kept) return { ...at, kind: "missing_here", detail: "It is at the source and not here." };
  const different = (detail: string): Difference => ({ ...at, kind: "different", detail });
  if (kept.is_folder !== seen.is_folder) return different("One is a folder, the other a file.");
  if (kept.parent_id !== seen.parent_id) return different(`Here it lies in ${kept.folder || "/"}.`);
  if (kept.name !== seen.name) return different(`Here it is called "${kept.name}".`);
  if (seen.is_folder) return undefined;
  if (seen.state === "skipped") {
    return kept.state === "skipped" ? undefined : different("The selection leaves it out, and here it is kept.");
  }
  if (kept.state === "skipped") return different("The selection keeps it, and here it is left out.");
  if (kept.version !== seen.version) return different("The source has another version.");
  if (!keepsBytes) return undefined;
  if (kept.state === "failed") return different(kept.failure?.message ?? "It could not be copied.");
  if (kept.object_key === null) return different("It has not been copied yet.");
  if (kept.object_version !== seen.version) return different("The destination has an earlier version.");
  return undefined;
}
