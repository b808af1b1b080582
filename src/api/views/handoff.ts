import type { z } from "zod";
import type { Handoff } from "#domain/syncs/handoffs/handoff.ts";
import type * as contract from "../contract/handoffs.ts";
import { toTime } from "./time.ts";

export const toHandoffView = (handoff: Handoff): z.input<typeof contract.handoffView> => ({
  id: handoff.id,
  sync_id: handoff.sync,
  file: handoff.file,
  version: handoff.version,
  connection: handoff.connection,
  state: handoff.state,
  attempts: handoff.attempts,
  queued_at: handoff.queuedAt.toISOString(),
  last_sent_at: toTime(handoff.lastSentAt),
  next_attempt_at: toTime(handoff.nextAttemptAt),
  answer: handoff.answer
    ? {
        at: handoff.answer.at,
        status: handoff.answer.status ?? null,
        reason: handoff.answer.reason ?? null,
        body: handoff.answer.body ?? null,
        job: handoff.answer.job ?? null,
        duplicate: handoff.answer.duplicate ?? false,
      }
    : null,
  result: handoff.result
    ? {
        at: handoff.result.at,
        ok: handoff.result.ok,
        job: handoff.result.job ?? null,
        reason: handoff.result.reason ?? null,
        body: handoff.result.body ?? null,
      }
    : null,
});
