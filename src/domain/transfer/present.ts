import type { ConnectionId, CustomProviderId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { exportProviders } from "#domain/catalog/read-providers.ts";
import { findConnectionsInUse } from "#domain/connections/read-connections.ts";
import { findSecretNames } from "#domain/secrets/read-secrets.ts";
import { copyJson, isObject, type JsonObject } from "#expressions/json.ts";
import { definitionShape } from "#provider-kit/definition/definition.ts";
import { secretNamesIn } from "#provider-kit/definition/secret-names.ts";
import type { PresentConnection, PresentProvider } from "./plan-import.ts";

const MOST = 10_000;

/** What a workspace has of all that travels in a file. */
export interface Present {
  /** By name, in its order. */
  providers: ReadonlyMap<string, PresentProvider & { id: CustomProviderId; version: number }>;
  /** By name in small letters, in its order. */
  connections: ReadonlyMap<string, PresentConnection & { id: ConnectionId }>;
  secrets: ReadonlySet<string>;
  /** The names of the secrets that each provider refers to. */
  secretsOf: ReadonlyMap<string, readonly string[]>;
}

export async function readPresent(tx: WorkspaceTx): Promise<Present> {
  const providers = (await exportProviders(tx)).map(({ id, name, active, version, definition }) => ({
    id,
    name,
    active,
    version,
    definition: asObject(definition),
  }));
  const connections = (await findConnectionsInUse(tx, { limit: MOST })).items.map((connection) => ({
    id: connection.id,
    name: connection.name,
    provider: connection.provider,
    auth: connection.authType,
    sandbox: connection.sandbox,
    config: asObject(connection.config),
    tags: connection.tags,
    syncs: connection.syncs,
  }));
  return {
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    connections: new Map(connections.map((connection) => [foldName(connection.name), connection])),
    secrets: new Set(await findSecretNames(tx)),
    secretsOf: new Map(providers.map(({ name, definition }) => [name, secretsReferredTo(definition)])),
  };
}

/** As the database compares names of connections. */
export const foldName = (name: string): string => name.toLowerCase();

function secretsReferredTo(definition: JsonObject): string[] {
  const read = definitionShape.safeParse(definition);
  return read.success ? [...secretNamesIn(read.data)] : [];
}

/** What stands in a column of JSON, which may also come from plain SQL. */
function asObject(value: unknown): JsonObject {
  const limits = { depth: 256, size: 16_777_216, refuse: (why: string) => new Error(why) };
  const json = copyJson(value, limits);
  return isObject(json) ? json : {};
}
