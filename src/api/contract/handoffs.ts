import { z } from "zod";
import { id, inWorkspaceWithId, pageOf, paging, route, time } from "./route.ts";

export const handoffState = z
  .enum(["queued", "sending", "delivered", "rejected", "failed", "outdated", "cancelled"])
  .describe(
    "queued: waits for its first or next attempt. rejected: the receiver does not take this document. failed: given up. outdated: the file changed or went before anybody was told. cancelled: the sync hands nothing over any more",
  );

/** `evt_` and a ULID: what receivers know as `Webhook-Id`. */
const handoffId = z.string().max(64).describe("`evt_` and a ULID; the receiver's `Webhook-Id`");

export const handoffView = z.object({
  id: handoffId,
  sync_id: id,
  file: z.object({ id, name: z.string(), folder: z.string() }),
  version: z.string(),
  connection: z.object({ id, name: z.string() }),
  state: handoffState,
  attempts: z.number(),
  queued_at: time,
  last_sent_at: time.nullable(),
  next_attempt_at: time.nullable(),
  answer: z
    .object({
      at: time,
      status: z.number().nullable().describe("Null where no answer came"),
      reason: z.string().nullable().describe("Why it was not taken, in words; null where it was"),
      body: z.string().nullable().describe("The beginning of what the receiver said"),
      job: z.string().nullable().describe("The receiver's own name for what it does with the document"),
      duplicate: z.boolean().describe("The receiver had it already"),
    })
    .nullable()
    .describe("The last thing that came back"),
  result: z
    .object({
      at: time,
      ok: z.boolean(),
      job: z.string().nullable(),
      reason: z.string().nullable().describe("Why not, in the receiver's words"),
      body: z.string().nullable().describe("The beginning of what came of it"),
    })
    .nullable()
    .describe("What the receiver reported later of the document"),
});

const handoffCounts = z.object({
  queued: z.number(),
  sending: z.number(),
  delivered: z.number(),
  rejected: z.number(),
  failed: z.number(),
  outdated: z.number(),
  cancelled: z.number(),
  unknown: z.number().describe("Stored files that nobody has been told of: from before files were handed over"),
});

const viewer = { who: "workspace", role: "viewer" } as const;
const member = { who: "workspace", role: "member" } as const;
const queued = z.object({ queued: z.number().describe("How many are to be sent") });

export const listHandoffs = route({
  name: "handoffs.list",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{id}/handoffs",
  summary: "What a sync has told its receiver, newest first",
  access: viewer,
  params: inWorkspaceWithId,
  query: z.strictObject({ ...paging, state: handoffState.optional() }),
  reply: pageOf(handoffView).extend({ counts: handoffCounts }),
});
export const replayHandoffs = route({
  name: "handoffs.replay",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/handoffs/replay",
  summary: "Send again what came to nothing: all of it, or those named. They keep their ids",
  access: member,
  audit: "sync.handoffs_replayed",
  params: inWorkspaceWithId,
  body: z.strictObject({ handoffs: z.array(handoffId).min(1).max(1000).optional() }),
  reply: queued,
  status: 202,
});
export const handStoredOver = route({
  name: "handoffs.handStoredOver",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/handoffs/stored",
  summary: "Hand over stored files that nobody has been told of, up to 10,000 at once",
  access: member,
  audit: "sync.handoffs_queued",
  params: inWorkspaceWithId,
  body: z.strictObject({}),
  reply: queued,
  status: 202,
});
export const makeResultAddress = route({
  name: "handoffs.makeResultAddress",
  method: "POST",
  path: "/workspaces/{workspace}/connections/{id}/result-address",
  summary: "Make an address where this receiver reports what became of documents; an earlier one ends",
  access: { who: "workspace", role: "admin" },
  audit: "connection.result_address_made",
  params: inWorkspaceWithId,
  body: z.strictObject({}),
  reply: z.object({
    url: z.string(),
    secret: z.string().describe("What the receiver signs with; told this once"),
  }),
  status: 201,
});
