/** The key of a pretend service account, and what is signed with it (RFC 7523). */
import { createPublicKey, createVerify, generateKeyPairSync } from "node:crypto";

export interface ServiceKey {
  id: string;
  /** PEM. */
  privateKey: string;
}

/** Takes a tenth of a second: only for whoever asks for one. */
export const newServiceKey = (id: string): ServiceKey => ({
  id,
  privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString(),
});

export interface Claims {
  iss?: unknown;
  sub?: unknown;
  aud?: unknown;
  scope?: unknown;
}

/**
 * What an assertion claims, when it is signed with this key (RS256) and now lies in its time, which is an hour at most.
 */
export function claimsOf(assertion: string | null, key: ServiceKey, now: Date): Claims | "forged" | "untimely" {
  const [header = "", body = "", signature = ""] = (assertion ?? "").split(".");
  const { alg, kid } = readPart(header);
  if (alg !== "RS256" || (kid !== undefined && kid !== key.id)) return "forged";
  const verifier = createVerify("sha256").update(`${header}.${body}`);
  if (!verifier.verify(createPublicKey(key.privateKey), signature, "base64url")) return "forged";
  const claims = readPart(body);
  const { iat, exp } = claims;
  const nowS = now.getTime() / 1000;
  if (typeof iat !== "number" || typeof exp !== "number") return "untimely";
  return exp - iat <= 3600 && nowS < exp && iat <= nowS + 60 ? claims : "untimely";
}

function readPart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
