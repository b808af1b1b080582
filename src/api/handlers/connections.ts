import type { ConnectionId, CustomProviderId, SecretId, SyncId } from "#core/ids.ts";
import { checkProviderName } from "#domain/catalog/read-providers.ts";
import { browse, listDrives } from "#domain/connections/browse.ts";
import { beginConnect } from "#domain/connections/connect/begin-connect.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { findFolders } from "#domain/connections/find-folders.ts";
import { listChecks } from "#domain/connections/health/checks.ts";
import { readUsage } from "#domain/connections/health/usage.ts";
import { listCatalog } from "#domain/connections/list-catalog.ts";
import { deleteOAuthClient, readOAuthClient, setOAuthClient } from "#domain/connections/oauth-clients/oauth-client.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { getCard, listCards } from "#domain/connections/read-cards.ts";
import { checkConnectionName } from "#domain/connections/read-connections.ts";
import { setCredential } from "#domain/connections/set-credential.ts";
import { testConfig, testConnection } from "#domain/connections/test-connection.ts";
import { updateConnection } from "#domain/connections/update-connection.ts";
import { checkSecretName } from "#domain/secrets/read-secrets.ts";
import * as leave from "#domain/syncs/push/leave-connection.ts";
import { checkSyncName } from "#domain/syncs/read-syncs.ts";
import * as catalog from "../contract/catalog.ts";
import * as contract from "../contract/connections.ts";
import * as oauthClients from "../contract/oauth-clients.ts";
import { type Handler, handle } from "../handle.ts";
import {
  toCheckView,
  toConnectionView,
  toOAuthClientView,
  toProviderView,
  toTestView,
  toUsageView,
} from "../views/connection.ts";
import { toBrowsedView, toDrivesView, toFoundFolderView } from "../views/file.ts";

export const connectionHandlers = (deps: ConnectionDeps): Handler[] => [
  handle(catalog.listProviders, async ({ workspace, query }) => ({
    items: (await listCatalog(deps, workspace, { sandbox: query.sandbox === "true" })).map(toProviderView),
    sandbox: { available: deps.sandbox !== undefined, address: deps.sandbox?.origin ?? null },
  })),

  handle(contract.listConnections, async ({ workspace, query }) => {
    const { items, ...more } = await listCards(deps, workspace, query);
    return { items: items.map(toConnectionView), ...more };
  }),
  handle(contract.createConnection, async (ctx) => {
    const made = await createConnection(deps, ctx, ctx.body, (tx, connection) =>
      ctx.complete(tx, toConnectionView(connection)),
    );
    return toConnectionView(made);
  }),
  handle(contract.getConnection, async ({ workspace, params }) =>
    toConnectionView(await getCard(deps, workspace, params.id as ConnectionId)),
  ),
  handle(contract.updateConnection, async (ctx) =>
    toConnectionView(await updateConnection(deps, ctx, ctx.params.id as ConnectionId, ctx.body)),
  ),
  handle(contract.deleteConnection, (ctx) => leave.remove(deps, ctx, ctx.params.id as ConnectionId)),

  handle(contract.testConnection, async (ctx) =>
    toTestView(await testConnection(deps, ctx, ctx.params.id as ConnectionId)),
  ),
  handle(contract.testConfig, async (ctx) => toTestView(await testConfig(deps, ctx, ctx.body))),

  handle(contract.authorizeConnection, async (ctx) => {
    const { return_to, other_account, scopes } = ctx.body;
    const begun = await beginConnect(deps, ctx, ctx.params.id as ConnectionId, {
      returnTo: return_to,
      otherAccount: other_account,
      scopes,
    });
    return { url: begun.url, hosts: begun.hosts, expires_at: begun.expiresAt.toISOString() };
  }),
  handle(contract.setCredential, async (ctx) => {
    const { other_account, ...wanted } = ctx.body;
    const id = ctx.params.id as ConnectionId;
    return toConnectionView(await setCredential(deps, ctx, id, { ...wanted, otherAccount: other_account }));
  }),
  handle(contract.disconnectConnection, async (ctx) =>
    toConnectionView(await leave.disconnect(deps, ctx, ctx.params.id as ConnectionId)),
  ),

  handle(contract.connectionUsage, async ({ workspace, params, query }) =>
    toUsageView(await readUsage(deps, workspace, params.id as ConnectionId, query.days)),
  ),
  handle(contract.connectionChecks, async ({ workspace, params, query }) => {
    const { items, ...more } = await listChecks(deps, workspace, params.id as ConnectionId, query);
    return { items: items.map(toCheckView), ...more };
  }),

  handle(oauthClients.getOAuthClient, async ({ workspace, params }) =>
    toOAuthClientView(await readOAuthClient(deps, workspace, params.provider)),
  ),
  handle(oauthClients.setOAuthClient, async (ctx) => {
    const { client_id, client_secret } = ctx.body;
    const client = { clientId: client_id, secret: client_secret };
    return toOAuthClientView(await setOAuthClient(deps, ctx, ctx.params.provider, client));
  }),
  handle(oauthClients.deleteOAuthClient, (ctx) => deleteOAuthClient(deps, ctx, ctx.params.provider)),

  handle(contract.checkName, async ({ workspace, query: { kind, name, except } }) => {
    const free = {
      connection: () => checkConnectionName(deps, workspace, name, except as ConnectionId | undefined),
      sync: () => checkSyncName(deps, workspace, name, except as SyncId | undefined),
      provider: () => checkProviderName(deps, workspace, name, except as CustomProviderId | undefined),
      secret: () => checkSecretName(deps, workspace, name, except as SecretId | undefined),
    };
    return { free: await free[kind]() };
  }),

  handle(contract.listDrives, async (ctx) =>
    toDrivesView(await listDrives(deps, ctx, ctx.params.id as ConnectionId, ctx.query.cursor)),
  ),
  handle(contract.browse, async (ctx) => {
    const { folders_only, ...place } = ctx.query;
    const { items, ...more } = await browse(deps, ctx, ctx.params.id as ConnectionId, {
      ...place,
      foldersOnly: folders_only === "true",
    });
    return { items: items.map(toBrowsedView), ...more };
  }),
  handle(contract.findFolders, async (ctx) => {
    const { items, ...more } = await findFolders(deps, ctx, ctx.params.id as ConnectionId, ctx.query);
    return { items: items.map(toFoundFolderView), ...more };
  }),
];
