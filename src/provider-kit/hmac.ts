import { createHmac } from "node:crypto";

/** In lower-case hexadecimal; compare it with `sameText`. */
export const hmacOf = (algorithm: "sha1" | "sha256", secret: string, message: string | Uint8Array): string =>
  createHmac(algorithm, secret).update(message).digest("hex");
