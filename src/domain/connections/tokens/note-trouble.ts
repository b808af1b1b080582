import type { WorkspaceTx } from "#db/database.ts";
import type { Connection } from "../connection.ts";
import { loseAuthorization, noteError } from "../health/note-health.ts";
import type { Judgement } from "./judge-failure.ts";
import { writeTrouble } from "./queries.ts";

/** Writes down that a token could not be had, and what becomes of the connection by that. */
export async function noteTrouble(
  tx: WorkspaceTx,
  connection: Pick<Connection, "id" | "name">,
  { trouble, status, retryAt }: Judgement,
): Promise<void> {
  await writeTrouble(tx, connection.id, trouble, retryAt);
  if (status === "needs_authorization") await loseAuthorization(tx, connection, trouble);
  if (status === "error") await noteError(tx, connection.id, trouble);
}
