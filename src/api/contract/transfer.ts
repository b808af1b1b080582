import { z } from "zod";
import { inWorkspace, route } from "./route.ts";

/** The file, and what JSON needs to carry it. */
const MOST_BYTES = 6 * 1024 * 1024;

const reason = z.object({
  pointer: z.string().describe("JSON Pointer into the file"),
  code: z.string(),
  detail: z.string(),
});

export const exportWorkspace = route({
  name: "transfer.export",
  method: "GET",
  path: "/workspaces/{workspace}/export",
  summary: "Custom providers and connections as one YAML file, without secrets and without ids",
  access: { who: "workspace", role: "admin" },
  params: inWorkspace,
  reply: z.object({
    yaml: z.string(),
    left_out: z
      .array(z.object({ kind: z.enum(["provider", "connection"]), name: z.string(), reasons: z.array(reason) }))
      .describe("What holds something that looks like a secret, or belongs to it"),
  }),
  perMinute: 30,
});
export const importWorkspace = route({
  name: "transfer.import",
  method: "POST",
  path: "/workspaces/{workspace}/import",
  summary: "See what a file of an export would change, or have all of it changed at once",
  access: { who: "workspace", role: "admin" },
  audit: "workspace.imported",
  params: inWorkspace,
  body: z.strictObject({
    yaml: z.string().min(1).max(5_242_880),
    apply: z.boolean().default(false).describe("Do it; refused where a single entry is"),
  }),
  reply: z.object({
    applied: z.boolean(),
    changes: z.array(
      z.object({
        kind: z.enum(["provider", "connection", "secret"]),
        name: z.string(),
        pointer: z.string().describe("Where it stands in the file"),
        change: z.enum(["create", "update", "none", "refuse", "missing"]),
        fields: z.array(z.string()).describe("What differs"),
        reasons: z.array(reason).describe("Why it is refused"),
        needs: z.enum(["sign_in", "credential", "test"]).nullable().describe("What a person has to do before it works"),
      }),
    ),
  }),
  perMinute: 30,
  maxBodyBytes: MOST_BYTES,
});
