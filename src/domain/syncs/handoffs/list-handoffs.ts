import { notFound } from "#core/errors.ts";
import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database } from "#db/database.ts";
import { findSync } from "../queries.ts";
import type { Handoff, HandoffCounts } from "./handoff.ts";
import { countHandoffs, countUntold, findHandoffs, type HandoffQuery } from "./queries.ts";

/** One page of what a sync has told its receiver, and how many there are of each kind. @throws AppError not_found */
export const listHandoffs = (
  deps: { database: Database },
  workspace: WorkspaceId,
  sync: SyncId,
  query: HandoffQuery,
): Promise<Page<Handoff> & { counts: HandoffCounts }> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const owner = await findSync(tx, sync);
    if (!owner) throw notFound();
    const page = await findHandoffs(tx, sync, query);
    const counts = await countHandoffs(tx, sync);
    return { ...page, counts: { ...counts, unknown: owner.handoff ? await countUntold(tx, sync) : 0 } };
  });
