import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { placeSampleDocuments } from "./sample-documents.ts";
import { projectFolder } from "./settings.ts";

/**
 * Outside of production nobody has to make a folder before the first sync. In production a destination that is missing
 * is a disk that is not mounted, and making it would fill the wrong one.
 */
export function makeDefaultFolders(config: Config): void {
  if (config.production) return;
  for (const path of config.destinationRoots.values()) mkdirSync(path, { recursive: true });
  const documents = config.sourceRoots.get("documents");
  if (documents === join(projectFolder, "documents") && !existsSync(documents)) placeSampleDocuments(documents);
}
