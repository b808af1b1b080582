import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { workspaceSlug } from "#domain/workspaces/read-workspace.ts";
import { hashOf, isState } from "#vault/pkce.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import type { Flow, Visitor } from "./flow.ts";
import { findOwnFlow, locateFlow, takeFlow } from "./queries.ts";

/** Where the page is that tells how a sign-in has ended. */
export interface Place {
  workspace: WorkspaceId;
  slug: string;
  connection: ConnectionId;
}

/** The flow is the caller's alone from here on; or its time was over, or it had been taken. */
export type Taken = Place & { flow: Flow | undefined };

/**
 * Takes the flow of a callback, once over all processes, before anything else is looked at (SR-34). Nothing where the
 * state is not one that began in this browser session: whoever has another one learns nothing, and ends nothing.
 */
export async function takeCallback(
  { database }: Pick<ConnectionDeps, "database">,
  visitor: Visitor,
  params: URLSearchParams,
): Promise<Taken | undefined> {
  // One that is there twice is used up as well; that it was is found out by whoever reads the rest.
  const [state] = params.getAll("state");
  if (state === undefined || !isState(state)) return undefined;
  const at = await database.acrossWorkspaces((tx) => locateFlow(tx, hashOf(state)));
  if (!at) return undefined;
  const { workspace, id } = at;
  const by = { user: visitor.user, sessionHash: hashOf(visitor.session) };
  return database.asWorkspace({ workspace, user: visitor.user }, async (tx) => {
    const taken = await takeFlow(tx, id, by);
    const connection = taken?.flow.connection ?? (await findOwnFlow(tx, id, by));
    const slug = await workspaceSlug(tx);
    if (connection === undefined || slug === undefined) return undefined;
    return { workspace, slug, connection, flow: taken?.alive ? taken.flow : undefined };
  });
}
