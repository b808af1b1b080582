import type { WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { ConnectionInUse } from "#domain/connections/connection.ts";
import { listConnections } from "#domain/connections/read-connections.ts";
import type { Provider } from "#provider-kit/provider.ts";

/** Connections in whose buckets files can be put, by name. */
export async function listStores(
  deps: { database: Database; providers: ReadonlyMap<string, Provider> },
  workspace: WorkspaceId,
): Promise<ConnectionInUse[]> {
  const stores = [...deps.providers.values()].filter(({ store }) => store !== undefined);
  const found: ConnectionInUse[] = [];
  for (const { key } of stores) {
    for (let cursor: string | undefined; ; ) {
      const page = await listConnections(deps, workspace, { provider: key, limit: 200, cursor });
      found.push(...page.items);
      if (page.next === undefined) break;
      cursor = page.next;
    }
  }
  return found.sort((one, other) => one.name.localeCompare(other.name));
}
