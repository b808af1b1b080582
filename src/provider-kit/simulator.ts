import type { RemoteId } from "#core/ids.ts";

/** A pretend provider that answers the calls we make, in the provider's own wire format. */
export interface Simulator {
  fetch(request: Request): Promise<Response>;
  failNext(reply: { status: number; headers?: Record<string, string>; body?: unknown }): void;
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
  loseCursors(): void;
}
