import { z } from "zod";
import type { HandoffReceiver } from "#provider-kit/provider.ts";
import { verifyMessage } from "#provider-kit/webhook-message.ts";
import type { Config } from "./config.ts";

const MOST_WORDS = 500;

const report = z.object({
  type: z.enum(["document.processed", "document.failed"]),
  tenant_id: z.string(),
  document: z.object({ id: z.string() }),
  job_id: z.string().max(255).optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});

/** What a receiver reports of a document: the same checks that it makes of ours, in the other direction. */
export const receive: NonNullable<HandoffReceiver<Config>["receive"]> = (config, { headers, body }, secret, now) => {
  const header = (name: string) => headers.get(name) ?? "";
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const sent = { id, timestamp, signature: header("webhook-signature") };
  const isFrom = /^[A-Za-z0-9_-]{1,128}$/.test(id) && header("x-tenant-id") === config.tenant_id;
  if (verifyMessage([secret], sent, body, now) !== "genuine" || !isFrom) return undefined;
  const read = report.safeParse(parsed(body));
  if (!read.success || read.data.tenant_id !== config.tenant_id) return undefined;
  const { type, document, job_id, result, error } = read.data;
  const words = [error?.code, error?.message].filter(Boolean).join(": ").slice(0, MOST_WORDS);
  return {
    document: document.id,
    at: new Date(Number(timestamp) * 1000),
    ok: type === "document.processed",
    ...(job_id !== undefined && { job: job_id }),
    ...(words !== "" && { reason: words }),
    ...(result !== undefined && { body: JSON.stringify(result) }),
  };
};

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
