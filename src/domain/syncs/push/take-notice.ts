// What a provider sends to the address of a channel. It is a hint and nothing else (SR-68): no word of it becomes data.
import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Queue } from "#jobs/queue.ts";
import type { Delivery, Receipt } from "#provider-kit/provider.ts";
import { openHookSecret } from "#vault/hook-secret.ts";
import { hashOf, isState } from "#vault/pkce.ts";
import type { Vault } from "#vault/seal.ts";
import { followHint, hintDrive } from "./hints.ts";
import { joinedWrites } from "./joined-writes.ts";
import { type PushMeans, webhooksOf } from "./notice-address.ts";
import { findListening, type Listening, locateChannel, noteNotices, noteRefused } from "./queries.ts";

export interface NoticeDeps extends PushMeans {
  database: Database;
  queue: Queue;
  vault: Vault;
}

/** `unknown`: there is no such place, or this is not from whom it was made for; which of them is nobody's business. */
export type NoticeAnswer =
  | { kind: "unknown" }
  | { kind: "taken" }
  | { kind: "handshake"; status: number; body: string };

/** What is sent to one place: `place` is the last part of its address. */
export type TakeNotice = (place: string, delivery: Delivery) => Promise<NoticeAnswer>;

type Came = { kind: "genuine"; id?: string; asks?: "renew" | "subscribe" } | { kind: "refused" };
type At = Listening & { workspace: WorkspaceId };

const LONGEST_REPLY = 2048;
const LONGEST_ID = 200;
const unknown: NoticeAnswer = { kind: "unknown" };

/** However many come at once: one transaction at a time for a channel, and one run for all of them. */
export function openNotices(deps: NoticeDeps): TakeNotice {
  const note = joinedWrites<At, Came>(
    ({ id }) => id,
    (at, came) => write(deps, at, came),
  );
  return async (place, delivery) => {
    if (!isState(place)) return unknown;
    const found = await deps.database.acrossWorkspaces((tx) => locateChannel(tx, hashOf(place)));
    const opened = found && (await open(deps, found));
    const webhooks = opened && webhooksOf(deps, opened.at);
    if (!webhooks) return unknown;
    const { at, secret } = opened;
    const receipt = webhooks.receive(delivery, secret);
    switch (receipt.kind) {
      case "genuine":
        await note(at, { ...receipt, ...(receipt.id !== undefined && { id: receipt.id.slice(0, LONGEST_ID) }) });
        return { kind: "taken" };
      case "handshake":
        return at.isBeingMade || receipt.reply.body === "" ? toHandshake(receipt) : unknown;
      case "refused":
        await note(at, { kind: "refused" });
        return unknown;
    }
  };
}

async function open(deps: NoticeDeps, { workspace, id }: { workspace: WorkspaceId; id: string }) {
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    const listening = await findListening(tx, id);
    if (!listening) return undefined;
    const use = { actor: "system" as const, purpose: "push notice" };
    const at = { table: "push_channels", row: id };
    const secret = await openHookSecret(deps.vault, tx, at, listening.secret, use);
    return { at: { ...listening, workspace }, secret };
  });
}

/** An echo of what somebody sent is short, and only sent while a subscription is being made (SR-68). */
function toHandshake({ reply }: Extract<Receipt, { kind: "handshake" }>): NoticeAnswer {
  const isFit = reply.status >= 200 && reply.status < 300 && Buffer.byteLength(reply.body) <= LONGEST_REPLY;
  return isFit ? { kind: "handshake", ...reply } : unknown;
}

async function write(deps: NoticeDeps, at: At, came: readonly Came[]): Promise<void> {
  const { workspace } = at;
  const genuine = came.filter((one) => one.kind === "genuine");
  const hinted = await deps.database.asWorkspace({ workspace }, async (tx): Promise<SyncId[]> => {
    if (genuine.length < came.length) await noteRefused(tx, at.id, came.length - genuine.length);
    const fresh = genuine.length > 0 ? await noteNotices(tx, at.id, genuine) : 0;
    // While it is being made a run follows anyway; of one that is ending another one tells, or nobody wants to know.
    return fresh > 0 && at.state === "live" ? hintDrive(tx, at) : [];
  });
  for (const sync of hinted) await followHint(deps, workspace, sync);
}
