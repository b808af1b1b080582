import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Body, Query, Reply } from "../../../../sdk/src/index.ts";
import { hawser } from "../../lib/api.ts";
import { catalogQuery } from "../../lib/catalog.ts";
import type { FileView, NewSync, Schedule, SyncChange, SyncRun, SyncView } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

const fromStart = { initialPageParam: undefined as string | undefined };
const nextOf = (page: { next?: string | undefined }) => page.next;

export type SyncFilter = Pick<Query<"syncs.list">, "search" | "connection" | "tag">;
export const syncListQuery = (workspace: string, filter: SyncFilter) =>
  infiniteQueryOptions({
    queryKey: keys.syncList(workspace, filter),
    queryFn: ({ pageParam, signal }) =>
      hawser.syncs.list({ workspace }, { ...filter, limit: 100, cursor: pageParam }, { signal }),
    ...fromStart,
    getNextPageParam: nextOf,
    placeholderData: keepPreviousData,
  });

export const syncQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: keys.sync(workspace, id),
    queryFn: ({ signal }) => hawser.syncs.get({ workspace, id }, { signal }),
    // Events bring the figures of a run; the totals of the sync move with them, and are asked for now and then.
    refetchInterval: ({ state }) => (state.data?.open_run?.status === "running" ? 5000 : false),
  });

export type FileFilter = Pick<Query<"files.list">, "search" | "state" | "sort" | "metadata">;

/**
 * Files as they are shown. The key stands outside of what live events outdate: rows must not move while somebody reads
 * them. `newestFilesQuery` follows the events instead, and the page offers what it finds.
 */
export const fileListQuery = (workspace: string, sync: string, filter: FileFilter) =>
  infiniteQueryOptions({
    queryKey: ["w", workspace, "file-rows", sync, filter] as const,
    queryFn: ({ pageParam, signal }) =>
      hawser.files.list({ workspace, id: sync }, { ...filter, limit: 200, cursor: pageParam }, { signal }),
    ...fromStart,
    getNextPageParam: nextOf,
    placeholderData: keepPreviousData,
  });

export const newestFilesQuery = (workspace: string, sync: string, filter: FileFilter, running: boolean) =>
  queryOptions({
    queryKey: keys.fileList(workspace, sync, { ...filter, newest: true }),
    queryFn: ({ signal }) =>
      hawser.files.list({ workspace, id: sync }, { ...filter, sort: "changed", limit: 200 }, { signal }),
    // A run says how many files it has dealt with, not which.
    refetchInterval: running ? 2000 : false,
  });

export const fileQuery = (workspace: string, sync: string, id: string) =>
  queryOptions({
    queryKey: keys.file(workspace, sync, id),
    queryFn: ({ signal }) => hawser.files.get({ workspace, sync, id }, { signal }),
  });

export const fileHistoryQuery = (workspace: string, sync: string, id: string) =>
  queryOptions({
    queryKey: [...keys.file(workspace, sync, id), "history"],
    queryFn: ({ signal }) => hawser.files.history({ workspace, sync, id }, { signal }),
  });

export const problemsQuery = (workspace: string, sync: string) =>
  queryOptions({
    queryKey: keys.syncPart(workspace, sync, "problems"),
    queryFn: ({ signal }) => hawser.syncs.problems({ workspace, id: sync }, { signal }),
  });

/** The latest comparison with the source; asked for often while one is on. */
export const verificationQuery = (workspace: string, sync: string) =>
  queryOptions({
    queryKey: keys.syncPart(workspace, sync, "verification"),
    queryFn: ({ signal }) => hawser.syncs.verification({ workspace, id: sync }, { signal }),
    refetchInterval: ({ state }) => {
      const latest = state.data?.latest;
      return latest?.state === "queued" || latest?.state === "running" ? 1000 : false;
    },
  });

export const runListQuery = (workspace: string, sync: string) =>
  infiniteQueryOptions({
    queryKey: keys.syncPart(workspace, sync, "runs"),
    queryFn: ({ pageParam, signal }) =>
      hawser.syncRuns.list({ workspace, id: sync }, { limit: 50, cursor: pageParam }, { signal }),
    ...fromStart,
    getNextPageParam: nextOf,
  });

export const runQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: keys.run(workspace, id),
    queryFn: ({ signal }) => hawser.syncRuns.get({ workspace, id }, { signal }),
  });

export type LogLevel = NonNullable<Query<"syncRuns.log">["level"]>;
export const runLogQuery = (workspace: string, id: string, level: LogLevel | undefined) =>
  infiniteQueryOptions({
    queryKey: keys.runLog(workspace, id, { level }),
    queryFn: ({ pageParam, signal }) =>
      hawser.syncRuns.log({ workspace, id }, { level, limit: 200, cursor: pageParam }, { signal }),
    ...fromStart,
    getNextPageParam: nextOf,
    placeholderData: keepPreviousData,
  });

/** Connections that have files; those of a provider that is no longer offered are not left out. */
export const connectionsQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.connectionList(workspace, { limit: 200, files: true }),
    queryFn: async ({ client, signal }) => {
      const [list, catalog] = await Promise.all([
        hawser.connections.list({ workspace }, { limit: 200 }, { signal }),
        client.ensureQueryData(catalogQuery(workspace)),
      ]);
      const partsOf = (key: string) => catalog.items.find((one) => one.key === key)?.parts;
      return { ...list, items: list.items.filter(({ provider }) => partsOf(provider)?.includes("files") ?? true) };
    },
  });

