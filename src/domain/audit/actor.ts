import type { ApiKeyId, UserId } from "#core/ids.ts";

/** Who does something, as the audit log will name them. `address` and `requestId` say where the wish came from. */
export type Actor = (
  | { kind: "user"; id: UserId; label: string }
  | { kind: "api_key"; id: ApiKeyId; label: string }
  | { kind: "system" | "cli"; label: string }
) & { address?: string; requestId?: string };

/** The person behind an actor, for columns such as `created_by`; nothing when a key or Hawser itself acted. */
export const personOf = (actor: Actor): UserId | null => (actor.kind === "user" ? actor.id : null);
