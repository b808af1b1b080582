const iterations = 4096;

/**
 * What PostgreSQL stores for a password (RFC 5803). Sent in place of the password itself, so that no statement log of
 * the server ever holds it.
 */
export async function scramVerifier(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const material = await crypto.subtle.importKey("raw", encode(password), "PBKDF2", false, ["deriveBits"]);
  const salted = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, material, 256);
  const stored = await crypto.subtle.digest("SHA-256", await hmac(salted, "Client Key"));
  const server = await hmac(salted, "Server Key");
  return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(stored)}:${base64(server)}`;
}

async function hmac(secret: ArrayBuffer, text: string): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, encode(text));
}

const encode = (text: string) => new TextEncoder().encode(text);
const base64 = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>) => new Uint8Array(bytes).toBase64();
