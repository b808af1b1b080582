import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api.ts";

/** Server data lives here and nowhere else; live events patch or outdate it (lib/live.ts). */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < 2 && isPassing(error),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

/** Failures that the next try may not meet: no answer, and the server's own trouble. */
function isPassing(error: Error): boolean {
  return error instanceof ApiError && (error.code === "offline" || error.status >= 500);
}

/**
 * Keys of the query cache. Everything of a workspace begins with `["w", workspace]`, then the kind that live events
 * name, so that one event outdates every list and page it touches.
 */
export const keys = {
  setup: ["setup"] as const,
  me: ["me"] as const,
  sessions: ["me", "sessions"] as const,
  instance: (part: string) => ["instance", part] as const,
  workspace: (workspace: string) => ["w", workspace] as const,
  home: (workspace: string) => ["w", workspace, "home"] as const,
  activity: (workspace: string, filter: object = {}) => ["w", workspace, "activity", filter] as const,
  audit: (workspace: string, filter: object = {}) => ["w", workspace, "audit", filter] as const,
  members: (workspace: string) => ["w", workspace, "members"] as const,
  invitations: (workspace: string) => ["w", workspace, "members", "invitations"] as const,
  apiKeys: (workspace: string) => ["w", workspace, "api-keys"] as const,
  secrets: (workspace: string) => ["w", workspace, "secrets"] as const,
  /** Without the second word it stands for both catalogs. */
  catalog: (workspace: string, sandbox?: boolean) =>
    sandbox === undefined
      ? (["w", workspace, "catalog"] as const)
      : (["w", workspace, "catalog", sandbox ? "sandbox" : "real"] as const),
  provider: (workspace: string, id: string) => ["w", workspace, "providers", id] as const,
  oauthClient: (workspace: string, provider: string) => ["w", workspace, "oauth-clients", provider] as const,
  connections: (workspace: string) => ["w", workspace, "connections"] as const,
  connectionList: (workspace: string, filter: object = {}) => ["w", workspace, "connections", "list", filter] as const,
  connection: (workspace: string, id: string) => ["w", workspace, "connections", "one", id] as const,
  /** Uses, tests, actions and calls of one connection. */
  connectionPart: (workspace: string, id: string, part: string) =>
    ["w", workspace, "connections", "part", id, part] as const,
  call: (workspace: string, id: string) => ["w", workspace, "calls", id] as const,
  syncs: (workspace: string) => ["w", workspace, "syncs"] as const,
  syncList: (workspace: string, filter: object = {}) => ["w", workspace, "syncs", "list", filter] as const,
  sync: (workspace: string, id: string) => ["w", workspace, "syncs", "one", id] as const,
  /** Runs, problems and log of one sync. */
  syncPart: (workspace: string, id: string, part: string, filter: object = {}) =>
    ["w", workspace, "syncs", "part", id, part, filter] as const,
  run: (workspace: string, id: string) => ["w", workspace, "runs", id] as const,
  runLog: (workspace: string, id: string, filter: object = {}) => ["w", workspace, "runs", id, "log", filter] as const,
  files: (workspace: string, sync: string) => ["w", workspace, "files", sync] as const,
  fileList: (workspace: string, sync: string, filter: object = {}) =>
    ["w", workspace, "files", sync, "list", filter] as const,
  file: (workspace: string, sync: string, id: string) => ["w", workspace, "files", sync, "one", id] as const,
};
