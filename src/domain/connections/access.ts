import { ProviderError } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { OutboundSecrets } from "#outbound/client.ts";
import type { Credential, CredentialPlace } from "#outbound/sign.ts";
import type { Auth, KeyPlace, SignatureScheme } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { SecretUse } from "#vault/seal.ts";
import { Secret } from "#vault/secret.ts";
import { originDenied } from "./tokens/begin-asking.ts";
import { needed, openCredential } from "./tokens/credential.ts";
import type { TokenDeps } from "./tokens/deps.ts";
import { explainNotOpened } from "./tokens/not-opened.ts";
import { usesTokens } from "./tokens/obtain.ts";
import { tokenOpener } from "./tokens/open-token.ts";

/** One way of signing one connection's calls. */
export interface Access {
  /**
   * What a call to this URL is signed with; opened for this one use and kept nowhere (SR-5). Waits for a new token where
   * the stored one has ended.
   * @throws ProviderError reauthorize where a person is needed, unavailable; AppError secret_origin_denied
   */
  sign(url: URL): Promise<Signing>;
  /** A call signed with this version was answered 401: true when it makes sense to sign anew and repeat, once. */
  renewAfter401(version: string): Promise<boolean>;
  /** The last use came to nothing: the call was refused or not answered. */
  failed(): void;
}

export interface Signing {
  credential?: Credential;
  secrets?: OutboundSecrets;
  /** Differs for every credential and token there has been. */
  version: string;
  /** How long ago the token was asked for; absent where there is none. */
  tokenAgeMs?: number;
}

/** Who opens a credential, and what for. `purpose` is a short fixed phrase, by which uses are counted. */
export function secretUse(actor: Actor | "system", purpose: string): SecretUse {
  if (actor !== "system" && actor.kind === "user") return { actor: { user: actor.id }, purpose };
  if (actor !== "system" && actor.kind === "api_key") return { actor: { apiKey: actor.id }, purpose };
  return { actor: "system", purpose };
}

/** The access of a connection, as its rows are at the time of each call; of a token, within the second before. */
export function openAccess(
  deps: TokenDeps,
  about: {
    workspace: WorkspaceId;
    connection: ConnectionId;
    provider: Pick<Provider, "name">;
    auth: Auth;
    use: SecretUse;
  },
): Access {
  const { workspace, connection, provider, auth, use } = about;
  const key = { workspace, connection };
  const counted = { ...key, purpose: use.purpose };
  const failed = () => deps.uses.failed(counted);
  if (auth.type === "none") return { sign: async () => noSigning, renewAfter401: async () => false, failed: () => {} };

  if (usesTokens(auth)) {
    const tokens = tokenOpener(deps, key, { auth, name: provider.name, use });
    return {
      async sign(url) {
        const token = await tokens.open(url);
        deps.uses.count(counted);
        const credential = { secret: token.secret, origins: [url.origin], place: placeOf(auth.tokenPlace) };
        return { credential, version: token.version, tokenAgeMs: token.ageMs };
      },
      renewAfter401: (version) => tokens.replace(version),
      failed,
    };
  }

  const open = (url?: URL) =>
    deps.database
      .asWorkspace(key, (tx) => openCredential(tx, deps, connection, auth, url ? { ...use, origin: url.origin } : use))
      .catch((error: unknown) => {
        throw explainNotOpened(error, auth);
      });
  return {
    async sign(url) {
      const credential = await open(url);
      if (!credential) {
        throw new ProviderError("reauthorize", `There is no credential for ${provider.name}. Enter it.`);
      }
      if (!covers(credential.origins, url)) throw originDenied();
      deps.uses.count(counted);
      return { credential: fixedCredential(auth, credential.fields, url), version: credential.version };
    },
    // Somebody may have entered another one meanwhile.
    renewAfter401: async (version) => ((await open())?.version ?? version) !== version,
    failed,
  };
}

export const noSigning: Signing = { version: "none" };

/** Ways to sign in whose credential is what calls are signed with. */
type FixedAuth = Extract<Auth, { type: "api_key" | "bearer" | "basic" | "signing_secret" | "access_key" }>;

/** What a call is signed with where that is the credential itself. */
export function fixedCredential(
  auth: FixedAuth,
  fields: Readonly<Record<string, Secret>>,
  { origin }: URL,
): Credential {
  const origins = [origin];
  switch (auth.type) {
    case "api_key":
      return { secret: needed(fields.key), origins, place: placeOf(auth.place) };
    case "bearer":
      return { secret: needed(fields.token), origins, place: { kind: "bearer" } };
    case "basic": {
      const secret = fields.password ?? new Secret(auth.fixedPassword ?? "");
      return { secret, origins, place: { kind: "basic", userName: needed(fields.username) } };
    }
    case "access_key": {
      const place = { kind: "aws-signature" as const, keyId: needed(fields.access_key_id) };
      return {
        secret: needed(fields.secret_access_key),
        origins,
        place: { ...place, region: auth.region, service: auth.service },
      };
    }
    case "signing_secret":
      return { secret: needed(fields.secret), origins, place: signaturePlace(auth.scheme, fields.previous_secret) };
  }
}

function signaturePlace(scheme: SignatureScheme, previous: Secret | undefined): CredentialPlace {
  if (scheme.kind === "webhook") return { kind: "webhook-signature", previous };
  return { ...scheme, kind: "tenant-signature" };
}

/** Where a token stands in a request. */
export function placeOf(place: KeyPlace | undefined): CredentialPlace {
  if (!place) return { kind: "bearer" };
  if ("query" in place) return { kind: "query", name: place.query };
  const { header: name, prefix, alsoBearer } = place;
  return { kind: "header", name, ...(prefix !== undefined && { prefix }), ...(alsoBearer && { alsoBearer }) };
}
