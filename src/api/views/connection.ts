import type { z } from "zod";
import type { Failure } from "#domain/connections/connection.ts";
import type { ConnectionCard, Life } from "#domain/connections/connection-card.ts";
import type { CheckRecord } from "#domain/connections/health/checks.ts";
import type { Usage } from "#domain/connections/health/usage.ts";
import type { CatalogCard, CatalogSignIn } from "#domain/connections/list-catalog.ts";
import type { OAuthClient } from "#domain/connections/oauth-clients/oauth-client.ts";
import type { TestResult } from "#domain/connections/test-connection.ts";
import type * as catalog from "../contract/catalog.ts";
import type * as contract from "../contract/connections.ts";
import type * as oauthClients from "../contract/oauth-clients.ts";
import type { failure } from "../contract/route.ts";
import { toTime } from "./time.ts";

type Reply<Route extends { reply?: z.ZodType }> = z.input<NonNullable<Route["reply"]>>;

export const toProviderView = (card: CatalogCard): z.input<typeof catalog.providerView> => ({
  key: card.key,
  name: card.name,
  description: card.description,
  category: card.category,
  glyph: card.glyph,
  origin: card.origin,
  legacy: card.legacy ?? null,
  sign_in: card.signIn.map(toSignInView),
  parts: card.parts,
  addresses: card.addresses,
  config_schema: card.configSchema,
  connections: card.connections,
});

const toSignInView = (way: CatalogSignIn) => ({
  type: way.type,
  label: way.label,
  credential_schema: way.credentialSchema,
  scopes: [...way.scopes],
  redirect_uri: way.oauth?.redirectUri ?? null,
  hosts: way.hosts,
  steps: [...way.steps],
  oauth_client: way.oauth?.client ?? null,
});

export const toConnectionView = (card: ConnectionCard): z.input<typeof contract.connectionView> => ({
  id: card.id,
  provider: card.provider,
  name: card.name,
  config: card.config,
  tags: card.tags,
  status: card.status,
  account: toAccountView(card.account),
  failure: toFailureView(card.failure),
  mend: card.mend,
  sandbox: card.sandbox,
  auth: {
    type: card.signIn.type,
    set: card.signIn.set,
    fingerprint: card.signIn.fingerprint ?? null,
    set_at: toTime(card.signIn.setAt),
    set_by: card.signIn.setBy ?? null,
    scopes: [...card.signIn.scopes],
    missing_scopes: card.signIn.missingScopes,
  },
  life: card.life ? toLifeView(card.life) : null,
  checked_at: toTime(card.checkedAt),
  next_check_at: toTime(card.nextCheckAt),
  used_by: { syncs: card.syncs },
  last_used_at: toTime(card.lastUsedAt),
  created_at: card.createdAt.toISOString(),
  created_by: card.createdBy ?? null,
  updated_at: card.updatedAt.toISOString(),
});

const toLifeView = (life: Life) => ({
  access_expires_at: toTime(life.accessExpiresAt),
  renews: life.renews,
  renewed_at: toTime(life.renewedAt),
  next_renewal_at: toTime(life.nextRenewalAt),
  failing_since: toTime(life.failingSince),
  retry_at: toTime(life.retryAt),
  ends_at: toTime(life.end?.at),
  ends_because: life.end?.because ?? null,
});

export const toTestView = (result: TestResult): Reply<typeof contract.testConnection> => ({
  ok: result.ok,
  account: toAccountView(result.account),
  failure: toFailureView(result.failure),
  took_ms: result.tookMs,
});

export const toUsageView = (usage: Usage): Reply<typeof contract.connectionUsage> => ({
  from: usage.from.toISOString(),
  hourly: usage.hourly,
  points: usage.points.map(({ at, uses, failures }) => ({ at: at.toISOString(), uses, failures })),
  purposes: usage.purposes.map(({ purpose, uses, failures, lastAt }) => ({
    purpose,
    uses,
    failures,
    last_at: lastAt.toISOString(),
  })),
});

export const toCheckView = (check: CheckRecord): Reply<typeof contract.connectionChecks>["items"][number] => ({
  at: check.at.toISOString(),
  trigger: check.trigger,
  took_ms: check.tookMs,
  failure: toFailureView(check.failure),
});

export const toOAuthClientView = ({
  source,
  clientId,
  own,
}: OAuthClient): Reply<typeof oauthClients.getOAuthClient> => ({
  source: source === "sandbox" ? "missing" : source,
  client_id: clientId ?? null,
  // The operator's is not the workspace's to look at.
  secret_set: own?.hasSecret ?? false,
  fingerprint: own?.fingerprint ?? null,
  set_at: toTime(own?.setAt),
  set_by: own?.setBy ?? null,
});

const toAccountView = (account: { id: string; label: string } | undefined) =>
  account ? { id: account.id, label: account.label } : null;

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
