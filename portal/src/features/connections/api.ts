import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Body, Query } from "../../../../sdk/src/index.ts";
import { hawser } from "../../lib/api.ts";
import type { ConnectionView } from "../../lib/contract.ts";
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

export const catalogQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.catalog(workspace),
    queryFn: ({ signal }) => hawser.catalog.list({ workspace }, { signal }),
    staleTime: 60_000,
  });

/** Syncs that read from a connection. */
export const usedByQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: keys.syncList(workspace, { connection, limit: 100 }),
    queryFn: ({ signal }) => hawser.syncs.list({ workspace }, { connection, limit: 100 }, { signal }),
  });

export function useConnectionActions(workspace: string) {
  const client = useQueryClient();
  return useMemo(() => {
    const outdate = () => {
      void client.invalidateQueries({ queryKey: keys.connections(workspace) });
      void client.invalidateQueries({ queryKey: keys.catalog(workspace) });
      void client.invalidateQueries({ queryKey: keys.home(workspace) });
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
      remove: async (id: string) => {
        await hawser.connections.delete({ workspace, id });
        client.removeQueries({ queryKey: keys.connection(workspace, id) });
        outdate();
      },
    };
  }, [client, workspace]);
}
