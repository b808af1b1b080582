/** Finds out whether a message is genuine (Standard Webhooks 1.0). */
import { createHmac, timingSafeEqual } from "node:crypto";

export type Verdict = "genuine" | "forged" | "timestamp_out_of_range";

const TOLERANCE_S = 300;

/** Any of the secrets with any of the signatures: one of both may be about to be replaced. */
export function verifyMessage(
  secrets: readonly string[],
  { id, timestamp, signature }: { id: string; timestamp: string; signature: string },
  payload: Uint8Array,
  now: Date,
): Verdict {
  if (!/^\d{1,12}$/.test(timestamp)) return "forged";
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_S) return "timestamp_out_of_range";
  const given = signature
    .split(" ")
    .flatMap((one) => (one.startsWith("v1,") ? [Buffer.from(one.slice(3), "base64")] : []));
  const wanted = secrets.map((secret) => digestOf(secret, { id, timestamp }, payload));
  const matches = wanted.flatMap((one) =>
    given.filter((other) => one.length === other.length && timingSafeEqual(one, other)),
  );
  return matches.length > 0 ? "genuine" : "forged";
}

/** The headers of a message as whoever pretends to be the other side sends them. */
export function signedHeaders(secret: string, id: string, at: Date, payload: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = `v1,${digestOf(secret, { id, timestamp }, payload).toString("base64")}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}

const digestOf = (secret: string, { id, timestamp }: { id: string; timestamp: string }, payload: Uint8Array | string) =>
  createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${timestamp}.`)
    .update(payload)
    .digest();
