import { isDeepStrictEqual } from "node:util";
import { notFound } from "#core/errors.ts";
import type { SyncId } from "#core/ids.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import { parseRule } from "#jobs/schedule-rule.ts";
import { auditedFields } from "./audited-fields.ts";
import { type SyncDeps, syncNameTaken } from "./create-sync.ts";
import { toFolderPath } from "./folder-path.ts";
import { checkHandoff } from "./handoffs/check-handoff.ts";
import { redirectHandoffs } from "./handoffs/queries.ts";
import { lockSync, writeSync } from "./queries.ts";
import { readSync, type SyncOverview } from "./read-syncs.ts";
import { compileSelection } from "./selection.ts";
import type { SyncSettings } from "./sync.ts";

/** What is to be different. Whether it is enabled is the business of pausing and resuming. */
export type SyncChange = { [Field in Exclude<keyof SyncSettings, "enabled">]?: SyncSettings[Field] | undefined };

/**
 * Changes a sync; the next run applies it to all its files.
 * @throws AppError not_found, invalid_request with pointers to the fields, name_taken
 */
export async function updateSync(
  deps: Pick<SyncDeps, "database" | "providers">,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: SyncId,
  change: SyncChange,
): Promise<SyncOverview> {
  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      const before = await lockSync(tx, id);
      if (!before) throw notFound();
      const wanted = readChange(change);
      const after = { ...before, ...wanted };
      if (wanted.filters || wanted.rules) compileSelection(after);
      const otherSelection =
        before.unusable !== undefined || selective.some((field) => !isDeepStrictEqual(before[field], after[field]));
      if (wanted.handoff !== undefined) {
        await checkHandoff(tx, deps, wanted.handoff, before.destination);
        await redirectHandoffs(tx, id, wanted.handoff);
      }
      await writeSync(tx, id, wanted, { otherSelection, by: personOf(actor) });
      await audit(tx, {
        actor,
        action: "sync.updated",
        target: { kind: "sync", id, label: after.name },
        ...differences(auditedFields(before), auditedFields(after)),
      });
      await notifyLive(tx, { workspace, type: "changed", what: "syncs", sync_id: id });
      return readSync(tx, id);
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "syncs_name") ? syncNameTaken() : error;
    });
}

/** What decides which files are kept, and what is read off their paths. */
const selective = ["folders", "filters", "rules", "exports"] as const;

/** The fields that are there, in the form in which they are kept. */
function readChange({ schedule, folders, ...change }: SyncChange): Partial<SyncSettings> {
  return {
    ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
    ...(schedule && { schedule: parseRule(schedule, "/schedule") }),
    ...(folders && { folders: folders.map((folder) => ({ ...folder, path: toFolderPath(folder.path) })) }),
  };
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>) {
  const changed = Object.keys(after).filter((field) => !isDeepStrictEqual(before[field], after[field]));
  const pick = (fields: Record<string, unknown>) => Object.fromEntries(changed.map((field) => [field, fields[field]]));
  return { before: pick(before), after: pick(after) };
}
