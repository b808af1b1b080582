/** What older receivers compare, and what simulators compute of bytes. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

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

export function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
