import { z } from "zod";
import { type ConnectionId, newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { AuthorizationCode, ClientCredentials } from "#provider-kit/auth.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { Secret } from "#vault/secret.ts";
import type { ConnectionDeps } from "../../open-connection.ts";
import { connectionDeps } from "../../testing/connection-deps.ts";
import { storeTokens } from "../store.ts";
import type { Grant, Rotation, TokenServer } from "./token-server.ts";

/** Where a pretend provider is reached. */
export type ShopAddress = Pick<TokenServer, "origin" | "port" | "tokenUrl" | "revokeUrl">;

/** A provider whose token endpoint and API are those of a pretend one. */
export function shopAt(server: ShopAddress, change: Partial<AuthorizationCode> = {}): Provider {
  const auth: AuthorizationCode = {
    type: "oauth2_authorization_code",
    authorizeUrl: `${server.origin}/authorize`,
    tokenUrl: server.tokenUrl,
    revokeUrl: server.revokeUrl,
    clientAuth: "body",
    pkce: true,
    scopes: ["read"],
    refresh: "rotating",
    ...change,
  };
  const machine: ClientCredentials = {
    type: "oauth2_client_credentials",
    tokenUrl: server.tokenUrl,
    clientAuth: "body",
    scopes: [],
  };
  return {
    key: "shop",
    name: "Shop",
    description: "",
    category: "custom",
    glyph: { letters: "Sh", hue: "teal" },
    addresses: () => [server.origin],
    auth: () => [auth, machine],
    async check({ http }) {
      const me = await http.json({ url: "/me" }, z.object({ id: z.string() }));
      return { id: me.id, label: me.id };
    },
  };
}

/** One process, which knows the shop and its OAuth client. */
export function processOf(
  database: Database,
  server: ShopAddress,
  options: {
    provider?: Provider;
    masterKey?: string;
    holder?: string;
    leaseSeconds?: number;
    longestTokenRequestMs?: number;
  } = {},
): ConnectionDeps {
  const { provider = shopAt(server), masterKey, ...more } = options;
  return {
    ...connectionDeps(database, {
      providers: [provider],
      exceptions: [`127.0.0.1:${server.port}`],
      ...(masterKey !== undefined && { masterKey }),
    }),
    operatorClients: new Map([["shop", { id: "client", secret: new Secret("hush") }]]),
    ...more,
  };
}

export interface AGrant {
  workspace: WorkspaceId;
  connection: ConnectionId;
  grant: Grant;
}

/** A connection that somebody has authorized, with a token that lives for an hour. */
export async function aGrant(
  deps: ConnectionDeps,
  server: TokenServer,
  options: { rotation?: Rotation; auth?: Partial<AuthorizationCode> } = {},
): Promise<AGrant> {
  const workspace = newId<WorkspaceId>();
  const connection = newId<ConnectionId>();
  const grant = server.grant(options.rotation);
  const [auth] = shopAt(server, options.auth).auth({});
  if (auth.type !== "oauth2_authorization_code") throw new Error("the shop is signed in at by its people");
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`;
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, status, account_id, account_label, auth_type)
      values (${workspace}, ${connection}, 'shop', 'Shop of Ana', 'active', ${grant.id}, 'Ana', 'oauth2_authorization_code')`;
    const [row] = await tx.sql<{ now: Date }>`select clock_timestamp() as now`;
    const now = row?.now ?? new Date();
    await storeTokens(
      tx,
      deps,
      connection,
      auth,
      {
        accessToken: new Secret(grant.accessToken),
        refreshToken: new Secret(grant.refreshToken),
        expiresInS: 3600,
        kept: {},
      },
      { grantedAt: now, sentAt: now, clientId: "client", tokenUrl: server.tokenUrl, origins: [server.origin] },
    );
  });
  return { workspace, connection, grant };
}

/** Lets the time of a token be over. */
export const expire = ({ database }: ConnectionDeps, { workspace, connection }: AGrant) =>
  database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      update token_sets set obtained_at = obtained_at - interval '2 hours', expires_at = clock_timestamp() - interval '1 minute'
       where connection_id = ${connection}`,
  );
