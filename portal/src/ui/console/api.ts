import { queryOptions, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import type { Body } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

export const actionsQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: keys.connectionPart(workspace, connection, "actions"),
    queryFn: ({ signal }) => hawser.connections.actions({ workspace, id: connection }, { signal }),
    staleTime: 60_000,
  });

export const callQuery = (workspace: string, call: string) =>
  queryOptions({
    queryKey: keys.call(workspace, call),
    queryFn: ({ signal }) => hawser.connections.getCall({ workspace, id: call }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useCalls = (workspace: string, connection: string) =>
  useInfiniteQuery({
    queryKey: keys.connectionPart(workspace, connection, "calls"),
    queryFn: ({ signal, pageParam }) =>
      hawser.connections.calls({ workspace, id: connection }, { limit: 20, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });

/** Sends one call; the list of calls is outdated by it, whatever came back. */
export function useCall(workspace: string, connection: string) {
  const client = useQueryClient();
  return async (body: Body<"connections.call">) => {
    try {
      const made = await hawser.connections.call({ workspace, id: connection }, body);
      client.setQueryData(keys.call(workspace, made.id), made);
      return made;
    } finally {
      void client.invalidateQueries({ queryKey: keys.connectionPart(workspace, connection, "calls") });
    }
  };
}
