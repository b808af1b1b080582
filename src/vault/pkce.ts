/** Values of a sign-in that goes through a browser: what names it, and what proves at the end that it is the same one. */
import { createHash, randomBytes } from "node:crypto";
import { Secret } from "./reveal.ts";

/** 256 random bits in 43 characters of `A-Z a-z 0-9 - _`, and what is stored of them (SR-9). */
export function newState(): { text: string; hash: Uint8Array } {
  const text = randomBytes(32).toString("base64url");
  return { text, hash: hashOf(text) };
}

/** Whether a text has the form of a state. Says nothing about whether there is such a one. */
export const isState = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** SHA-256 of a random value that is only ever compared. */
export const hashOf = (text: string): Uint8Array => createHash("sha256").update(text, "utf8").digest();

/** RFC 7636: the verifier is kept, its challenge (`S256`) is sent ahead. */
export function newVerifier(text: string = randomBytes(32).toString("base64url")): {
  verifier: Secret;
  challenge: string;
} {
  return { verifier: new Secret(text), challenge: createHash("sha256").update(text, "ascii").digest("base64url") };
}
