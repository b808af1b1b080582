import { notFound } from "#core/errors.ts";
import type { CustomProviderId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { CustomProvider } from "./custom-provider.ts";
import { findCustomProvider, findCustomProviders, findProviderStates, isProviderNameFree } from "./queries.ts";

/** @throws AppError not_found */
export async function readProvider(tx: WorkspaceTx, id: CustomProviderId): Promise<CustomProvider> {
  const provider = await findCustomProvider(tx, id);
  if (!provider) throw notFound();
  return provider;
}

/** @throws AppError not_found */
export const getProvider = (deps: { database: Database }, workspace: WorkspaceId, id: CustomProviderId) =>
  deps.database.asWorkspace({ workspace }, (tx) => readProvider(tx, id));

/** All of them as a whole, by name. */
export async function exportProviders(tx: WorkspaceTx): Promise<CustomProvider[]> {
  const found: CustomProvider[] = [];
  for (const { id } of await findProviderStates(tx)) found.push(await readProvider(tx, id));
  return found;
}

/** By name, those that are switched off too. */
export const listCustomProviders = (
  deps: { database: Database },
  workspace: WorkspaceId,
  query: { limit: number; cursor?: string | undefined },
) => deps.database.asWorkspace({ workspace }, (tx) => findCustomProviders(tx, query));

/** Whether a custom provider could be called so, apart from the one it is about. */
export const checkProviderName = (
  deps: { database: Database },
  workspace: WorkspaceId,
  name: string,
  except: CustomProviderId | undefined,
): Promise<boolean> => deps.database.asWorkspace({ workspace }, (tx) => isProviderNameFree(tx, name, except));
