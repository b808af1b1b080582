import type { HttpAnswer, HttpRequest } from "#provider-kit/http.ts";
import type { FirstCall, HandoffAttempt, HandoffReceiver } from "#provider-kit/provider.ts";
import type { Config } from "./config.ts";
import { formOf } from "./form.ts";
import { readAnswer } from "./read-answer.ts";

const REFERENCE_MS = 30_000;
const WITH_BYTES_MS = 120_000;

/** The path of the older receivers. */
export const OLDER_PATH = "webhook/ingest-docs-nas-cloud";

/** One attempt. The signature, with the time of this attempt, is put on by whoever sends. */
export const deliver: HandoffReceiver<Config>["deliver"] = async (call, attempt) => {
  const { config } = call;
  const { id, number, payload, bytes } = attempt;
  const message = { id, payload };
  const request: HttpRequest = {
    method: "POST",
    url: config.mode === "compatible" ? addressOf(config, OLDER_PATH) : addressOf(config, "v1/documents"),
    headers: config.mode === "compatible" ? {} : ourHeaders(config, id, number),
    message,
  };
  if (!bytes) return readAnswer(await sendText(call, request, payload), config, new Date());

  const file = { name: nameIn(payload), ...bytes };
  const boundary = `hawser${id.replace(/[^A-Za-z0-9]/g, "")}`;
  const form =
    config.mode === "compatible"
      ? formOf(boundary, { name: "data", payload }, file, "file")
      : formOf(boundary, { name: "meta", payload }, file, "text");
  const answer = await call.http.answer({ ...request, body: form, withinMs: WITH_BYTES_MS });
  if (config.mode === "inline" && answer.status === 413) {
    const byReference = inPlaceOfBytes(attempt);
    const again = await sendText(call, { ...request, message: { id, payload: byReference } }, byReference);
    return readAnswer(again, config, new Date());
  }
  return readAnswer(answer, config, new Date());
};

/** The same message, with the place of the file in place of its bytes. */
function inPlaceOfBytes({ payload, storage }: HandoffAttempt): string {
  const message: { document?: object } = JSON.parse(payload);
  return JSON.stringify({ ...message, type: "document.ready", document: { ...message.document, storage } });
}

export const ourHeaders = (config: Config, id: string, attempt: number): Record<string, string> => ({
  "x-tenant-id": config.tenant_id,
  "webhook-attempt": String(attempt),
  ...traceOf(id, attempt),
});

export const sendText = ({ http }: FirstCall<Config>, request: HttpRequest, text: string): Promise<HttpAnswer> =>
  http.answer({ ...request, body: { text, mediaType: "application/json" }, withinMs: REFERENCE_MS });

export const addressOf = ({ base_url }: Config, path: string): string => `${base_url}/${path}`;

const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** W3C Trace Context: all attempts of one hand-off are one trace, since a ULID has as many bits as the id of one. */
function traceOf(id: string, attempt: number): { traceparent?: string } {
  const ulid = /^evt_([0-7][0-9A-HJKMNP-TV-Z]{25})$/.exec(id)?.[1];
  if (ulid === undefined) return {};
  const bits = Array.from(ulid).reduce((sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)), 0n);
  const trace = bits.toString(16).padStart(32, "0");
  return /[1-9a-f]/.test(trace) ? { traceparent: `00-${trace}-${attempt.toString(16).padStart(16, "0")}-01` } : {};
}

/** The name as it stands in the message: both forms say it in a field of the same name. */
function nameIn(payload: string): string {
  const message: { filename?: unknown; document?: { filename?: unknown } } = JSON.parse(payload);
  const name = message.document?.filename ?? message.filename;
  return typeof name === "string" ? name : "document";
}
