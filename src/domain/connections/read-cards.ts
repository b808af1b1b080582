import { notFound } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { beforeConfig } from "#domain/catalog/before-config.ts";
import { type FoundProvider, findProvider } from "#domain/catalog/find-provider.ts";
import { type Auth, authOfType } from "#provider-kit/auth.ts";
import type { ConnectionInUse } from "./connection.ts";
import { type ConnectionCard, describeConnection } from "./connection-card.ts";
import { type ConnectionQuery, findConnectionInUse, findConnectionsInUse } from "./in-use-rows.ts";
import { whichClients } from "./oauth-clients/which-client.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { validateConfig } from "./validate-config.ts";

type CardDeps = Pick<ConnectionDeps, "providers" | "sandbox" | "operatorClients">;
type ReadDeps = CardDeps & Pick<ConnectionDeps, "database">;

/** @throws AppError not_found */
export async function readCard(tx: WorkspaceTx, deps: CardDeps, id: ConnectionId): Promise<ConnectionCard> {
  const connection = await findConnectionInUse(tx, id);
  const [card] = connection ? await describeAll(tx, deps, [connection]) : [];
  if (!card) throw notFound();
  return card;
}

/** @throws AppError not_found */
export const getCard = (deps: ReadDeps, workspace: WorkspaceId, id: ConnectionId): Promise<ConnectionCard> =>
  deps.database.asWorkspace({ workspace }, (tx) => readCard(tx, deps, id));

export const listCards = (
  deps: ReadDeps,
  workspace: WorkspaceId,
  query: Omit<ConnectionQuery, "id">,
): Promise<Page<ConnectionCard>> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const { items, ...more } = await findConnectionsInUse(tx, query);
    return { items: await describeAll(tx, deps, items), ...more };
  });

/** Each provider is looked up once, however many of its connections there are. */
async function describeAll(
  tx: WorkspaceTx,
  deps: CardDeps,
  connections: readonly ConnectionInUse[],
): Promise<ConnectionCard[]> {
  const known = new Map<string, { found: FoundProvider | undefined; hasClient: boolean }>();
  const clientOf = await whichClients(tx, deps);
  const cards: ConnectionCard[] = [];
  for (const connection of connections) {
    const { provider, sandbox } = connection;
    const key = `${provider} ${sandbox}`;
    const about = known.get(key) ?? {
      found: await findProvider(tx, deps, provider, sandbox),
      hasClient: clientOf(provider, sandbox).source !== "missing",
    };
    known.set(key, about);
    const auth = about.found && wayOf(about.found, connection);
    cards.push(describeConnection(connection, { auth, hasClient: about.hasClient }));
  }
  return cards;
}

/** The way a connection is signed in with, also where its config is not valid (any more). */
function wayOf({ provider }: FoundProvider, { config, authType }: ConnectionInUse): Auth | undefined {
  const ways = beforeConfig(() => provider.auth(validateConfig(provider, config)));
  return authOfType(ways.length > 0 ? ways : beforeConfig(() => provider.auth({})), authType);
}
