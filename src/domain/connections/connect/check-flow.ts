import { AppError } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { findProvider } from "#domain/catalog/find-provider.ts";
import { memberRole } from "#domain/workspaces/members.ts";
import { isAtLeast } from "#domain/workspaces/role.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { needsPerson } from "#provider-kit/credential.ts";
import type { Secret } from "#vault/secret.ts";
import { secretUse } from "../access.ts";
import { type Connected, loadConnected } from "../connected.ts";
import { type OpenClient, openClient } from "../oauth-clients/open-client.ts";
import { whichClient } from "../oauth-clients/which-client.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { readTokenState } from "../tokens/queries.ts";
import { endpointsOf, verifierPlace } from "./begin-connect.ts";
import type { Flow, Outcome, Visitor } from "./flow.ts";
import { type Callback, readCallback } from "./read-callback.ts";

/** Nothing comes of a callback. `because` is a short word for the audit log. */
export interface Refusal {
  refused: Outcome;
  because: string;
}

/** Everything for the one request for tokens. */
export interface Ready extends Unchanged {
  client: OpenClient;
  code: string;
  verifier: Secret | undefined;
  /** What the callback told. */
  kept: Record<string, string>;
  /** By the database's clock, before the request is sent. */
  sentAt: Date;
}

/** Whether a flow that has been taken may go on to the token request (SR-34, SR-35), with what that takes. */
export async function checkFlow(
  tx: WorkspaceTx,
  deps: ConnectionDeps,
  visitor: Visitor,
  flow: Flow,
  callback: Callback,
): Promise<Ready | Refusal> {
  if (callback.place !== flow.place) return { refused: "failed", because: "other_provider" };
  const role = await memberRole(tx, visitor.user);
  if (!role || !isAtLeast(role, "admin")) return { refused: "not_allowed", because: "role" };
  const unchanged = await findUnchanged(tx, deps, flow);
  if ("refused" in unchanged) return unchanged;
  const { connection, auth } = unchanged;
  const answer = readCallback(auth, callback);
  if ("refused" in answer) return answer;

  const { origin } = new URL(auth.tokenUrl);
  const use = { ...secretUse(actorOf(visitor), "sign-in"), origin };
  const about = { provider: connection.provider, sandbox: connection.sandbox, tokenUrl: auth.tokenUrl };
  const client = await openClient(tx, deps, about, use).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  if (!client) return { refused: "app_misconfigured", because: "client" };
  const verifier =
    flow.verifier === undefined
      ? undefined
      : await deps.vault.openSecret(tx, verifierPlace(flow.id), flow.verifier, use);
  const { now: sentAt } = await readTokenState(tx, connection.id);
  return { ...unchanged, ...answer, client, verifier, sentAt };
}

export interface Unchanged extends Connected {
  auth: AuthorizationCode;
}

/** The connection of a flow, while it, its provider and its OAuth client are what they were when the flow began. */
export async function findUnchanged(tx: WorkspaceTx, deps: ConnectionDeps, flow: Flow): Promise<Unchanged | Refusal> {
  const changed = (because: string): Refusal => ({ refused: "provider_changed", because });
  let connected: Connected;
  try {
    connected = await loadConnected(tx, deps, flow.connection);
  } catch (error) {
    if (error instanceof AppError) return changed("connection");
    throw error;
  }
  const { connection, auth } = connected;
  const found = await findProvider(tx, deps, connection.provider, connection.sandbox);
  if (!needsPerson(auth) || found?.fingerprint !== flow.providerFingerprint) return changed("provider");
  const { clientId } = await whichClient(tx, deps, connection.provider, connection.sandbox);
  if (clientId !== flow.endpoints.clientId) return changed("client");
  if (endpointsOf(connected, auth, clientId).fingerprint !== flow.endpoints.fingerprint) return changed("settings");
  return { ...connected, auth };
}

export const actorOf = ({ user, name, address, requestId }: Visitor) =>
  ({ kind: "user", id: user, label: name, address, requestId }) as const;
