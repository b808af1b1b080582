import type { CallId, ConnectionId } from "#core/ids.ts";
import { callConnection } from "#domain/connections/calls/call-connection.ts";
import { listActions } from "#domain/connections/calls/list-actions.ts";
import { getCall, listCalls } from "#domain/connections/calls/read-calls.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import * as contract from "../contract/calls.ts";
import { type Handler, handle } from "../handle.ts";
import { toActionView, toCallSummaryView, toCallView } from "../views/call.ts";

export const callHandlers = (deps: ConnectionDeps): Handler[] => [
  handle(contract.listActions, async ({ workspace, params }) => {
    const { base, actions } = await listActions(deps, workspace, params.id as ConnectionId);
    return { base_url: base ?? null, items: actions.map(toActionView) };
  }),
  handle(contract.callConnection, async (ctx) => {
    const call = await callConnection(deps, ctx, ctx.params.id as ConnectionId, ctx.body, (tx, made) =>
      ctx.complete(tx, toCallView(made)),
    );
    return toCallView(call);
  }),
  handle(contract.listCalls, async ({ workspace, params, query }) => {
    const { items, ...more } = await listCalls(deps, workspace, params.id as ConnectionId, query);
    return { items: items.map(toCallSummaryView), ...more };
  }),
  handle(contract.getCall, async ({ workspace, params }) =>
    toCallView(await getCall(deps, workspace, params.id as CallId)),
  ),
];
