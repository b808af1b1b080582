import type { RemoteId } from "#core/ids.ts";
import type { Fault } from "./sim/faults.ts";
import type { ListingQuirks } from "./sim/files.ts";

/** A pretend provider that answers the calls we make, in the provider's own wire format. */
export interface Simulator {
  fetch(request: Request): Promise<Response>;
  failNext(fault: Fault): void;
}

/** Somebody who works at the source while we look: makes files, edits, moves and removes them. */
export interface FileEditor {
  readonly drive: RemoteId;
  addFolder(name: string, folder?: RemoteId): RemoteId;
  addFile(name: string, bytes: Uint8Array, folder?: RemoteId): RemoteId;
  rewrite(file: RemoteId, bytes: Uint8Array): void;
  move(file: RemoteId, folder: RemoteId): void;
  rename(file: RemoteId, name: string): void;
  remove(file: RemoteId): void;
}

export interface FileSimulator extends Simulator, FileEditor {
  readonly quirks: ListingQuirks;
  /** Puts it into the trash, out of which it can be taken again. */
  throwAway(file: RemoteId): void;
  takeBack(file: RemoteId): void;
  /** Makes a document that has no bytes of its own, where the service has such. */
  addDocument?(name: string, folder?: RemoteId): RemoteId;
  loseCursors(): void;
  losePages(): void;
}
