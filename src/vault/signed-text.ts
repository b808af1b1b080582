import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKeys, type KeyPurpose } from "./derive.ts";
import type { Keyring } from "./keyring.ts";
import { lengthPrefixed } from "./length-prefixed.ts";

/** Texts that we hand out and take back, such as the cursor of a list (SR-56). They can be read but not made. */
export interface TextSigner {
  /** The text with its signature, fit for a URL. It holds only for the same `boundTo`: a workspace, a query. */
  sign(text: string, boundTo: readonly string[]): string;
  /** The text, or `undefined` for what was not signed here, or for something else. */
  verify(signed: string, boundTo: readonly string[]): string | undefined;
}

/** What was signed stays valid through a rotation for as long as its master key is listed. */
export function createTextSigner(keyring: Keyring, purpose: KeyPurpose): TextSigner {
  const [newest, ...older] = deriveKeys(keyring, purpose);
  const signature = (key: Uint8Array, text: string, boundTo: readonly string[]) =>
    createHmac("sha256", key)
      .update(lengthPrefixed([...boundTo, text]))
      .digest()
      .subarray(0, 16);

  return {
    sign: (text, boundTo) =>
      `${Buffer.from(text).toString("base64url")}.${signature(newest, text, boundTo).toString("base64url")}`,
    verify(signed, boundTo) {
      const [, textPart, signaturePart] = /^([\w-]*)\.([\w-]{22})$/.exec(signed) ?? [];
      if (textPart === undefined || signaturePart === undefined) return undefined;
      const text = Buffer.from(textPart, "base64url").toString();
      const given = Buffer.from(signaturePart, "base64url");
      const isOurs = [newest, ...older].some((key) => timingSafeEqual(signature(key, text, boundTo), given));
      return isOurs ? text : undefined;
    },
  };
}
