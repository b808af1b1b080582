import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import type { Body } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

export const providerQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: keys.provider(workspace, id),
    queryFn: ({ signal }) => hawser.providers.get({ workspace, id }, { signal }),
  });

/** The connections of a custom provider, to try its actions with. */
export const connectionsOfQuery = (workspace: string, provider: string) =>
  queryOptions({
    queryKey: keys.connectionList(workspace, { provider }),
    queryFn: ({ signal }) => hawser.connections.list({ workspace }, { provider, limit: 50 }, { signal }),
  });

export const importOpenapi = (workspace: string, text: string) =>
  hawser.providers.importOpenapi({ workspace }, { text });

/** Changes of a custom provider; catalog and connections are outdated by each of them. */
export function useProviderChanges(workspace: string) {
  const client = useQueryClient();
  const outdate = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.catalog(workspace) }),
      client.invalidateQueries({ queryKey: keys.connections(workspace) }),
    ]);
  return {
    async create(body: Body<"providers.create">) {
      const made = await hawser.providers.create({ workspace }, body);
      client.setQueryData(keys.provider(workspace, made.id), made);
      void outdate();
      return made;
    },
    async update(id: string, body: Body<"providers.update">) {
      const changed = await hawser.providers.update({ workspace, id }, body);
      client.setQueryData(keys.provider(workspace, id), changed);
      void outdate();
      return changed;
    },
    async remove(id: string) {
      await hawser.providers.delete({ workspace, id });
      client.removeQueries({ queryKey: keys.provider(workspace, id) });
      void outdate();
    },
  };
}
