import type { CustomProviderId } from "#core/ids.ts";
import { createProvider, type DefiningDeps } from "#domain/catalog/create-provider.ts";
import { deleteProvider } from "#domain/catalog/delete-provider.ts";
import { importOpenapi } from "#domain/catalog/import-openapi.ts";
import { getProvider, listCustomProviders } from "#domain/catalog/read-providers.ts";
import { updateProvider } from "#domain/catalog/update-provider.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { providerChanged } from "#domain/connections/provider-changed.ts";
import * as contract from "../contract/providers.ts";
import { type Handler, handle } from "../handle.ts";
import { toCustomProviderSummary, toCustomProviderView, toImportView } from "../views/provider.ts";

type ProviderDeps = ConnectionDeps & DefiningDeps;

export const providerHandlers = (deps: ProviderDeps): Handler[] => [
  handle(contract.listCustomProviders, async ({ workspace, query }) => {
    const { items, ...more } = await listCustomProviders(deps, workspace, query);
    return { items: items.map(toCustomProviderSummary), ...more };
  }),
  handle(contract.createProvider, async (ctx) => {
    const made = await createProvider(deps, ctx, ctx.body, (tx, provider) =>
      ctx.complete(tx, toCustomProviderView(provider)),
    );
    return toCustomProviderView(made);
  }),
  handle(contract.getProvider, async ({ workspace, params }) =>
    toCustomProviderView(await getProvider(deps, workspace, params.id as CustomProviderId)),
  ),
  handle(contract.updateProvider, async (ctx) =>
    toCustomProviderView(
      await updateProvider(deps, ctx, ctx.params.id as CustomProviderId, ctx.body, (tx, key) =>
        providerChanged(tx, deps, key),
      ),
    ),
  ),
  handle(contract.importOpenapi, async (ctx) => toImportView(await importOpenapi(deps, ctx, ctx.body.text))),
  handle(contract.deleteProvider, (ctx) => deleteProvider(deps, ctx, ctx.params.id as CustomProviderId)),
];
