import { AppError } from "#core/errors.ts";
import { type CustomProviderId, newId, type WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { violatesCheck, violatesUnique } from "#db/violation.ts";
import { type Actor, personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { OutboundPolicy } from "#outbound/policy.ts";
import type { Definition } from "#provider-kit/definition/definition.ts";
import { auditedFields } from "./audited-fields.ts";
import type { CustomProvider } from "./custom-provider.ts";
import { countCustomProviders, insertCustomProvider } from "./queries.ts";
import { readProvider } from "./read-providers.ts";
import { validateDefinition } from "./validate-definition.ts";

const MOST_PROVIDERS = 1_000;

export interface DefiningDeps {
  database: Database;
  /** Which addresses the operator allows to be called at all. */
  policy: OutboundPolicy;
}

export interface CatalogCaller {
  workspace: WorkspaceId;
  actor: Actor;
}

/**
 * Adds a custom provider to the catalog of a workspace.
 * @throws AppError invalid_request with pointers below /definition, name_taken
 */
export async function createProvider(
  deps: DefiningDeps,
  { workspace, actor }: CatalogCaller,
  wanted: { name: string; definition: Readonly<Record<string, unknown>>; active: boolean },
  complete: (tx: WorkspaceTx, made: CustomProvider) => Promise<void> = async () => {},
): Promise<CustomProvider> {
  const definition = await validateDefinition(deps, wanted.definition);
  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      const made = await addProvider(tx, actor, definition, wanted);
      await complete(tx, made);
      return made;
    })
    .catch((error: unknown) => {
      throw explainViolation(error);
    });
}

/** The same for a definition that has been validated, in a transaction of somebody else's. */
export async function addProvider(
  tx: WorkspaceTx,
  actor: Actor,
  definition: Definition,
  wanted: { name: string; definition: Readonly<Record<string, unknown>>; active: boolean },
): Promise<CustomProvider> {
  if ((await countCustomProviders(tx)) >= MOST_PROVIDERS) {
    throw new AppError("conflict", "A workspace has at most 1,000 custom providers. Delete one first.");
  }
  const id = newId<CustomProviderId>();
  await insertCustomProvider(tx, { ...wanted, id, by: personOf(actor) });
  await audit(tx, {
    actor,
    action: "provider.created",
    target: { kind: "provider", id, label: definition.displayName },
    after: { name: wanted.name, active: wanted.active, ...auditedFields(definition) },
  });
  await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
  return readProvider(tx, id);
}

/** What the table refuses, in words. */
export function explainViolation(error: unknown): unknown {
  if (violatesUnique(error, "custom_providers_name")) {
    const detail = "Another custom provider has this name.";
    return new AppError("name_taken", detail, { errors: [{ pointer: "/name", code: "name_taken", detail }] });
  }
  if (violatesCheck(error, "custom_providers_size")) {
    const detail = "A definition has at most 6 MiB. Leave out actions that nobody needs.";
    return new AppError("invalid_request", detail, { errors: [{ pointer: "/definition", code: "too_big", detail }] });
  }
  return error;
}
