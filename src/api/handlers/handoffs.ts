import type { HandoffId, SyncId } from "#core/ids.ts";
import type { SyncDeps } from "#domain/syncs/create-sync.ts";
import { listHandoffs } from "#domain/syncs/handoffs/list-handoffs.ts";
import { handStoredOver, replayHandoffs } from "#domain/syncs/handoffs/replay.ts";
import * as contract from "../contract/handoffs.ts";
import { type Handler, handle } from "../handle.ts";
import { toHandoffView } from "../views/handoff.ts";

export const handoffHandlers = (deps: Pick<SyncDeps, "database">): Handler[] => [
  handle(contract.listHandoffs, async ({ workspace, params, query }) => {
    const { items, ...more } = await listHandoffs(deps, workspace, params.id as SyncId, query);
    return { items: items.map(toHandoffView), ...more };
  }),
  handle(contract.replayHandoffs, async (ctx) => ({
    queued: await replayHandoffs(deps, ctx, ctx.params.id as SyncId, ctx.body.handoffs as HandoffId[] | undefined),
  })),
  handle(contract.handStoredOver, async (ctx) => ({
    queued: await handStoredOver(deps, ctx, ctx.params.id as SyncId),
  })),
];
