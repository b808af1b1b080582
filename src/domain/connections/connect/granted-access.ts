import type { TokenAnswer } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import { type Access, placeOf } from "../access.ts";
import { originDenied } from "../tokens/begin-asking.ts";

/** Access with a token that has just been granted and is not stored yet: first it is asked whose it is (SR-42). */
export function grantedAccess(auth: AuthorizationCode, answer: TokenAnswer, origins: readonly string[]): Access {
  const cameAt = performance.now();
  return {
    async sign(url) {
      if (!covers(origins, url)) throw originDenied();
      const { accessToken: secret } = answer;
      const credential = { secret, origins: [url.origin], place: placeOf(auth.tokenPlace) };
      return { credential, version: "granted", tokenAgeMs: performance.now() - cameAt };
    },
    renewAfter401: async () => false,
    failed: () => {},
  };
}
