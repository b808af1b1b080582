import { AppError, invalidField, notFound } from "#core/errors.ts";
import { newId, type SecretId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { checkUrl } from "#outbound/address.ts";
import type { OutboundPolicy } from "#outbound/policy.ts";
import { Secret } from "#vault/secret.ts";
import {
  type EnteredValue,
  insertSecret,
  isSecretNameFree,
  lockSecret,
  writeDescription,
  writeValue,
} from "./queries.ts";
import { placeOf, type SecretCaller, type SecretInUse, type SecretsDeps, type WorkspaceSecret } from "./secret.ts";

const MOST_BYTES = 65_536;

/**
 * Adds a secret. Its origins are the only addresses that it will ever be sent to (SR-6).
 * @throws AppError name_taken, invalid_request with pointers to the fields
 */
export async function createSecret(
  deps: SecretsDeps,
  caller: SecretCaller,
  wanted: { name: string; description: string; value: string; origins: readonly string[] },
  complete: (tx: WorkspaceTx, made: SecretInUse) => Promise<void> = async () => {},
): Promise<SecretInUse> {
  const { name, description } = wanted;
  const id = newId<SecretId>();
  const origins = readOrigins(wanted.origins, deps.policy);
  refuseTooLarge(wanted.value);
  return deps.database
    .asWorkspace({ workspace: caller.workspace }, async (tx) => {
      if (!(await isSecretNameFree(tx, name))) throw nameTaken();
      await insertSecret(tx, { id, name, description, ...(await seal(deps, tx, caller, id, wanted.value, origins)) });
      await audit(tx, {
        actor: caller.actor,
        action: "secret.created",
        target: { kind: "secret", id, label: name },
        after: { name, description, origins },
      });
      const made = await read(deps, tx, id);
      await complete(tx, made);
      return made;
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "workspace_secrets_workspace_id_name_key") ? nameTaken() : error;
    });
}

/**
 * Replaces a secret's value, with or without other origins, or changes its description. Other origins alone are
 * refused: a value goes nowhere that whoever knows it has not agreed to.
 * @throws AppError not_found, invalid_request with pointers to the fields
 */
export async function setSecret(
  deps: SecretsDeps,
  caller: SecretCaller,
  id: SecretId,
  change: { description?: string | undefined; value?: string | undefined; origins?: readonly string[] | undefined },
): Promise<SecretInUse> {
  const { description, value } = change;
  if (change.origins && value === undefined) {
    throw invalidField("/value", "Enter the value again to let it go to other addresses.", "value_needed");
  }
  const wantedOrigins = change.origins && readOrigins(change.origins, deps.policy);
  if (value !== undefined) refuseTooLarge(value);
  return deps.database.asWorkspace({ workspace: caller.workspace }, async (tx) => {
    const before = await lockSecret(tx, id);
    if (!before) throw notFound();
    const origins = wantedOrigins ?? before.origins;
    if (value !== undefined) await writeValue(tx, id, await seal(deps, tx, caller, id, value, origins));
    if (description !== undefined) await writeDescription(tx, id, description);
    await audit(tx, {
      actor: caller.actor,
      action: "secret.set",
      target: { kind: "secret", id, label: before.name },
      before: plain(before),
      after: { description: description ?? before.description, origins, value_replaced: value !== undefined },
    });
    return read(deps, tx, id);
  });
}

const plain = ({ description, origins }: WorkspaceSecret) => ({ description, origins });

async function seal(
  { vault }: SecretsDeps,
  tx: WorkspaceTx,
  { actor }: SecretCaller,
  id: SecretId,
  value: string,
  origins: readonly string[],
): Promise<EnteredValue> {
  const secret = new Secret(value);
  return {
    sealed: await vault.sealSecret(tx, placeOf(id), secret),
    fingerprint: vault.fingerprint(tx.workspace, secret),
    origins,
    by: personOf(actor),
  };
}

async function read({ secretUsers }: SecretsDeps, tx: WorkspaceTx, id: SecretId): Promise<SecretInUse> {
  const secret = await lockSecret(tx, id);
  if (!secret) throw new Error("a secret that was just set is not there");
  return { ...secret, usedIn: (await secretUsers(tx)).get(secret.name) ?? [] };
}

/** Exact origins, each once; one that could never be called is refused here instead of at its first use. */
function readOrigins(written: readonly string[], policy: OutboundPolicy): string[] {
  const origins = written.map((text, at) => readOrigin(text, `/origins/${at}`, policy));
  return [...new Set(origins)];
}

function readOrigin(text: string, pointer: string, policy: OutboundPolicy): string {
  let url: URL;
  try {
    url = checkUrl(text.trim(), policy);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw invalidField(pointer, error.message, error.code);
  }
  // A URL may have a `*` for a host name; an origin with one would be a pattern.
  if (url.hostname.includes("*")) throw invalidField(pointer, "Name each host by its whole name.", "not_an_origin");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw invalidField(pointer, `Leave off what stands behind the host: ${url.origin}`, "not_an_origin");
  }
  return url.origin;
}

function refuseTooLarge(value: string): void {
  if (Buffer.byteLength(value) > MOST_BYTES) throw invalidField("/value", "A secret has at most 64 KiB.", "too_big");
}

const nameTaken = () =>
  new AppError("name_taken", "Another secret has this name.", {
    errors: [{ pointer: "/name", code: "name_taken", detail: "Another secret has this name." }],
  });
