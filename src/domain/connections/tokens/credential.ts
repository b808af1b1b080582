import { ProviderError } from "#core/errors.ts";
import type { ConnectionId, UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Auth } from "#provider-kit/auth.ts";
import type { KeptValues, Provider } from "#provider-kit/provider.ts";
import { secretUrls } from "#provider-kit/sign-in-urls.ts";
import type { SecretPlace, SecretUse, Vault } from "#vault/seal.ts";
import { Secret } from "#vault/secret.ts";
import { findCredential, writeCredential } from "./credential-rows.ts";
import { outdateLease } from "./lease.ts";
import { deleteTokens } from "./queries.ts";

/**
 * Keeps the credential that a person entered, each field sealed for itself, in the place of any earlier one. Tokens that
 * were got with that are dropped. `fields` are those of `sealableFields`.
 */
export async function storeCredential(
  tx: WorkspaceTx,
  deps: { vault: Vault },
  connection: ConnectionId,
  auth: Auth,
  fields: Record<string, string>,
  about: { origins: readonly string[]; by: UserId | null },
): Promise<void> {
  const sealed: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    sealed[name] = await deps.vault.sealSecret(tx, placeOf(connection, name), value);
  }
  const whole = new Secret(JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))));
  const fingerprint = deps.vault.fingerprint(tx.workspace, whole);
  await writeCredential(tx, connection, { auth: auth.type, sealed, fingerprint, ...about });
  await deleteTokens(tx, connection);
  await outdateLease(tx, connection);
}

/** A credential, opened for one use. */
export interface OpenCredential {
  fields: Readonly<Record<string, Secret>>;
  origins: readonly string[];
  /** By which two credentials of a connection are told apart. */
  version: string;
}

/** The credential of a connection as it is now; nothing where none is there, or one of another way to sign in. */
export async function openCredential(
  tx: WorkspaceTx,
  deps: { vault: Vault },
  connection: ConnectionId,
  auth: Auth,
  use: SecretUse,
): Promise<OpenCredential | undefined> {
  const row = await findCredential(tx, connection);
  if (!row || row.auth_type !== auth.type) return undefined;
  const fields: Record<string, Secret> = {};
  for (const [name, text] of Object.entries(row.sealed)) {
    fields[name] = await deps.vault.openSecret(tx, placeOf(connection, name), text, use);
  }
  return { fields, origins: row.origins, version: `credential-${row.version}-${row.set_at.getTime().toString(36)}` };
}

/**
 * Where a credential of this provider may be sent (SR-6): the addresses of its calls and of its sign-in, as they are for
 * this config. An entry may begin with `https://*.`.
 */
export function originsOf<Config>(provider: Provider<Config>, config: Config, kept: KeptValues): string[] {
  const addresses = knownAddresses(provider, config, kept);
  return [...new Set([...addresses, ...provider.auth(config).flatMap(secretUrls)].map(originOf))];
}

/** Where calls go; nowhere while the provider has not told its address, which it does when somebody signs in. */
export function knownAddresses<Config>(
  provider: Provider<Config>,
  config: Config,
  kept: KeptValues,
): readonly string[] {
  try {
    return provider.addresses?.(config, kept) ?? [];
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "reauthorize") return [];
    throw error;
  }
}

/** A field of an opened credential that its way to sign in always has. */
export function needed(field: Secret | undefined): Secret {
  if (!field) throw new Error("a stored credential lacks a field that its way to sign in has always had");
  return field;
}

const placeOf = (connection: ConnectionId, field: string): SecretPlace => ({
  table: "credentials",
  row: connection,
  field,
});

/** Scheme, host and port of an address, with its `*.`. */
function originOf(address: string): string {
  const { protocol, host } = new URL(address.replace("*.", ""));
  return `${protocol}//${address.includes("*.") ? "*." : ""}${host}`;
}
