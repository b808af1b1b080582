/** A string that has been told what it names, so that a run's id cannot be passed where a connection's is meant. */
type Id<Name extends string> = string & { readonly __names: Name };

export type WorkspaceId = Id<"workspace">;
export type UserId = Id<"user">;
export type InvitationId = Id<"invitation">;
export type ApiKeyId = Id<"api-key">;
export type ConnectionId = Id<"connection">;
/** Of a workspace secret. */
export type SecretId = Id<"secret">;
export type CustomProviderId = Id<"custom-provider">;
/** Of a test call. */
export type CallId = Id<"call">;
export type SyncId = Id<"sync">;
export type SyncRunId = Id<"sync-run">;
export type FileId = Id<"file">;
/** `evt_` and a ULID. */
export type HandoffId = Id<"handoff">;
/** A provider's own name for a drive, a file or a folder. Opaque to us. */
export type RemoteId = Id<"remote">;
/** Where a listing or a change feed left off. Only the provider that made it can read it. */
export type Cursor = Id<"cursor">;

/**
 * A new UUID of version 7 (RFC 9562): its first 48 bits are the time in milliseconds, so that rows made together lie
 * together in an index.
 */
export function newId<T extends string>(now: number = Date.now()): T {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = now;
  for (let index = 5; index >= 0; index--) {
    bytes[index] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as T;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isUuid = (text: string): boolean => uuid.test(text);
