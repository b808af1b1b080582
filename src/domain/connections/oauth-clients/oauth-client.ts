import { AppError, invalidField, notFound } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { beforeConfig } from "#domain/catalog/before-config.ts";
import { type CatalogDeps, type FoundProvider, findProvider } from "#domain/catalog/find-provider.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { needsPerson } from "#provider-kit/credential.ts";
import { originPattern } from "#provider-kit/definition/address.ts";
import { Secret } from "#vault/secret.ts";
import type { Caller } from "../connection.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { clientChanged } from "./client-changed.ts";
import { clientSecretPlace } from "./open-client.ts";
import { deleteClient, findClient, type OwnClient, writeClient } from "./queries.ts";
import { type ClientInUse, whichClient } from "./which-client.ts";

/** The OAuth client that a provider is signed in with; `own` where the workspace has one. */
export type OAuthClient = ClientInUse & { own: OwnClient | undefined };

type ClientDeps = Pick<ConnectionDeps, "database" | "providers" | "sandbox" | "operatorClients" | "vault" | "clock">;

/** @throws AppError not_found for a provider without an OAuth sign-in */
export const readOAuthClient = (
  deps: Omit<ClientDeps, "vault" | "clock">,
  workspace: WorkspaceId,
  provider: string,
): Promise<OAuthClient> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    await findOAuth(tx, deps, provider);
    return read(tx, deps, provider);
  });

/**
 * Sets the workspace's own OAuth client at a provider, whole: a secret that is left out is none. Connections that were
 * signed in with another client wait for a person; a new secret of the same client mends what failed for the old one.
 * @throws AppError not_found, invalid_request
 */
export async function setOAuthClient(
  deps: ClientDeps,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  key: string,
  wanted: { clientId: string; secret?: string | undefined },
): Promise<OAuthClient> {
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    const { found, auth } = await findOAuth(tx, deps, key);
    // SR-37: people consent to the installation's client at its own provider, and nowhere else.
    if ([...deps.operatorClients.values()].some(({ id }) => id === wanted.clientId)) {
      throw invalidField("/client_id", "This is the installation's own client. Make one of your own.", "reserved");
    }
    const secret = wanted.secret === undefined || wanted.secret === "" ? undefined : new Secret(wanted.secret);
    if (!secret && auth.clientAuth !== "none") throw invalidField("/client_secret", "This is needed.", "required");
    const before = await findClient(tx, key);
    await writeClient(tx, {
      provider: key,
      clientId: wanted.clientId,
      secret: secret ? await deps.vault.sealSecret(tx, clientSecretPlace(key), secret) : null,
      fingerprint: secret ? deps.vault.fingerprint(workspace, secret) : null,
      origins: originsOfClient(auth),
      by: personOf(actor),
    });
    await clientChanged(tx, {
      provider: key,
      name: found.provider.name,
      clientId: wanted.clientId,
      at: deps.clock.now(),
    });
    await audit(tx, {
      actor,
      action: "oauth_client.set",
      target: { kind: "provider", id: key, label: found.provider.name },
      ...(before && { before: { client_id: before.clientId } }),
      after: { client_id: wanted.clientId, secret_set: secret !== undefined },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
    return read(tx, deps, key);
  });
}

/**
 * Goes back to the installation's client, where there is one. @throws AppError not_found where the workspace has none
 */
export async function deleteOAuthClient(
  deps: Omit<ClientDeps, "vault">,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  key: string,
): Promise<void> {
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    const before = await findClient(tx, key);
    if (!before || !(await deleteClient(tx, key))) throw notFound();
    const name = (await findProvider(tx, deps, key, false))?.provider.name ?? key;
    const { clientId } = await whichClient(tx, deps, key, false);
    await clientChanged(tx, { provider: key, name, clientId, at: deps.clock.now() });
    await audit(tx, {
      actor,
      action: "oauth_client.deleted",
      target: { kind: "provider", id: key, label: name },
      before: { client_id: before.clientId },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
  });
}

async function read(
  tx: WorkspaceTx,
  deps: Pick<ClientDeps, "sandbox" | "operatorClients">,
  key: string,
): Promise<OAuthClient> {
  return { ...(await whichClient(tx, deps, key, false)), own: await findClient(tx, key) };
}

async function findOAuth(
  tx: WorkspaceTx,
  deps: Pick<CatalogDeps, "providers" | "sandbox">,
  key: string,
): Promise<{ found: FoundProvider; auth: AuthorizationCode }> {
  const found = await findProvider(tx, deps, key, false);
  const auth = found && beforeConfig(() => found.provider.auth({})).find(needsPerson);
  if (!found || !auth) throw notFound();
  return { found, auth };
}

/** Where its secret may go. A part of the host that comes from the config stands for any subdomain. */
function originsOfClient({ tokenUrl, refreshUrl, revokeUrl }: AuthorizationCode): string[] {
  const origins = [tokenUrl, refreshUrl, revokeUrl].flatMap((url) => (url === undefined ? [] : [originPattern(url)]));
  const known = origins.filter((origin) => origin !== undefined);
  if (known.length < origins.length) {
    throw new AppError(
      "invalid_request",
      "The whole host of this sign-in comes from the config: it has no one client.",
    );
  }
  return [...new Set(known)];
}
