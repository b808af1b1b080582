import { verifyAudit } from "#domain/audit/verify-audit.ts";
import { counted, type OutputOptions, print } from "../output.ts";
import { withRooms } from "../rooms.ts";
import { chooseWorkspaces } from "../workspaces.ts";

/** Computes the chain of each audit log again (SR-76). */
export const verify = (options: OutputOptions & { workspace?: string }): Promise<void> =>
  withRooms(async ({ rooms: { database }, signal }) => {
    const checked: { workspace: string; intact: boolean; entries: number; broken_at: number | null }[] = [];
    for (const { id, slug } of await chooseWorkspaces(database, options.workspace)) {
      signal.throwIfAborted();
      const { entries, intact, brokenAt } = await verifyAudit({ db: database }, id);
      checked.push({ workspace: slug, intact, entries, broken_at: brokenAt });
    }
    const intact = checked.every((one) => one.intact);
    print(options, { intact, workspaces: checked }, () =>
      checked.length === 0
        ? ["There is no workspace yet."]
        : checked.map((one) =>
            one.intact
              ? `✓ ${one.workspace}: ${counted(one.entries, "entry", "entries")}, none changed or missing`
              : `✗ ${one.workspace}: entry ${one.broken_at} was changed, or is missing, or stands in the wrong place`,
          ),
    );
    if (!intact) process.exitCode = 1;
  });
