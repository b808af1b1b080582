/** What a receiver does to find out whether a message is genuine (Standard Webhooks 1.0). */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

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
  const wanted = secrets.map((secret) =>
    createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
      .update(`${id}.${timestamp}.`)
      .update(payload)
      .digest(),
  );
  const matches = wanted.flatMap((one) => given.filter((other) => isSame(one, other)));
  return matches.length > 0 ? "genuine" : "forged";
}

/** The one text of a tenant, as older receivers want it, in lower-case hexadecimal. */
export function tenantSignature(
  { formula, key }: { formula: "sha256-concat" | "hmac-sha256"; key: "text" | "hex" },
  tenant: string,
  salt: string,
): string {
  const bytes = Buffer.from(salt, key === "hex" ? "hex" : "utf8");
  return formula === "hmac-sha256"
    ? createHmac("sha256", bytes).update(tenant).digest("hex")
    : createHash("sha256").update(tenant).update(bytes).digest("hex");
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const isSameText = (one: string, other: string): boolean => isSame(Buffer.from(one), Buffer.from(other));

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
