import { queryOptions } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import { keys } from "../../lib/query.ts";

export const homeQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.home(workspace),
    queryFn: ({ signal }) => hawser.workspaces.home({ workspace }, { signal }),
    // Events patch it; this only catches what no event told, such as a schedule that came round.
    refetchInterval: 60_000,
  });

export const recentActivityQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.activity(workspace, { limit: 6 }),
    queryFn: ({ signal }) => hawser.activity.list({ workspace }, { limit: 6 }, { signal }),
  });
