import { z } from "zod";
import { failure, id, inWorkspaceWithId, pageOf, paging, route, time } from "./route.ts";

const method = z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
const texts = z.record(z.string().max(256), z.string().max(16_384));

export const actionView = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  method: z.string().nullable(),
  path: z.string().nullable().describe("With `{placeholders}`"),
  effect: z.enum(["reads", "writes"]),
  input_schema: z.record(z.string(), z.unknown()).describe("JSON Schema of its input"),
  cache_s: z.number().describe("How long its answers may be kept; 0 for not at all"),
});
export const listActions = route({
  name: "connections.actions",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/actions",
  summary: "What can be called through a connection",
  access: { who: "workspace", role: "viewer" },
  params: inWorkspaceWithId,
  reply: z.object({
    base_url: z.string().nullable().describe("What the path of a request is below; null where nobody is called"),
    items: z.array(actionView),
  }),
});

const adHocRequest = z.strictObject({
  method,
  path: z.string().max(8_192).describe("Below the provider's base address, such as `/users/1`"),
  query: texts.default({}),
  headers: texts.default({}).describe("Credentials are added by Hawser; headers for them are refused"),
  body: z
    .union([
      z.strictObject({ json: z.unknown() }),
      z.strictObject({ form: texts }),
      z.strictObject({ text: z.string().max(262_144), media_type: z.string().max(256) }),
    ])
    .optional(),
});

const bodyView = z.union([
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("json"), value: z.unknown() }),
  z.object({ kind: z.literal("text"), text: z.string(), cut: z.boolean().describe("Only its beginning is shown") }),
  z.object({ kind: z.literal("binary"), note: z.string() }),
]);
const headersView = z.record(z.string(), z.string());
export const callView = z.object({
  id,
  at: time,
  action: z.string().nullable().describe("Null for a request that was written by hand"),
  actor: z.string(),
  request: z
    .object({ method: z.string(), url: z.string(), headers: headersView, body: bodyView })
    .nullable()
    .describe("As it was sent, with `[secret]` where secrets are"),
  response: z
    .object({
      status: z.number(),
      url: z.string().describe("Where the answer came from in the end"),
      headers: headersView.describe("Without cookies and what else may sign somebody in"),
      media_type: z.string().nullable(),
      bytes: z.number(),
      body: bodyView,
      output: z.unknown().optional().describe("What the action makes of it"),
    })
    .nullable()
    .describe("Null where no answer came"),
  failure: failure.nullable(),
  took_ms: z.number(),
  attempts: z
    .array(
      z.object({
        at: time,
        took_ms: z.number(),
        status: z.number().nullable(),
        failure: z.string().nullable(),
        wait_ms: z.number().nullable().describe("The pause before the next attempt"),
      }),
    )
    .describe("What was sent, with what was sent again and why"),
  cached: z.boolean().describe("The answer was kept from an earlier call"),
});
export const callConnection = route({
  name: "connections.call",
  method: "POST",
  path: "/workspaces/{workspace}/connections/{id}/calls",
  summary: "Call an action of a connection, or send a request below its provider's address, and see what comes back",
  access: { who: "workspace", role: "member" },
  audit: "connection.called",
  params: inWorkspaceWithId,
  body: z.strictObject({
    action: z.string().max(128).optional(),
    input: z.record(z.string(), z.unknown()).optional().describe("Input of the action"),
    request: adHocRequest.optional().describe("Instead of an action"),
    fresh: z.boolean().default(false).describe("Ask, even where an earlier answer is kept"),
  }),
  reply: callView,
  status: 201,
  idempotent: true,
  perMinute: 60,
});
const callSummary = callView.omit({ request: true, response: true, attempts: true }).extend({
  method: z.string().nullable(),
  url: z.string().nullable(),
  status: z.number().nullable(),
  attempts: z.number(),
});
export const listCalls = route({
  name: "connections.calls",
  method: "GET",
  path: "/workspaces/{workspace}/connections/{id}/calls",
  summary: "Calls of a connection, the newest first",
  access: { who: "workspace", role: "member" },
  params: inWorkspaceWithId,
  query: z.strictObject({ ...paging }),
  reply: pageOf(callSummary),
});
export const getCall = route({
  name: "connections.getCall",
  method: "GET",
  path: "/workspaces/{workspace}/calls/{id}",
  summary: "One call: what was sent and what came back, cut to 64 KiB each",
  access: { who: "workspace", role: "member" },
  params: inWorkspaceWithId,
  reply: callView,
});
