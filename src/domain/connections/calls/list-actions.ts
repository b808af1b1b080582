import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { findProvider } from "#domain/catalog/find-provider.ts";
import { readsBy } from "#provider-kit/definition/action-shape.ts";
import { loadConnected } from "../connected.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { baseOf } from "./open-target.ts";

/** Something that can be called through a connection, as a form needs it. */
export interface ActionCard {
  key: string;
  name: string;
  description: string;
  method: string;
  /** With `{placeholders}`. */
  path: string;
  effect: "reads" | "writes";
  inputSchema: Readonly<Record<string, unknown>>;
  cacheSeconds: number;
}

/** @throws AppError not_found, connection_not_active */
export const listActions = (
  deps: Pick<ConnectionDeps, "database" | "providers" | "sandbox">,
  workspace: WorkspaceId,
  id: ConnectionId,
): Promise<{ base: string | undefined; actions: ActionCard[] }> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const connected = await loadConnected(tx, deps, id);
    const { provider, sandbox } = connected.connection;
    const found = await findProvider(tx, deps, provider, sandbox);
    const actions = (found?.definition?.actions ?? []).map((action) => ({
      key: action.key,
      name: action.name,
      description: action.description ?? "",
      method: action.method,
      path: action.path,
      effect: action.effect ?? readsBy(action.method),
      inputSchema: action.input,
      cacheSeconds: action.cacheTtlS ?? 0,
    }));
    return { base: baseOf(connected), actions };
  });
