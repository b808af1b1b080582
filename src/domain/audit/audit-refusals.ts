import type { Database } from "#db/database.ts";
import type { Refusal } from "#vault/seal.ts";
import { audit } from "./audit.ts";

/**
 * Writes down that a stored secret did not open: it was changed, or copied from elsewhere (SR-3). In a transaction of its
 * own, because that of the reader is about to be rolled back.
 */
export function auditRefusals(deps: {
  database: Database;
  log: { error(fields: object, message: string): void };
}): (refusal: Refusal) => void {
  return ({ workspace, place, use, reason }) => {
    deps.log.error({ workspace, reason, code: "secret_not_opened" }, "a stored secret did not open");
    const written = deps.database.asWorkspace({ workspace }, (tx) =>
      audit(tx, {
        actor: { kind: "system", label: "Hawser" },
        action: "secret.not_opened",
        target: { kind: place.table, id: place.row },
        result: "refused",
        after: { field: place.field, reason, purpose: use.purpose },
      }),
    );
    written.catch((failure: unknown) => deps.log.error({ err: failure }, "a refusal could not be audited"));
  };
}
