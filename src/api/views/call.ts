import type { z } from "zod";
import type { Call, CallAttempt, CallSummary } from "#domain/connections/calls/call.ts";
import type { ActionCard } from "#domain/connections/calls/list-actions.ts";
import type { actionView, callView, listCalls } from "../contract/calls.ts";
import { toFailureView } from "./connection.ts";

export const toActionView = (action: ActionCard): z.input<typeof actionView> => ({
  key: action.key,
  name: action.name,
  description: action.description,
  method: action.method,
  path: action.path,
  effect: action.effect,
  input_schema: action.inputSchema,
  cache_s: action.cacheSeconds,
});

export const toCallView = (call: Call): z.input<typeof callView> => ({
  ...common(call),
  request: call.request ?? null,
  response: call.response
    ? {
        status: call.response.status,
        url: call.response.url,
        headers: call.response.headers,
        media_type: call.response.mediaType,
        bytes: call.response.bytes,
        body: call.response.body,
        ...(call.response.output !== undefined && { output: call.response.output }),
      }
    : null,
  attempts: call.attempts.map(toAttemptView),
});

type SummaryView = z.input<NonNullable<typeof listCalls.reply>>["items"][number];

export const toCallSummaryView = (call: CallSummary): SummaryView => ({
  ...common(call),
  method: call.method ?? null,
  url: call.url ?? null,
  status: call.status ?? null,
  attempts: call.attempts,
});

const common = (call: Omit<Call, "request" | "response" | "attempts">) => ({
  id: call.id,
  at: call.at.toISOString(),
  action: call.action ?? null,
  actor: call.actor,
  failure: toFailureView(call.failure),
  took_ms: call.tookMs,
  cached: call.cached,
});

const toAttemptView = (attempt: CallAttempt) => ({
  at: attempt.at,
  took_ms: attempt.tookMs,
  status: attempt.status ?? null,
  failure: attempt.failure ?? null,
  wait_ms: attempt.waitMs ?? null,
});
