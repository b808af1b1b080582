import type { Outbound } from "#outbound/client.ts";
import { requestToken, type TokenAnswer } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { Secret } from "#vault/secret.ts";
import { codeRequest } from "./obtain.ts";

/**
 * Gives the code of a callback away for tokens. Never asked twice with one code: a second time can end what the first
 * has brought.
 * @throws TokenFailure, AppError address_refused
 */
export function exchangeCode(
  deps: { outbound: Outbound },
  grant: {
    auth: AuthorizationCode;
    client: { id: string; secret?: Secret };
    code: string;
    verifier?: Secret | undefined;
    redirectUri: string;
    signal?: AbortSignal | undefined;
  },
): Promise<TokenAnswer> {
  const { auth, code, signal, ...rest } = grant;
  return requestToken(deps.outbound, codeRequest(auth, { ...rest, code: new Secret(code) }), signal);
}
