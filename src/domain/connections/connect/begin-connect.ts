import { AppError } from "#core/errors.ts";
import { type ConnectionId, newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { type FoundProvider, findProvider } from "#domain/catalog/find-provider.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { needsPerson } from "#provider-kit/credential.ts";
import { fingerprint } from "#provider-kit/fingerprint.ts";
import { hashOf, newState, newVerifier } from "#vault/pkce.ts";
import type { SecretPlace } from "#vault/seal.ts";
import { type Connected, loadConnected } from "../connected.ts";
import { whichClient } from "../oauth-clients/which-client.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { findSyncsUsing } from "../queries.ts";
import { originsOf } from "../tokens/credential.ts";
import { callbackPlace, redirectUri } from "./callback-address.ts";
import type { FlowEndpoints, ReturnTo } from "./flow.ts";
import { deleteOldFlows, insertFlow } from "./queries.ts";

const LIFE_S = 10 * 60;
const MOST_UNDER_WAY = 20;

export interface BegunConnect {
  /** Where the person's browser goes. */
  url: string;
  /** Hosts that will receive data. */
  hosts: string[];
  expiresAt: Date;
}

/**
 * Begins the sign-in of a connection at its provider, for one person in one browser session (SR-33). It may be finished
 * once, within ten minutes.
 * @throws AppError not_found, not_signed_in for who has no session, invalid_request for a connection that is signed in
 * with in another way, connection_not_active, oauth_client_missing, connection_in_use, too_many_requests
 */
export async function beginConnect(
  deps: ConnectionDeps,
  caller: { workspace: WorkspaceId; actor: Actor; user?: UserId | undefined; session?: string | undefined },
  id: ConnectionId,
  wish: { returnTo: ReturnTo; otherAccount: boolean; scopes?: readonly string[] | undefined },
): Promise<BegunConnect> {
  const { workspace, actor, user, session } = caller;
  if (user === undefined || session === undefined) {
    throw new AppError("not_signed_in", "A person with a browser does this. An API key cannot sign in at a provider.");
  }
  return deps.database.asWorkspace({ workspace, user }, async (tx) => {
    const connected = await loadConnected(tx, deps, id);
    const { connection, provider, auth } = connected;
    if (!needsPerson(auth)) {
      throw new AppError("invalid_request", `"${connection.name}" is not signed in with at ${provider.name} itself.`);
    }
    if (wish.otherAccount && (await findSyncsUsing(tx, id, 1)).length > 0) {
      const whose = connection.account ? ` of "${connection.account.label}"` : "";
      throw new AppError(
        "connection_in_use",
        `Syncs count on the account${whose}. Make a new connection for another account.`,
      );
    }
    const found = await findProvider(tx, deps, connection.provider, connection.sandbox);
    const { clientId } = await whichClient(tx, deps, connection.provider, connection.sandbox);
    if (!found || clientId === undefined) {
      throw new AppError("oauth_client_missing", `There is no OAuth client for ${provider.name} yet. Set one first.`);
    }
    await deleteOldFlows(tx);

    const flowId = newId<string>();
    const state = newState();
    const pkce = auth.pkce ? newVerifier() : undefined;
    const scopes = [...new Set([...auth.scopes, ...(wish.scopes ?? [])])];
    const place = callbackPlace(found, connection.sandbox);
    const uri = redirectUri(deps.publicUrl, place);
    const expiresAt = await insertFlow(
      tx,
      {
        id: flowId,
        connection: id,
        stateHash: state.hash,
        sessionHash: hashOf(session),
        user,
        place,
        providerFingerprint: found.fingerprint,
        endpoints: endpointsOf(connected, auth, clientId),
        redirectUri: uri,
        verifier: pkce ? await deps.vault.sealSecret(tx, verifierPlace(flowId), pkce.verifier) : null,
        scopes,
        otherAccount: wish.otherAccount,
        returnTo: wish.returnTo,
      },
      { most: MOST_UNDER_WAY, lifeS: LIFE_S },
    );
    if (!expiresAt) throw tooMany();
    await audit(tx, {
      actor,
      action: "connection.authorize_begun",
      target: { kind: "connection", id, label: connection.name },
      after: { provider: provider.key, scopes, other_account: wish.otherAccount },
    });
    const url = authorizeUrl(auth, {
      clientId,
      redirectUri: uri,
      scopes,
      state: state.text,
      challenge: pkce?.challenge,
    });
    return { url: url.href, hosts: hostsOf(found, connected, url), expiresAt };
  });
}

export const verifierPlace = (flow: string): SecretPlace => ({ table: "connect_flows", row: flow, field: "verifier" });

/** What has to be the same when the person comes back. */
export const endpointsOf = (
  { connection }: Pick<Connected, "connection">,
  auth: AuthorizationCode,
  clientId: string,
): FlowEndpoints => ({
  authorizeUrl: auth.authorizeUrl,
  tokenUrl: auth.tokenUrl,
  clientId,
  fingerprint: fingerprint(JSON.stringify([auth, connection.config])),
});

/** The provider's page, with our own parameters last: no setting of the provider replaces one of them. */
export function authorizeUrl(
  auth: AuthorizationCode,
  wish: {
    clientId: string;
    redirectUri: string;
    scopes: readonly string[];
    state: string;
    challenge: string | undefined;
  },
): URL {
  const url = new URL(auth.authorizeUrl);
  if (!mayBeOpened(url)) {
    throw new AppError(
      "address_refused",
      "The address of this sign-in is not one that a browser is sent to: use https.",
    );
  }
  url.hash = "";
  const scope = wish.scopes.join(auth.scopeSeparator ?? " ");
  const params = {
    ...auth.authorizeParams,
    response_type: "code",
    [auth.paramNames?.clientId ?? "client_id"]: wish.clientId,
    redirect_uri: wish.redirectUri,
    ...(scope !== "" && { [auth.scopeParam ?? "scope"]: scope }),
    state: wish.state,
    ...(wish.challenge !== undefined && { code_challenge: wish.challenge, code_challenge_method: "S256" }),
  };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url;
}

/** A page without TLS only on this machine: a simulator. Nothing else that a browser would take for an address. */
const mayBeOpened = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));

function hostsOf({ provider }: FoundProvider, { config, connection }: Connected, url: URL): string[] {
  const origins = originsOf(provider, config, connection.kept);
  return [...new Set([url.host, ...origins.map((origin) => origin.replace(/^[a-z]+:\/\//, ""))])];
}

const tooMany = () =>
  new AppError("too_many_requests", `You have ${MOST_UNDER_WAY} sign-ins under way. Finish one, or wait ten minutes.`, {
    retryAfterS: LIFE_S,
  });
