import type { Clock } from "#core/clock.ts";
import { AppError, type FailureKind, ProviderError } from "#core/errors.ts";
import type { TokenFailureKind } from "#core/token-answer.ts";
import type { Outbound } from "#outbound/client.ts";
import { requestToken, TokenFailure } from "#outbound/token-endpoint.ts";
import type { Auth } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { Secret } from "#vault/secret.ts";
import { type Access, fixedCredential, noSigning, placeOf, type Signing } from "./access.ts";
import { originDenied } from "./tokens/begin-asking.ts";
import { originsOf } from "./tokens/credential.ts";
import { credentialRequest, usesTokens } from "./tokens/obtain.ts";

/**
 * Access with values that are not saved, for a test before saving. Where calls are signed with a token it is got at the
 * first of them, and goes with the access.
 */
export function transientAccess<Config>(
  deps: { outbound: Outbound; clock: Clock },
  about: {
    provider: Provider<Config>;
    auth: Auth;
    config: Config;
    values: Readonly<Record<string, Secret>>;
  },
): Access {
  const { provider, auth, config, values } = about;
  const origins = originsOf(provider, config, {});
  let asked: Promise<Secret> | undefined;

  const sign = async (url: URL): Promise<Signing> => {
    if (auth.type === "none") return noSigning;
    if (!covers(origins, url)) throw originDenied();
    if (!usesTokens(auth)) return { credential: fixedCredential(auth, values, url), version: "entered" };
    if (auth.type === "oauth2_authorization_code") {
      throw new AppError("connection_needs_authorization", `${provider.name} is tested after somebody has signed in.`);
    }
    const request = credentialRequest(auth, values, deps.clock.now());
    asked ??= requestToken(deps.outbound, request).then(
      ({ accessToken }) => accessToken,
      (error: unknown) => Promise.reject(toProviderError(error, provider.name)),
    );
    const secret = await asked;
    return { credential: { secret, origins: [url.origin], place: placeOf(auth.tokenPlace) }, version: "entered" };
  };
  return { sign, renewAfter401: async () => false, failed: () => {} };
}

const kinds: Record<TokenFailureKind, FailureKind> = {
  "grant-dead": "reauthorize",
  app: "reauthorize",
  temporary: "unavailable",
  unknown: "rejected",
};

function toProviderError(error: unknown, name: string): unknown {
  if (!(error instanceof TokenFailure)) return error;
  const words = [error.code, error.description].filter(Boolean).join(": ").slice(0, 200);
  const message =
    error.kind === "temporary" ? `${name} gives no token at the moment` : `${name} does not accept this credential`;
  return new ProviderError(kinds[error.kind], words === "" ? message : `${message} (${words})`, {
    cause: error,
    ...(error.retryAt && { retryAt: error.retryAt }),
  });
}
