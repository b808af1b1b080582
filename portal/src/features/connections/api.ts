import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { hawser } from "../../lib/api.ts";
import type { Body, ConnectionView, Query } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

export type ConnectionFilter = Pick<Query<"connections.list">, "search" | "status" | "provider" | "tag">;

export const connectionListQuery = (workspace: string, filter: ConnectionFilter) =>
  infiniteQueryOptions({
    queryKey: keys.connectionList(workspace, { ...filter, pages: true }),
    queryFn: ({ pageParam, signal }) =>
      hawser.connections.list({ workspace }, { ...filter, limit: 100, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const connectionQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: keys.connection(workspace, id),
    queryFn: ({ signal }) => hawser.connections.get({ workspace, id }, { signal }),
  });

/** Syncs that read from a connection. */
export const usedByQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: keys.syncList(workspace, { connection, limit: 100 }),
    queryFn: ({ signal }) => hawser.syncs.list({ workspace }, { connection, limit: 100 }, { signal }),
  });

export const usageQuery = (workspace: string, id: string, days: number) =>
  queryOptions({
    queryKey: keys.connectionPart(workspace, id, `usage-${days}`),
    queryFn: ({ signal }) => hawser.connections.usage({ workspace, id }, { days }, { signal }),
  });

export const checksQuery = (workspace: string, id: string) =>
  infiniteQueryOptions({
    queryKey: keys.connectionPart(workspace, id, "checks"),
    queryFn: ({ pageParam, signal }) =>
      hawser.connections.checks({ workspace, id }, { limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });

/** Id of the app that people sign in with at a provider; only for admins. */
export const oauthClientQuery = (workspace: string, provider: string) =>
  queryOptions({
    queryKey: keys.oauthClient(workspace, provider),
    queryFn: ({ signal }) => hawser.oauthClients.get({ workspace, provider }, { signal }),
  });

export type ConnectionActions = ReturnType<typeof useConnectionActions>;

export function useConnectionActions(workspace: string) {
  const client = useQueryClient();
  return useMemo(() => {
    const outdate = () => {
      void client.invalidateQueries({ queryKey: keys.connections(workspace) });
      void client.invalidateQueries({ queryKey: keys.catalog(workspace) });
      void client.invalidateQueries({ queryKey: keys.home(workspace) });
      void client.invalidateQueries({ queryKey: keys.syncs(workspace) });
    };
    const show = (connection: ConnectionView) => {
      client.setQueryData(keys.connection(workspace, connection.id), connection);
      outdate();
      return connection;
    };
    return {
      test: async (id: string) => {
        const result = await hawser.connections.test({ workspace, id });
        outdate();
        return result;
      },
      testConfig: (config: Body<"connections.testConfig">) => hawser.connections.testConfig({ workspace }, config),
      update: async (id: string, change: Body<"connections.update">) =>
        show(await hawser.connections.update({ workspace, id }, change)),
      setCredential: async (id: string, body: Body<"connections.setCredential">) =>
        show(await hawser.connections.setCredential({ workspace, id }, body)),
      disconnect: async (id: string) => show(await hawser.connections.disconnect({ workspace, id })),
      remove: async (id: string) => {
        await hawser.connections.delete({ workspace, id });
        client.removeQueries({ queryKey: keys.connection(workspace, id) });
        outdate();
      },
      /** Back to the operator's app, where there is one. */
      forgetOAuthClient: async (provider: string) => {
        await hawser.oauthClients.delete({ workspace, provider });
        void client.invalidateQueries({ queryKey: keys.oauthClient(workspace, provider) });
        outdate();
      },
    };
  }, [client, workspace]);
}