/** How a connection is now; whoever waits for it to be mended sees it by itself. */
export const connectionQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: keys.connection(workspace, id),
    queryFn: ({ signal }) => hawser.connections.get({ workspace, id }, { signal }),
  });

export const drivesQuery = (workspace: string, connection: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.connection(workspace, connection), "drives"],
    queryFn: ({ pageParam, signal }) =>
      hawser.connections.drives({ workspace, id: connection }, { cursor: pageParam }, { signal }),
    ...fromStart,
    getNextPageParam: nextOf,
    staleTime: 60_000,
    // The server has asked the source patiently already; who waits is told now, and may ask again.
    retry: false,
  });

type DrivePages = { pages: Reply<"connections.drives">[] } | undefined;
export const drivesOf = (data: DrivePages) => data?.pages.flatMap(({ items }) => items) ?? [];
export const findsFoldersOf = (data: DrivePages) => data?.pages[0]?.finds_folders ?? false;

export const destinationsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["w", workspace, "destinations"],
    queryFn: ({ signal }) => hawser.destinations.list({ workspace }, { signal }),
    staleTime: 60_000,
  });

/**
 * The wizard's draft. While the portal is open, the cache holds what was entered last, which the server may not have
 * yet: so it is not asked again.
 */
export const draftQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["draft", workspace, "sync"],
    queryFn: async ({ signal }) => (await hawser.drafts.get({ workspace }, { signal })).body,
    staleTime: Number.POSITIVE_INFINITY,
  });
export const saveDraft = (workspace: string, body: Body<"drafts.save">["body"]) =>
  hawser.drafts.save({ workspace }, { body });
export const discardDraft = (workspace: string) => hawser.drafts.discard({ workspace });

export type PreviewRequest = Body<"syncs.preview">;
/** What filters and rules would do; the last answer stays while the next one is on its way. */
export const previewQuery = (workspace: string, request: PreviewRequest) =>
  queryOptions({
    queryKey: ["w", workspace, "preview", request],
    queryFn: ({ signal }) => hawser.syncs.preview({ workspace }, request, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });

export const ticksQuery = (workspace: string, schedule: Schedule) =>
  queryOptions({
    queryKey: ["w", workspace, "ticks", schedule],
    queryFn: ({ signal }) => hawser.schedules.preview({ workspace }, { schedule }, { signal }),
    retry: false,
  });

/** What can be done to syncs. Each waits for the server's answer and puts it into the cache. */
export function useSyncActions(workspace: string) {
  const client = useQueryClient();
  return useMemo(() => {
    const outdate = () => client.invalidateQueries({ queryKey: keys.syncs(workspace) });
    const show = (sync: SyncView) => {
      client.setQueryData(keys.sync(workspace, sync.id), sync);
      void outdate();
      return sync;
    };
    const showRun = (run: SyncRun) => {
      client.setQueryData(keys.run(workspace, run.id), run);
      void outdate();
      return run;
    };
    return {
      create: async (sync: NewSync, run: boolean) =>
        show(await hawser.syncs.create({ workspace }, sync, { query: { run: run ? "true" : "false" } })),
      update: async (id: string, change: SyncChange) => show(await hawser.syncs.update({ workspace, id }, change)),
      remove: async (id: string) => {
        await hawser.syncs.delete({ workspace, id });
        void outdate();
      },
      run: async (id: string) => showRun(await hawser.syncs.run({ workspace, id })),
      pause: async (id: string) => show(await hawser.syncs.pause({ workspace, id })),
      resume: async (id: string) => show(await hawser.syncs.resume({ workspace, id })),
      cancel: async (id: string) => showRun(await hawser.syncs.cancel({ workspace, id })),
      retry: async (id: string, files?: string[]) =>
        showRun(await hawser.syncs.retryFailed({ workspace, id }, files ? { files } : {})),
      verify: async (id: string, bytes: boolean) => {
        const latest = await hawser.syncs.verify({ workspace, id }, { bytes });
        client.setQueryData(verificationQuery(workspace, id).queryKey, { latest });
      },
      decide: async (id: string, decision: "approve" | "keep") =>
        showRun(await hawser.syncs.decideRemovals({ workspace, id }, { decision })),
    };
  }, [client, workspace]);
}

export type SyncActions = ReturnType<typeof useSyncActions>;

const mostAtOnce = 1000;

/** Failed files with one cause; a retry takes at most 1,000 by name. */
export async function failedFilesOf(workspace: string, sync: string, cause: { kind: string; message: string }) {
  const found: FileView[] = [];
  for await (const file of hawser.pages(hawser.files.list, { workspace, id: sync }, { state: "failed", limit: 200 })) {
    if (file.failure?.kind === cause.kind && file.failure.message === cause.message) found.push(file);
    if (found.length === mostAtOnce) break;
  }
  return found;
}

export const testDestination = (workspace: string, destination: Body<"destinations.test">["destination"]) =>
  hawser.destinations.test({ workspace }, { destination });

/** One page of the folders in a folder, as the source has them now. */
export const browseFolders = (
  workspace: string,
  connection: string,
  at: { drive: string; folder?: string | undefined; locator?: string | undefined; cursor?: string | undefined },
) => hawser.connections.browse({ workspace, id: connection }, { ...at, folders_only: "true" });

/** One page of the folders of a drive that are called so. */
export const findFolders = (
  workspace: string,
  connection: string,
  at: { drive: string; text: string; cursor?: string | undefined },
) => hawser.connections.findFolders({ workspace, id: connection }, at);
