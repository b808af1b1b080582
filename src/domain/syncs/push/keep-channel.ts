// One channel, one step: subscribe, renew, replace or end it. Look, go out, write down; a channel is one process's for as
// long as its lease lasts, and what is written is written under the lease's epoch.
import { AppError, ProviderError } from "#core/errors.ts";
import { newId, type WorkspaceId } from "#core/ids.ts";
import { isPassing } from "#core/passing.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type ConnectionDeps, openConnection } from "#domain/connections/open-connection.ts";
import { withinTime } from "#domain/connections/within-time.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Call, Provider, Subscription, Webhooks } from "#provider-kit/provider.ts";
import { newHookSecret, sealHookSecret } from "#vault/hook-secret.ts";
import { hashOf, newState } from "#vault/pkce.ts";
import { sentence } from "../sentence.ts";
import type { Failure } from "../sync.ts";
import type { Channel, LeasedChannel } from "./channel.ts";
import { hintDrive } from "./hints.ts";
import { endsInVain, isHopeless, nextStep, nextTry, renewalTime, type Step, wantedUntil } from "./next-step.ts";
import { addressOf, noticeUrl, webhooksOf, whyUnreachable } from "./notice-address.ts";
import {
  deleteChannel,
  findSyncsOfDrive,
  findWish,
  holdChannel,
  insertChannel,
  leaseChannel,
  releaseChannel,
  writeFailed,
  writeLive,
  writePlace,
  writeRenewed,
  writeReplaced,
} from "./queries.ts";

/** Longer than a step takes, so that nobody comes in between. */
const LEASE_S = 120;
const STEP_MS = 60_000;

/** Brings a channel one step further, where that is due. Throws only what is our own mistake, or at a stop. */
export async function keepChannel(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  id: string,
  stopping: AbortSignal,
): Promise<void> {
  const taken = await deps.database.asWorkspace({ workspace }, (tx) => take(tx, deps, id));
  if (!taken) return;
  const { channel } = taken;
  try {
    const write = await withinTime({ name: "The provider", ms: STEP_MS, signal: stopping }, (signal) =>
      goOut(deps, workspace, taken, signal),
    );
    const isOurs = await deps.database.asWorkspace({ workspace }, async (tx) => {
      if (!(await holdChannel(tx, channel))) return false;
      await write.down(tx);
      await tellPages(tx, channel);
      return true;
    });
    if (!isOurs) await write.tooLate?.();
  } catch (cause) {
    if (stopping.aborted || isPassing(cause)) {
      await deps.database.asWorkspace({ workspace }, (tx) => releaseChannel(tx, channel)).catch(() => {});
      throw cause;
    }
    await deps.database.asWorkspace({ workspace }, (tx) => settle(tx, channel, taken.step, cause));
    if (!(cause instanceof ProviderError || cause instanceof AppError)) throw cause;
  }
}

interface Taken {
  channel: LeasedChannel;
  step: Exclude<Step, "nothing">;
  /** What a subscription is made with. */
  place?: { url: string; secret: string };
}

async function take(tx: WorkspaceTx, deps: ConnectionDeps, id: string): Promise<Taken | undefined> {
  const channel = await leaseChannel(tx, id, LEASE_S);
  if (!channel) return undefined;
  const wish = await findWish(tx, channel);
  const webhooks = wish && webhooksOf(deps, wish);
  const wanted =
    webhooks !== undefined && channel.address === addressOf(deps) && !whyUnreachable(deps, wish?.sandbox ?? false);
  const step = nextStep(channel, { wanted, renewable: webhooks?.renew !== undefined, now: channel.now });
  if (step === "nothing") {
    await releaseChannel(tx, channel);
    return undefined;
  }
  if (step !== "subscribe") return { channel, step };
  // Another place and secret for every try: what a try without an answer may have left at the provider is nobody's here,
  // and dies there of being refused.
  const { text } = newState();
  const secret = newHookSecret();
  const sealed = await sealHookSecret(deps.vault, tx, { table: "push_channels", row: id }, secret);
  await writePlace(tx, id, { placeHash: hashOf(text), secret: sealed });
  return { channel, step, place: { url: noticeUrl(channel.address, text), secret } };
}

/** What is written when the step is done, or done about it when the channel is no longer ours. */
interface Outcome {
  down(tx: WorkspaceTx): Promise<void>;
  tooLate?(): Promise<void>;
}

