import type { ConnectionId, RemoteId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { chooseExport } from "../exports.ts";
import { compileSelection } from "../selection.ts";
import { readSettings } from "../settings-schema.ts";
import type { FolderChoice, KeptDestination, SyncSettings } from "../sync.ts";
import type { Judge } from "./sighting.ts";

/** A sync as a run needs it, its settings checked again because a row may come from plain SQL (SR-62). */
export interface SyncAtWork {
  readonly id: SyncId;
  readonly name: string;
  readonly workspaceSlug: string;
  readonly connection: ConnectionId;
  readonly drive: { readonly id: RemoteId; readonly name: string };
  readonly folders: readonly FolderChoice[];
  readonly destination: KeptDestination;
  readonly onDelete: SyncSettings["onDelete"];
  /** When every folder was last looked at, whatever its roll-up said. */
  readonly walkedAt: Date | undefined;
  readonly maxFilesPerRun: number | undefined;
  /** Which one of its selections this is. */
  readonly selectionVersion: number;
  /** The tree is still that of an earlier one. */
  readonly selectionChanged: boolean;
  readonly removalDecision: "approve" | "keep" | undefined;
  readonly judge: Judge;
}

/** The settings of the row are not ones that a sync can run with. The message says which. */
export class UnusableSync extends Error {
  override readonly name = "UnusableSync";
}

interface Row {
  id: SyncId;
  name: string;
  slug: string;
  connection_id: ConnectionId;
  drive_id: RemoteId;
  drive_name: string;
  folders: unknown;
  filters: unknown;
  rules: unknown;
  destination: unknown;
  schedule: unknown;
  exports: unknown;
  on_delete: SyncSettings["onDelete"];
  walked_at: Date | null;
  max_files_per_run: number | null;
  selection_version: number;
  selection_changed: boolean;
  removal_decision: "approve" | "keep" | null;
}

/** Nothing when the sync has been deleted. @throws UnusableSync */
export async function loadSync(tx: WorkspaceTx, id: SyncId): Promise<SyncAtWork | undefined> {
  const [row] = await tx.sql<Row>`
    select s.id, s.name, w.slug, s.connection_id, s.drive_id, s.drive_name, s.folders, s.filters, s.rules, s.destination, s.schedule, s.exports, s.on_delete, s.walked_at,
           s.max_files_per_run, s.selection_version, s.selection_version <> s.projected_version as selection_changed, s.removal_decision
      from syncs s join workspaces w on w.id = s.workspace_id
     where s.id = ${id} and s.deleted_at is null`;
  if (!row) return undefined;
  const { errors, folders, filters, rules, destination, exports } = readSettings(row);
  if (errors[0]) throw new UnusableSync(`${errors[0].detail} (${errors[0].pointer})`);
  let selection: ReturnType<typeof compileSelection>;
  try {
    selection = compileSelection({ filters, rules });
  } catch (cause) {
    throw new UnusableSync(
      `The filters or rules of this sync cannot be used: ${cause instanceof Error ? cause.message : ""}`,
      { cause },
    );
  }
  const wanted = destination.kind === "none" ? "indexed" : "waiting";
  return {
    id: row.id,
    name: row.name,
    workspaceSlug: row.slug,
    connection: row.connection_id,
    drive: { id: row.drive_id, name: row.drive_name },
    folders,
    destination,
    onDelete: row.on_delete,
    walkedAt: row.walked_at ?? undefined,
    maxFilesPerRun: row.max_files_per_run ?? undefined,
    selectionVersion: row.selection_version,
    selectionChanged: row.selection_changed,
    removalDecision: row.removal_decision ?? undefined,
    judge: {
      file(file) {
        const verdict = selection.judge(file);
        return verdict.keep ? { state: wanted, reason: null } : { state: "skipped", reason: verdict.reason };
      },
      metadata: selection.metadata,
      looksAtPaths: filters.include.length > 0 || filters.exclude.length > 0,
      exportAs: (offered) => chooseExport(offered, exports),
    },
  };
}

/** Not the selection that the row has by now: somebody may have changed it since it was read. */
export async function markProjected(
  tx: WorkspaceTx,
  { id, selectionVersion }: Pick<SyncAtWork, "id" | "selectionVersion">,
): Promise<void> {
  await tx.sql`update syncs set projected_version = ${selectionVersion}, walked_at = null where id = ${id}`;
}

/** From now on another disk in the place of the destination is refused. */
export async function keepDestinationIdentity(tx: WorkspaceTx, id: SyncId, identity: string): Promise<void> {
  await tx.sql`
    update syncs set destination = destination || jsonb_build_object('identity', ${identity}::text)
     where id = ${id} and destination ->> 'identity' is null`;
}
