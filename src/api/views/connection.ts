import type { z } from "zod";
import type { ProviderCard } from "#domain/catalog/describe-provider.ts";
import type { ConnectionInUse, Failure } from "#domain/connections/connection.ts";
import type { TestResult } from "#domain/connections/test-connection.ts";
import type { connectionView, providerView, testConnection } from "../contract/connections.ts";
import type { failure } from "../contract/route.ts";
import { toTime } from "./time.ts";

export const toProviderView = (card: ProviderCard & { connections: number }): z.input<typeof providerView> => ({
  key: card.key,
  name: card.name,
  description: card.description,
  category: card.category,
  glyph: card.glyph,
  sign_in: card.signIn,
  parts: card.parts,
  addresses: card.addresses,
  config_schema: card.configSchema,
  connections: card.connections,
});

export const toConnectionView = (connection: ConnectionInUse): z.input<typeof connectionView> => ({
  id: connection.id,
  provider: connection.provider,
  name: connection.name,
  config: connection.config,
  tags: connection.tags,
  status: connection.status,
  account: connection.account ?? null,
  failure: toFailureView(connection.failure),
  checked_at: toTime(connection.checkedAt),
  used_by: { syncs: connection.syncs },
  last_used_at: toTime(connection.lastUsedAt),
  created_at: connection.createdAt.toISOString(),
  created_by: connection.createdBy ?? null,
  updated_at: connection.updatedAt.toISOString(),
});

export const toTestView = (result: TestResult): z.input<NonNullable<typeof testConnection.reply>> => ({
  ok: result.ok,
  account: result.account ?? null,
  failure: toFailureView(result.failure),
  took_ms: result.tookMs,
});

/** The time in a row may come from plain SQL in whatever form; one that is no time is left out. */
export function toFailureView(value: Failure | undefined): z.input<typeof failure> | null {
  if (!value) return null;
  const at = value.at === undefined ? Number.NaN : Date.parse(value.at);
  return {
    kind: String(value.kind),
    message: String(value.message),
    ...(!Number.isNaN(at) && { at: new Date(at).toISOString() }),
  };
}
