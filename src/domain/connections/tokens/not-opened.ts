import { ProviderError } from "#core/errors.ts";
import type { Auth } from "#provider-kit/auth.ts";
import { SecretNotOpened } from "#vault/seal.ts";

/**
 * What a connection is signed in with does not open any more: its row was changed, or its key is gone (SR-3). Only a
 * person mends that, and whoever calls hears so. Any other error is what it is.
 */
export function explainNotOpened(error: unknown, auth: Auth): unknown {
  if (!(error instanceof SecretNotOpened)) return error;
  const next = auth.type === "oauth2_authorization_code" ? "Sign in again." : "Enter the credential again.";
  return new ProviderError("reauthorize", `What is stored of this sign-in cannot be opened any more. ${next}`, {
    cause: error,
  });
}
