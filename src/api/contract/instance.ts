import { z } from "zod";
import { id, route, time } from "./route.ts";

export const instanceStatus = route({
  name: "instance.status",
  method: "GET",
  path: "/admin/status",
  summary: "Database, queue, workers and limits of this installation",
  access: { who: "instance-admin" },
  reply: z.object({
    version: z.string(),
    started_at: time,
    database: z.object({
      ok: z.boolean(),
      version: z.string(),
      embedded: z.boolean(),
      size_bytes: z.number(),
      latency_ms: z.number(),
      migrations: z.number(),
    }),
    queue: z.object({
      waiting: z.number(),
      active: z.number(),
      failed: z.number(),
      oldest_waiting_s: z.number().nullable(),
    }),
    process: z.object({ role: z.string(), memory_bytes: z.number(), node: z.string() }),
    providers: z.array(z.object({ key: z.string(), connections: z.number(), in_error: z.number() })),
    workspaces: z.number(),
    limits: z.array(
      z.object({ name: z.string(), value: z.string(), source: z.enum(["default", "environment", "file"]) }),
    ),
  }),
});
export const listInstanceWorkspaces = route({
  name: "instance.workspaces",
  method: "GET",
  path: "/admin/workspaces",
  summary: "Workspaces of this installation, without their contents",
  access: { who: "instance-admin" },
  reply: z.object({
    items: z.array(
      z.object({ id, name: z.string(), created_at: time, members: z.number(), syncs: z.number(), files: z.number() }),
    ),
  }),
});
