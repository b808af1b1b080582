import type { WorkspaceTx } from "#db/database.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { findClientIds } from "./queries.ts";

/** Whose OAuth client a provider is signed in with, and which one it is. */
export type ClientInUse =
  | { source: "operator" | "workspace" | "sandbox"; clientId: string }
  | { source: "missing"; clientId?: undefined };

/** The workspace's own where it has one, else the installation's. A simulator knows only its own. */
export async function whichClient(
  tx: WorkspaceTx,
  deps: Pick<ConnectionDeps, "operatorClients" | "sandbox">,
  provider: string,
  sandbox: boolean,
): Promise<ClientInUse> {
  return (await whichClients(tx, deps))(provider, sandbox);
}

/** The same for a list of them, in one question. */
export async function whichClients(
  tx: WorkspaceTx,
  deps: Pick<ConnectionDeps, "operatorClients" | "sandbox">,
): Promise<(provider: string, sandbox: boolean) => ClientInUse> {
  const own = await findClientIds(tx);
  return (provider, sandbox) => {
    if (sandbox) return toClient("sandbox", deps.sandbox?.clients.get(provider)?.id);
    const clientId = own.get(provider);
    return clientId === undefined
      ? toClient("operator", deps.operatorClients.get(provider)?.id)
      : toClient("workspace", clientId);
  };
}

const toClient = (source: "operator" | "workspace" | "sandbox", clientId: string | undefined): ClientInUse =>
  clientId === undefined ? { source: "missing" } : { source, clientId };
