import { hawser } from "./api.ts";
import type { Body } from "./contract.ts";

/**
 * Begins the OAuth sign-in of a connection. The whole window goes to the provider and comes back to the connection's
 * page, which says how it went.
 */
export async function goAndAuthorize(
  workspace: string,
  connection: string,
  wish: Body<"connections.authorize"> = {},
): Promise<void> {
  const { url } = await hawser.connections.authorize({ workspace, id: connection }, wish);
  window.location.assign(new URL(url));
}
