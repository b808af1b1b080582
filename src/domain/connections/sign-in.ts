import { AppError, invalidField } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { type Auth, type AuthType, authOfType } from "#provider-kit/auth.ts";
import { type EnteredCredential, needsPerson, sealableFields } from "#provider-kit/credential.ts";
import type { KeptValues, Provider } from "#provider-kit/provider.ts";
import { Secret } from "#vault/secret.ts";
import { secretUse } from "./access.ts";
import { type CheckResult, checkConnection } from "./check-connection.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { transientAccess } from "./transient-access.ts";
import { validateConfig } from "./validate-config.ts";

/** A way to sign in, and what a person has entered for it. */
export interface SignIn {
  auth: Auth;
  /** As they are sealed; absent while nothing is entered. */
  fields: Record<string, string> | undefined;
}

/**
 * The way to sign in that is wanted, or else the provider's best one, with what was entered for it. `config` is as the
 * provider's schema reads it.
 * @throws AppError invalid_request with pointers to /auth and below /credential
 */
export function chooseSignIn(
  provider: Provider,
  config: unknown,
  wanted: { auth?: AuthType | undefined; credential?: EnteredCredential | undefined },
): SignIn {
  const auth = authOfType(provider.auth(config), wanted.auth);
  if (!auth) throw invalidField("/auth", `${provider.name} has no such way to sign in.`, "not_allowed");
  const { credential } = wanted;
  if (!hasCredential(auth)) {
    const [field] = Object.keys(credential ?? {});
    if (field === undefined) return { auth, fields: undefined };
    const why = needsPerson(auth)
      ? `This sign-in is done at ${provider.name} itself. Nothing is entered here.`
      : `${provider.name} needs no sign-in.`;
    throw invalidField("/credential", why, "not_allowed");
  }
  return { auth, fields: credential && sealableFields(auth, credential) };
}

/** Whether something is entered here for this way to sign in. */
export const hasCredential = (auth: Auth): boolean => auth.type !== "none" && !needsPerson(auth);

/**
 * Tests values that are not stored: those of a connection to be, or of a credential to be replaced.
 * @throws AppError invalid_request where the provider does not take the config
 */
export async function checkEntered(
  deps: ConnectionDeps,
  about: { workspace: WorkspaceId; actor: Actor; signal: AbortSignal },
  target: { provider: Provider; config: unknown; kept: KeptValues } & SignIn,
): Promise<CheckResult> {
  const { provider, config, kept, auth, fields = {} } = target;
  const values = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));
  return checkConnection(deps, provider, config, {
    kept,
    auth: auth.type,
    access: transientAccess(deps, { provider, auth, config: validateConfig(provider, config), values }),
    use: secretUse(about.actor, "connection check"),
    signal: about.signal,
    scope: about.workspace,
  });
}

/** For a test before saving, which needs the whole of it. @throws AppError */
export function refuseIncomplete({ auth, fields }: SignIn, provider: Provider): void {
  if (needsPerson(auth)) {
    throw new AppError("connection_needs_authorization", `${provider.name} is tested after somebody has signed in.`);
  }
  if (hasCredential(auth) && !fields) throw invalidField("/credential", "This is needed.", "required");
}
