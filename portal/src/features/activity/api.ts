import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import type { Query } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

export type ActivityKind = NonNullable<Query<"activity.list">["kind"]>;
export type AuditFilter = Pick<Query<"audit.list">, "action" | "actor" | "target" | "since" | "until">;

const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { next?: string | undefined }) => page.next,
  placeholderData: keepPreviousData,
};

export const activityQuery = (workspace: string, kind: ActivityKind | undefined) =>
  infiniteQueryOptions({
    queryKey: keys.activity(workspace, { kind, all: true }),
    queryFn: ({ pageParam, signal }) =>
      hawser.activity.list({ workspace }, { kind, limit: 100, cursor: pageParam }, { signal }),
    ...paged,
  });

export const auditQuery = (workspace: string, filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: keys.audit(workspace, filter),
    queryFn: ({ pageParam, signal }) =>
      hawser.audit.list({ workspace }, { ...filter, limit: 100, cursor: pageParam }, { signal }),
    ...paged,
  });