async function goOut(
  deps: ConnectionDeps,
  workspace: WorkspaceId,
  { channel, step, place }: Taken,
  signal: AbortSignal,
): Promise<Outcome> {
  if (step === "forget") return { down: (tx) => deleteChannel(tx, channel) };
  if (step === "replace") return { down: (tx) => makeAnother(tx, channel) };
  const use = { actor: "system" as const, purpose: "push channel" };
  const { provider, call } = await openConnection(deps, workspace, channel.connection, { use, signal });
  const { webhooks } = provider;
  if (!webhooks) throw new AppError("connection_not_active", `${provider.name} sends no notices.`);
  const { subscription, now } = channel;
  const expiresAt = wantedUntil(now);

  if (place) {
    const made = await subscribe(call, provider, webhooks, { drive: channel.drive, ...place, expiresAt });
    return {
      async down(tx) {
        await writeLive(tx, channel, made, renewalTime(now, made.expiresAt ?? expiresAt, Math.random()));
        // What changed before the provider began to watch is found by a run, and not by a notice.
        await hintDrive(tx, channel);
      },
      tooLate: () => webhooks.unsubscribe(call, made),
    };
  }
  if (!subscription) throw new Error("a channel is ended or renewed after it was subscribed");
  if (step === "end") {
    await webhooks.unsubscribe(call, subscription);
    return { down: (tx) => deleteChannel(tx, channel) };
  }
  const renewed = await renew(call, webhooks, subscription, expiresAt);
  if (!renewed) return { down: (tx) => makeAnother(tx, channel) };
  const nextAt = renewalTime(now, renewed.expiresAt ?? expiresAt, Math.random());
  return {
    async down(tx) {
      await writeRenewed(tx, channel, renewed, nextAt);
      // A provider that could not reach us for long may have stopped telling, and told nothing of that.
      await hintDrive(tx, channel);
    },
  };
}

async function subscribe(
  call: Call,
  { files }: Provider,
  webhooks: Webhooks,
  wanted: Omit<Parameters<Webhooks["subscribe"]>[1], "since">,
): Promise<Subscription> {
  const since = await files?.changes?.(call, { drive: wanted.drive });
  return webhooks.subscribe(call, { ...wanted, ...(since && { since: since.next }) });
}

/** Nothing where the provider does not know it any more. */
async function renew(
  call: Call,
  webhooks: Webhooks,
  subscription: Subscription,
  expiresAt: Date,
): Promise<Subscription | undefined> {
  try {
    return await webhooks.renew?.(call, subscription, expiresAt);
  } catch (failure) {
    if (failure instanceof ProviderError && failure.kind === "not-found") return undefined;
    throw failure;
  }
}

async function makeAnother(tx: WorkspaceTx, channel: LeasedChannel): Promise<void> {
  await writeReplaced(tx, channel);
  const { connection, drive, address } = channel;
  await insertChannel(tx, { id: newId<string>(), connection, drive, address });
}

async function settle(tx: WorkspaceTx, channel: LeasedChannel, step: Step, cause: unknown): Promise<void> {
  const failure = toFailure(cause, channel.now);
  const { now, attempts, state } = channel;
  const isInVain = step === "end" && (isHopeless(failure.kind) || endsInVain(channel.failingSince, now));
  // One that was never made is made anew when the connection works again.
  if (isInVain || (state === "making" && needsConnection(failure.kind))) await deleteChannel(tx, channel);
  else {
    const retryAt = cause instanceof ProviderError ? cause.retryAt : undefined;
    const about = { attempts: attempts + 1, now, chance: Math.random() };
    await writeFailed(tx, channel, failure, nextTry({ kind: failure.kind, retryAt }, about));
  }
  await tellPages(tx, channel);
}

const needsConnection = (kind: string): boolean =>
  kind === "reauthorize" || kind === "connection_not_active" || kind === "not_found";

function toFailure(cause: unknown, now: Date): Failure {
  const at = now.toISOString();
  if (cause instanceof ProviderError) return { kind: cause.kind, message: sentence(cause.message), at };
  if (cause instanceof AppError) return { kind: cause.code, message: sentence(cause.message), at };
  return { kind: "internal", message: "Something went wrong inside Hawser; the log of the server says more.", at };
}

async function tellPages(tx: WorkspaceTx, channel: Pick<Channel, "connection" | "drive">): Promise<void> {
  for (const sync of await findSyncsOfDrive(tx, channel)) {
    await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "syncs", sync_id: sync });
  }
}
