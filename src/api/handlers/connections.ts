import type { ConnectionId, SyncId } from "#core/ids.ts";
import { browse, listDrives } from "#domain/connections/browse.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { deleteConnection } from "#domain/connections/delete-connection.ts";
import { listCatalog } from "#domain/connections/list-catalog.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { checkConnectionName, getConnection, listConnections } from "#domain/connections/read-connections.ts";
import { testConfig, testConnection } from "#domain/connections/test-connection.ts";
import { updateConnection } from "#domain/connections/update-connection.ts";
import { checkSyncName } from "#domain/syncs/read-syncs.ts";
import * as contract from "../contract/connections.ts";
import { type Handler, handle } from "../handle.ts";
import { toConnectionView, toProviderView, toTestView } from "../views/connection.ts";
import { toBrowsedView } from "../views/file.ts";

export const connectionHandlers = (deps: ConnectionDeps): Handler[] => [
  handle(contract.listProviders, async ({ workspace }) => ({
    items: (await listCatalog(deps, workspace)).map(toProviderView),
  })),

  handle(contract.listConnections, async ({ workspace, query }) => {
    const { items, ...more } = await listConnections(deps, workspace, query);
    return { items: items.map(toConnectionView), ...more };
  }),
  handle(contract.createConnection, async (ctx) => {
    const made = await createConnection(deps, ctx, ctx.body, (tx, connection) =>
      ctx.complete(tx, toConnectionView(connection)),
    );
    return toConnectionView(made);
  }),
  handle(contract.getConnection, async ({ workspace, params }) =>
    toConnectionView(await getConnection(deps, workspace, params.id as ConnectionId)),
  ),
  handle(contract.updateConnection, async (ctx) =>
    toConnectionView(await updateConnection(deps, ctx, ctx.params.id as ConnectionId, ctx.body)),
  ),
  handle(contract.deleteConnection, (ctx) => deleteConnection(deps, ctx, ctx.params.id as ConnectionId)),

  handle(contract.testConnection, async (ctx) =>
    toTestView(await testConnection(deps, ctx, ctx.params.id as ConnectionId)),
  ),
  handle(contract.testConfig, async (ctx) => toTestView(await testConfig(deps, ctx, ctx.body))),
  handle(contract.checkName, async ({ workspace, query: { kind, name, except } }) => ({
    free:
      kind === "connection"
        ? await checkConnectionName(deps, workspace, name, except as ConnectionId | undefined)
        : await checkSyncName(deps, workspace, name, except as SyncId | undefined),
  })),

  handle(contract.listDrives, (ctx) => listDrives(deps, ctx, ctx.params.id as ConnectionId, ctx.query.cursor)),
  handle(contract.browse, async (ctx) => {
    const { folders_only, ...place } = ctx.query;
    const { items, ...more } = await browse(deps, ctx, ctx.params.id as ConnectionId, {
      ...place,
      foldersOnly: folders_only === "true",
    });
    return { items: items.map(toBrowsedView), ...more };
  }),
];
