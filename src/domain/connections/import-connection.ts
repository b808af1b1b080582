// Connections as they arrive in a file: settings without an account, a credential or an id of where they come from.
import { type ConnectionId, newId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type Actor, personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { Config, Connection } from "./connection.ts";
import { insertConnection, writeConnection, writeState } from "./queries.ts";

/** Adds a connection that nobody has signed in to yet (SR-101). Fails with a violation of `connections_name`. */
export async function addImported(
  tx: WorkspaceTx,
  actor: Actor,
  wanted: {
    provider: string;
    name: string;
    authType: AuthType;
    sandbox: boolean;
    config: Config;
    tags: readonly string[];
  },
): Promise<void> {
  const id = newId<ConnectionId>();
  const unknown = { account: undefined, failure: undefined, checkedAt: undefined };
  await insertConnection(tx, { ...wanted, ...unknown, id, status: "inactive", by: personOf(actor) });
  const { provider, name, config, tags } = wanted;
  await audit(tx, {
    actor,
    action: "connection.created",
    target: { kind: "connection", id, label: name },
    after: { name, provider, config, tags, status: "inactive", imported: true },
  });
}

/** Changes config and tags. With another config the connection stands still until somebody has tested it. */
export async function changeImported(
  tx: WorkspaceTx,
  actor: Actor,
  before: Pick<Connection, "id" | "name" | "config" | "tags">,
  to: { config: Config; tags: readonly string[]; isOtherConfig: boolean },
): Promise<void> {
  const { id, name } = before;
  await writeConnection(tx, id, { name, config: to.config, tags: to.tags, by: personOf(actor) });
  if (to.isOtherConfig) await writeState(tx, id, { status: "inactive" });
  await audit(tx, {
    actor,
    action: "connection.updated",
    target: { kind: "connection", id, label: name },
    before: { config: before.config, tags: before.tags },
    after: { config: to.config, tags: to.tags, imported: true },
  });
}
