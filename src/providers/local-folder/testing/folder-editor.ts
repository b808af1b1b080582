import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RemoteId } from "#core/ids.ts";
import type { FileEditor } from "#provider-kit/simulator.ts";
import { identityOf } from "../identity.ts";
import { rawNameOf } from "../name.ts";

export interface FolderEditor extends FileEditor {
  /** The folder that is edited, for what a `FileEditor` cannot do. */
  readonly path: string;
  pathOf(id: RemoteId): string;
  close(): void;
}

/** Somebody working in a folder of their own on this machine's disk. */
export function editFolder(): FolderEditor {
  const path = mkdtempSync(join(tmpdir(), "hawser-folder-"));
  // For the tests that give up root's rights to be refused something.
  chmodSync(path, 0o755);
  const topDevice = lstatSync(path, { bigint: true }).dev;
  const places = new Map<RemoteId, { name: string; folder: RemoteId | undefined }>();

  const pathOf = (id: RemoteId | undefined): string => {
    const place = id === undefined ? undefined : places.get(id);
    return place ? join(pathOf(place.folder), place.name) : path;
  };
  const remember = (name: string, folder: RemoteId | undefined): RemoteId => {
    const stat = lstatSync(join(pathOf(folder), name), { bigint: true });
    const around = { id: "" as RemoteId, topDevice, lastingInodes: true };
    const id = identityOf(stat, rawNameOf(name), around);
    places.set(id, { name, folder });
    return id;
  };
  const take = (id: RemoteId, place: { name?: string; folder?: RemoteId }) => {
    const before = pathOf(id);
    places.set(id, { name: "", folder: undefined, ...places.get(id), ...place });
    renameSync(before, pathOf(id));
  };

  return {
    drive: "documents" as RemoteId,
    path,
    pathOf,
    addFolder(name, folder) {
      mkdirSync(join(pathOf(folder), name));
      return remember(name, folder);
    },
    addFile(name, bytes, folder) {
      writeFileSync(join(pathOf(folder), name), bytes);
      return remember(name, folder);
    },
    rewrite(file, bytes) {
      const { mtimeMs } = lstatSync(pathOf(file));
      writeFileSync(pathOf(file), bytes);
      // The clock of a file system ticks more slowly than a test edits; a person never saves twice in one tick.
      const later = new Date(Math.max(Date.now(), mtimeMs + 10));
      utimesSync(pathOf(file), later, later);
    },
    move: (file, folder) => take(file, { folder }),
    rename: (file, name) => take(file, { name }),
    remove: (file) => rmSync(pathOf(file), { recursive: true }),
    close: () => rmSync(path, { recursive: true, force: true }),
  };
}
