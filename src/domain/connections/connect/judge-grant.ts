// What becomes of tokens that a person has just granted: plain values in, plain values out.
import type { Account } from "#provider-kit/provider.ts";
import type { CheckResult } from "../check-connection.ts";
import type { Connection, ConnectionStatus, Failure } from "../connection.ts";
import type { Refusal } from "./check-flow.ts";
import type { Outcome } from "./flow.ts";

/** They are stored, and what the connection is then. */
export interface Kept {
  outcome: Outcome;
  status: ConnectionStatus;
  account: Account | undefined;
  failure: Failure | undefined;
  /** Another account than the one that was pinned, which a person has chosen. */
  isOther: boolean;
}

/**
 * Nothing that works is replaced by less: tokens of another account (SR-42), with fewer rights, or of which nobody knows
 * whose they are, are stored only where there was nothing, or nothing that works.
 */
export function judgeGrant(
  { account: pinned, status }: Pick<Connection, "account" | "status">,
  grant: {
    name: string;
    result: CheckResult;
    /** Needed scopes that were not granted. */
    missing: readonly string[];
    /** The person has chosen to let another account in. */
    otherAccount: boolean;
    /** Syncs count on the account that is pinned. */
    inUse: boolean;
  },
): Kept | Refusal {
  const { result, missing } = grant;
  const lacking = missing.length > 0 ? lacks(grant.name, missing, result.at) : undefined;
  if (result.ok) {
    const { account } = result;
    const isOther = pinned !== undefined && pinned.id !== account.id;
    if (isOther && (!grant.otherAccount || grant.inUse)) return { refused: "wrong_account", because: "account" };
    if (!lacking) return { outcome: "connected", status: "active", account, failure: undefined, isOther };
    if (status === "active") return { refused: "scope_missing", because: "scopes" };
    return { outcome: "scope_missing", status: "needs_authorization", account, failure: lacking, isOther };
  }
  const { failure } = result;
  if (pinned) {
    if (lacking) return { refused: "scope_missing", because: "scopes" };
    return { refused: isPassing(failure) ? "provider_down" : "failed", because: failure.kind };
  }
  const unknown = { account: undefined, isOther: false };
  if (lacking) return { ...unknown, outcome: "scope_missing", status: "needs_authorization", failure: lacking };
  if (isPassing(failure)) return { refused: "provider_down", because: failure.kind };
  if (failure.kind === "reauthorize") return { refused: "failed", because: failure.kind };
  return { ...unknown, outcome: "connected", status: "error", failure };
}

const isPassing = ({ kind }: Failure): boolean => kind === "unavailable" || kind === "rate-limited";

const MOST_NAMED = 5;

function lacks(name: string, scopes: readonly string[], at: Date): Failure {
  const named = scopes.slice(0, MOST_NAMED).map((scope) => `"${scope}"`);
  const more = scopes.length > MOST_NAMED ? ` and ${scopes.length - MOST_NAMED} more` : "";
  return {
    kind: "reauthorize",
    message: `${name} did not allow ${named.join(", ")}${more}. Sign in again and allow everything.`,
    at: at.toISOString(),
  };
}
