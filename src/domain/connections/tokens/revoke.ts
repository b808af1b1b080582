import { AppError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import { revokeToken, TokenFailure } from "#outbound/token-endpoint.ts";
import type { Secret } from "#vault/secret.ts";
import type { TokenDeps } from "./deps.ts";
import { backoffMs } from "./judge-failure.ts";
import { deleteRevocation, putOffRevocation, type RevocationAtWork, takeRevocation } from "./revocation-rows.ts";
import { revocationPlace } from "./revoke-later.ts";

/** For so long nobody else takes it. */
const AT_WORK_S = 120;
const GIVEN_UP_AFTER_MS = 7 * 24 * 60 * 60_000;

interface Opened extends RevocationAtWork {
  tokenSecret: Secret;
  clientSecretValue: Secret | undefined;
}

/**
 * Tells a provider that a token was given up (SR-11), and forgets it. Refusals that are no "later" are final; what a
 * provider puts off is tried again for a week, and then given up, which the audit log says.
 */
export async function revoke(
  deps: Pick<TokenDeps, "database" | "vault" | "outbound">,
  workspace: WorkspaceId,
  id: string,
): Promise<void> {
  const taken = await deps.database.asWorkspace({ workspace }, (tx) => take(tx, deps, id));
  if (!taken) return;
  const { endpoint, tokenSecret, clientSecretValue } = taken;
  const { url, hint, clientId, ...client } = endpoint;
  let failure: RevocationFailure | undefined;
  try {
    await revokeToken(deps.outbound, {
      url,
      token: tokenSecret,
      hint,
      client: { ...client, id: clientId, ...(clientSecretValue && { secret: clientSecretValue }) },
    });
  } catch (error) {
    failure = readFailure(error);
  }
  await deps.database.asWorkspace({ workspace }, (tx) => settle(tx, taken, failure));
}

interface RevocationFailure {
  /** Asking again would be answered in the same way. */
  isFinal: boolean;
  retryAt?: Date | undefined;
}

function readFailure(error: unknown): RevocationFailure {
  // An address that is refused may be allowed again soon.
  if (error instanceof AppError) return { isFinal: false };
  if (!(error instanceof TokenFailure)) throw error;
  return { isFinal: error.kind === "grant-dead" || error.kind === "unknown", retryAt: error.retryAt };
}

async function take(tx: WorkspaceTx, { vault }: Pick<TokenDeps, "vault">, id: string): Promise<Opened | undefined> {
  const taken = await takeRevocation(tx, id, AT_WORK_S);
  if (!taken) return undefined;
  const use = {
    actor: "system" as const,
    purpose: "token revocation",
    origin: new URL(taken.endpoint.url).origin,
  };
  const open = (field: "token" | "client_secret", text: string) =>
    vault.openSecret(tx, revocationPlace(id, field), text, use);
  try {
    return {
      ...taken,
      tokenSecret: await open("token", taken.token),
      clientSecretValue: taken.clientSecret === null ? undefined : await open("client_secret", taken.clientSecret),
    };
  } catch {
    // What does not open any more never will; the vault has told of it.
    await giveUp(tx, taken);
    return undefined;
  }
}

async function settle(tx: WorkspaceTx, taken: Opened, failure: RevocationFailure | undefined): Promise<void> {
  if (!failure) return deleteRevocation(tx, taken.id);
  if (!failure.isFinal && taken.ageMs < GIVEN_UP_AFTER_MS) {
    return putOffRevocation(tx, taken.id, {
      inMs: backoffMs(taken.attempts, Math.random()),
      notBefore: failure.retryAt,
    });
  }
  await giveUp(tx, taken);
}

async function giveUp(tx: WorkspaceTx, taken: RevocationAtWork): Promise<void> {
  await deleteRevocation(tx, taken.id);
  await audit(tx, {
    actor: { kind: "system", label: "Hawser" },
    action: "connection.revocation_given_up",
    target: { kind: "connection", id: taken.connection },
    result: "failed",
    after: { provider: taken.provider, attempts: taken.attempts },
  });
}
