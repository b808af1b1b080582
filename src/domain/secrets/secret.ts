import type { SecretId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { OutboundPolicy } from "#outbound/policy.ts";
import type { Vault } from "#vault/seal.ts";

/** A named value of a workspace that templates refer to. The value itself is never in it. */
export interface WorkspaceSecret {
  id: SecretId;
  name: string;
  description: string;
  fingerprint: string;
  /** Where it may be sent (SR-6), as `URL.origin` writes them. */
  origins: string[];
  createdAt: Date;
  /** When the value was entered last, and by whom while that is a member. */
  setAt: Date;
  setBy?: string | undefined;
  lastUsedAt?: Date | undefined;
}

/** Something that refers to a secret by its name. */
export interface SecretUser {
  kind: "provider";
  id: string;
  name: string;
}

export interface SecretInUse extends WorkspaceSecret {
  usedIn: readonly SecretUser[];
}

export interface SecretsDeps {
  database: Database;
  vault: Vault;
  /** Which addresses the operator allows to be called at all. */
  policy: OutboundPolicy;
  /** What refers to secrets, by their names; asked of the folders above. */
  secretUsers(tx: WorkspaceTx): Promise<ReadonlyMap<string, readonly SecretUser[]>>;
}

export interface SecretCaller {
  workspace: WorkspaceId;
  actor: Actor;
}

export const placeOf = (id: SecretId) => ({ table: "workspace_secrets", row: id, field: "sealed" });
