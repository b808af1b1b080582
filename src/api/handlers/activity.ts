import { listActivity } from "#domain/syncs/list-activity.ts";
import * as contract from "../contract/workspaces.ts";
import { type Handler, handle } from "../handle.ts";

export const activityHandlers = (deps: Parameters<typeof listActivity>[0]): Handler[] => [
  handle(contract.listActivity, async ({ workspace, query }) => {
    const { items, ...more } = await listActivity(deps, workspace, query);
    return { items: items.map((item) => ({ ...item, at: item.at.toISOString() })), ...more };
  }),
];
