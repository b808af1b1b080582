import type { ApiKeyId, InvitationId, UserId, WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Actor } from "../audit/actor.ts";
import type { Role } from "./role.ts";

/** What the use cases of this folder need. */
export interface WorkspacesDeps {
  db: Database;
  /** Links in invitations begin with it (SR-36). */
  publicUrl: string;
}

/** Who acts in a workspace, and as what. */
export interface Acting {
  workspace: WorkspaceId;
  role: Role;
  actor: Actor;
}

/** A workspace as one of its members sees it. */
export interface Workspace {
  id: WorkspaceId;
  name: string;
  slug: string;
  role: Role;
  createdAt: Date;
}

export interface Member {
  user: UserId;
  name: string;
  email: string;
  role: Role;
  createdAt: Date;
}

export interface Invitation {
  id: InvitationId;
  email: string | null;
  role: Role;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date;
}

export interface ApiKey {
  id: ApiKeyId;
  name: string;
  hint: string;
  role: Role;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** What a draft is of. */
export type DraftKind = "sync";

/** What a person has begun to fill in. Only the form that wrote it knows what is in it. */
export interface Draft {
  body: Record<string, unknown>;
  updatedAt: Date;
}
