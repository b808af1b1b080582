import { z } from "zod";
import type { ConnectionId, RemoteId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { compileSelection } from "../selection.ts";
import type { FolderChoice, KeptDestination } from "../sync.ts";
import type { Judge } from "./list-source.ts";

/** A sync as a run needs it, its settings checked again because a row may come from plain SQL (SR-62). */
export interface SyncAtWork {
  readonly id: SyncId;
  readonly name: string;
  readonly workspaceSlug: string;
  readonly connection: ConnectionId;
  readonly drive: { readonly id: RemoteId; readonly name: string };
  readonly folders: readonly FolderChoice[];
  readonly destination: KeptDestination;
  readonly removeObjects: boolean;
  readonly maxFilesPerRun: number | undefined;
  readonly selectionChanged: boolean;
  readonly removalDecision: "approve" | "keep" | undefined;
  readonly judge: Judge;
}

const settings = z.object({
  folders: z.array(
    z.object({ id: z.string().min(1), locator: z.string().nullable().default(null), path: z.string().default("") }),
  ),
  filters: z.object({
    include: z.array(z.string()).default([]),
    exclude: z.array(z.string()).default([]),
    types: z.array(z.string()).default(["*"]),
    min_bytes: z.number().nullable().default(null),
    max_bytes: z.number().nullable().default(null),
  }),
  rules: z.array(
    z.object({
      pattern: z.string(),
      parts: z
        .record(
          z.string(),
          z.object({
            normalize: z
              .array(z.enum(["trim", "collapse_spaces", "lower", "upper", "title", "strip_numbering"]))
              .default([]),
            dictionary: z.record(z.string(), z.string()).default({}),
          }),
        )
        .default({}),
      set: z.record(z.string(), z.string()).default({}),
    }),
  ),
  destination: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("none") }),
    z.object({
      kind: z.literal("local-folder"),
      root: z.string().min(1),
      folder: z.string().min(1),
      layout: z.enum(["ids", "mirror"]).default("ids"),
      identity: z.string().optional(),
    }),
  ]),
});

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
  on_delete: "mark" | "remove";
  max_files_per_run: number | null;
  selection_changed: boolean;
  removal_decision: "approve" | "keep" | null;
}

/** Nothing when the sync has been deleted. @throws UnusableSync */
export async function loadSync(tx: WorkspaceTx, id: SyncId): Promise<SyncAtWork | undefined> {
  const [row] = await tx.sql<Row>`
    select s.id, s.name, w.slug, s.connection_id, s.drive_id, s.drive_name, s.folders, s.filters, s.rules, s.destination, s.on_delete,
           s.max_files_per_run, s.selection_version <> s.projected_version as selection_changed, s.removal_decision
      from syncs s join workspaces w on w.id = s.workspace_id
     where s.id = ${id} and s.deleted_at is null`;
  if (!row) return undefined;
  const read = settings.safeParse(row);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new UnusableSync(`The settings of this sync cannot be used: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { folders, filters, rules, destination } = read.data;
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
    removeObjects: row.on_delete === "remove",
    maxFilesPerRun: row.max_files_per_run ?? undefined,
    selectionChanged: row.selection_changed,
    removalDecision: row.removal_decision ?? undefined,
    judge: {
      file(file) {
        const verdict = selection.judge(file);
        return verdict.keep ? { state: wanted, reason: null } : { state: "skipped", reason: verdict.reason };
      },
      metadata: selection.metadata,
    },
  };
}

export async function markProjected(tx: WorkspaceTx, id: SyncId): Promise<void> {
  await tx.sql`update syncs set projected_version = selection_version where id = ${id}`;
}

/** From now on another disk in the place of the destination is refused. */
export async function keepDestinationIdentity(tx: WorkspaceTx, id: SyncId, identity: string): Promise<void> {
  await tx.sql`
    update syncs set destination = destination || jsonb_build_object('identity', ${identity}::text)
     where id = ${id} and destination ->> 'identity' is null`;
}
