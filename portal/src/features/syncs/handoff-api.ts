import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Query } from "../../../../sdk/src/index.ts";
import { hawser } from "../../lib/api.ts";
import { catalogQuery } from "../../lib/catalog.ts";
import { keys } from "../../lib/query.ts";

export type HandoffState = NonNullable<Query<"handoffs.list">["state"]>;

const listKey = (workspace: string, sync: string) => ["w", workspace, "handoffs", sync] as const;

export const handoffListQuery = (workspace: string, sync: string, state: HandoffState | undefined) =>
  infiniteQueryOptions({
    queryKey: [...listKey(workspace, sync), { state }] as const,
    queryFn: ({ pageParam, signal }) =>
      hawser.handoffs.list({ workspace, id: sync }, { limit: 100, state, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** Connections that documents can be handed over to. */
export const receiversQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.connectionList(workspace, { limit: 200, handoff: true }),
    queryFn: async ({ client, signal }) => {
      const [list, catalog] = await Promise.all([
        hawser.connections.list({ workspace }, { limit: 200 }, { signal }),
        client.ensureQueryData(catalogQuery(workspace)),
      ]);
      const takes = new Set(catalog.items.filter(({ parts }) => parts.includes("handoff")).map(({ key }) => key));
      return list.items.filter(({ provider }) => takes.has(provider));
    },
  });

/** What can be done about hand-offs. Each waits for the server's answer. */
export function useHandoffActions(workspace: string, sync: string) {
  const client = useQueryClient();
  return useMemo(() => {
    const outdate = () => {
      void client.invalidateQueries({ queryKey: listKey(workspace, sync) });
      void client.invalidateQueries({ queryKey: ["w", workspace, "files", sync, "one"] });
    };
    const replay = async (handoffs?: string[]) => {
      const { queued } = await hawser.handoffs.replay({ workspace, id: sync }, handoffs ? { handoffs } : {});
      outdate();
      return queued;
    };
    return {
      replay,
      handStoredOver: async () => {
        const { queued } = await hawser.handoffs.handStoredOver({ workspace, id: sync }, {});
        outdate();
        return queued;
      },
    };
  }, [client, workspace, sync]);
}
