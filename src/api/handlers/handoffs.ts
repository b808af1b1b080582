import type { ConnectionId, HandoffId, SyncId } from "#core/ids.ts";
import type { HandoffDeps } from "#domain/syncs/handoffs/handoff.ts";
import { listHandoffs } from "#domain/syncs/handoffs/list-handoffs.ts";
import { makeResultAddress } from "#domain/syncs/handoffs/make-result-address.ts";
import { handStoredOver, replayHandoffs } from "#domain/syncs/handoffs/replay.ts";
import * as contract from "../contract/handoffs.ts";
import { type Handler, handle } from "../handle.ts";
import { toHandoffView } from "../views/handoff.ts";

export const handoffHandlers = (deps: HandoffDeps): Handler[] => [
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
  handle(contract.makeResultAddress, (ctx) => makeResultAddress(deps, ctx, ctx.params.id as ConnectionId)),
];
