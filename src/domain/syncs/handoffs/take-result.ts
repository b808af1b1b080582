// What a receiver reports of a document, at the address that was made for it.
import { AppError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { loadConnected } from "#domain/connections/connected.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Delivery } from "#provider-kit/provider.ts";
import { openHookSecret } from "#vault/hook-secret.ts";
import { hashOf, isState } from "#vault/pkce.ts";
import type { HandoffDeps } from "./handoff.ts";
import { findPlaceSecret, keepResult, locatePlace } from "./result-rows.ts";

const MOST_BODY = 2_000;

/**
 * `unknown`: there is no such place, this is not from whom it was made for, or it is about nothing that he was told of;
 * which of them is nobody's business.
 */
export type TakeResult = (place: string, delivery: Delivery) => Promise<"taken" | "unknown">;

export const openResults =
  (deps: HandoffDeps): TakeResult =>
  async (place, delivery) => {
    if (!isState(place)) return "unknown";
    const hash = hashOf(place);
    const found = await deps.database.acrossWorkspaces((tx) => locatePlace(tx, hash));
    return found ? take(deps, found, hash, delivery) : "unknown";
  };

const take = (
  deps: HandoffDeps,
  { workspace, connection }: { workspace: WorkspaceId; connection: ConnectionId },
  hash: Uint8Array,
  delivery: Delivery,
): Promise<"taken" | "unknown"> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const sealed = await findPlaceSecret(tx, connection, hash);
    const receiver = await loadConnected(tx, deps, connection).catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    const receive = receiver?.provider.handoff?.receive;
    if (!receiver || !receive || sealed === undefined) return "unknown";
    const use = { actor: "system" as const, purpose: "hand-off result" };
    const secret = await openHookSecret(deps.vault, tx, { table: "result_places", row: connection }, sealed, use);
    const report = receive(receiver.config, delivery, secret, deps.clock.now());
    if (!report) return "unknown";
    const { document, at, body, ...rest } = report;
    const kept = await keepResult(tx, connection, document, {
      ...rest,
      at: at.toISOString(),
      ...(body !== undefined && { body: body.replaceAll("\\u0000", "").slice(0, MOST_BODY) }),
    });
    if (!kept) return "unknown";
    await notifyLive(tx, { workspace, type: "changed", what: "handoffs", sync_id: kept.sync });
    return "taken";
  });
