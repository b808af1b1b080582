import type { WorkspaceTx } from "#db/database.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { findClient } from "./queries.ts";

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
  if (sandbox) return toClient("sandbox", deps.sandbox?.clients.get(provider)?.id);
  const own = await findClient(tx, provider);
  return own ? toClient("workspace", own.clientId) : toClient("operator", deps.operatorClients.get(provider)?.id);
}

const toClient = (source: "operator" | "workspace" | "sandbox", clientId: string | undefined): ClientInUse =>
  clientId === undefined ? { source: "missing" } : { source, clientId };
