import { AppError, notFound } from "#core/errors.ts";
import type { CustomProviderId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type Actor, personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { type Definition, definitionShape } from "#provider-kit/definition/definition.ts";
import { auditedFields } from "./audited-fields.ts";
import { type CatalogCaller, type DefiningDeps, explainViolation } from "./create-provider.ts";
import { type CustomProvider, customKey } from "./custom-provider.ts";
import { fingerprintOfDefinition } from "./find-provider.ts";
import { lockCustomProvider, writeCustomProvider } from "./queries.ts";
import { readProvider } from "./read-providers.ts";
import { validateDefinition } from "./validate-definition.ts";

export interface ProviderChange {
  definition?: Readonly<Record<string, unknown>> | undefined;
  active?: boolean | undefined;
  /** The version that the change was made from; another one in the row is a conflict. */
  version?: number | undefined;
}

/**
 * Changes a custom provider. Where an address of it or of its sign-in changes, `moved` is called with its key in the
 * same transaction: credentials that were entered for the old addresses must not go to the new ones (SR-6).
 * @throws AppError not_found, conflict, invalid_request with pointers below /definition
 */
export async function updateProvider(
  deps: DefiningDeps,
  { workspace, actor }: CatalogCaller,
  id: CustomProviderId,
  change: ProviderChange,
  moved: (tx: WorkspaceTx, key: string) => Promise<void>,
): Promise<CustomProvider> {
  const definition = change.definition && (await validateDefinition(deps, change.definition));
  return deps.database
    .asWorkspace({ workspace }, (tx) => changeProvider(tx, actor, id, { ...change, valid: definition }, moved))
    .catch((error: unknown) => {
      throw explainViolation(error);
    });
}

/** The same for a definition that has been validated, in a transaction of somebody else's. */
export async function changeProvider(
  tx: WorkspaceTx,
  actor: Actor,
  id: CustomProviderId,
  change: ProviderChange & { valid: Definition | undefined },
  moved: (tx: WorkspaceTx, key: string) => Promise<void>,
): Promise<CustomProvider> {
  const before = await lockCustomProvider(tx, id);
  if (!before) throw notFound();
  if (change.version !== undefined && change.version !== before.version) {
    throw new AppError("conflict", "Somebody else has changed this provider meanwhile. Look at it again first.");
  }
  const definition = change.valid;
  // A row that came from plain SQL may hold anything; then it counts as another provider.
  const old = definitionShape.safeParse(before.definition).data;
  const active = change.active ?? before.active;
  await writeCustomProvider(tx, id, {
    definition: change.definition ?? before.definition,
    active,
    by: personOf(actor),
  });
  const key = customKey(before.name);
  if (definition && (!old || fingerprintOfDefinition(key, old) !== fingerprintOfDefinition(key, definition))) {
    await moved(tx, key);
  }
  await audit(tx, {
    actor,
    action: "provider.updated",
    target: { kind: "provider", id, label: (definition ?? old)?.displayName ?? before.name },
    before: { active: before.active, version: before.version, ...(definition && old && auditedFields(old)) },
    after: { active, version: before.version + 1, ...(definition && auditedFields(definition)) },
  });
  await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
  return readProvider(tx, id);
}
