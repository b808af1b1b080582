import type { TokenAnswer } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import { type Access, placeOf } from "../access.ts";
import { originDenied } from "../tokens/begin-asking.ts";

/** Access with a token that has just been granted and is not stored yet: first it is asked whose it is (SR-42). */
export const grantedAccess = (auth: AuthorizationCode, answer: TokenAnswer, origins: readonly string[]): Access => ({
  async sign(url) {
    if (!covers(origins, url)) throw originDenied();
    const { accessToken: secret } = answer;
    return { credential: { secret, origins: [url.origin], place: placeOf(auth.tokenPlace) }, version: "granted" };
  },
  renewAfter401: async () => false,
  failed: () => {},
});
