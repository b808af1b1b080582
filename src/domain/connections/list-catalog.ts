import type { WorkspaceId } from "#core/ids.ts";
import { describeProvider, type ProviderCard } from "#domain/catalog/describe-provider.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { countByProvider } from "./queries.ts";

/** Everything that can be connected, by name, with how many connections the workspace has of each. */
export async function listCatalog(
  deps: Pick<ConnectionDeps, "database" | "providers">,
  workspace: WorkspaceId,
): Promise<(ProviderCard & { connections: number })[]> {
  const counts = await deps.database.asWorkspace({ workspace }, countByProvider);
  return [...deps.providers.values()]
    .map((provider) => ({ ...describeProvider(provider), connections: counts.get(provider.key) ?? 0 }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
}
