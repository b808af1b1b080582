import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { loadConnected } from "#domain/connections/connected.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { holdConnection } from "#domain/connections/read-connections.ts";
import { newHookSecret, sealHookSecret } from "#vault/hook-secret.ts";
import { newState } from "#vault/pkce.ts";
import type { HandoffDeps } from "./handoff.ts";
import { writePlace } from "./result-rows.ts";

/**
 * Where a receiver reports what became of documents, and the secret it signs with; both are told this once. An earlier
 * address ends.
 * @throws AppError not_found, connection_not_active, conflict where the provider reports nothing
 */
export async function makeResultAddress(
  deps: HandoffDeps,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: ConnectionId,
): Promise<{ url: string; secret: string }> {
  const place = newState();
  const secret = `whsec_${Buffer.from(newHookSecret(), "base64url").toString("base64")}`;
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    const connection = await holdConnection(tx, id);
    if (!connection) throw notFound();
    const { provider } = await loadConnected(tx, deps, id);
    if (!provider.handoff?.receive) throw new AppError("conflict", `${provider.name} reports nothing.`);
    const sealed = await sealHookSecret(deps.vault, tx, { table: "result_places", row: id }, secret);
    await writePlace(tx, id, { hash: place.hash, secret: sealed, by: personOf(actor) });
    const target = { kind: "connection", id, label: connection.name };
    await audit(tx, { actor, action: "connection.result_address_made", target });
  });
  return { url: `${deps.publicUrl}/hooks/results/${place.text}`, secret };
}
