import { ProviderError } from "#core/errors.ts";
import { DestinationError } from "#destinations/destination.ts";
import { audit } from "#domain/audit/audit.ts";
import { secretUse } from "#domain/connections/access.ts";
import type { Caller, Failure } from "#domain/connections/connection.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { withinTime } from "#domain/connections/within-time.ts";
import { checkDestinationFolder } from "./destination-folder.ts";
import { holdStore } from "./hold-store.ts";
import { type DestinationDeps, openDestination } from "./open-destination.ts";
import { findSlug } from "./queries.ts";
import type { DestinationChoice } from "./sync.ts";

const TIME_TO_ANSWER_MS = 15_000;

export interface DestinationTest {
  ok: boolean;
  freeBytes: number | undefined;
  failure: Failure | undefined;
  tookMs: number;
}

/**
 * Writes, reads back and deletes a small file where a sync would put its own.
 * @throws AppError invalid_request with pointers below `/destination`, connection_not_active
 */
export async function testDestination(
  deps: DestinationDeps & ConnectionDeps,
  { workspace, actor, signal }: Caller,
  choice: DestinationChoice,
): Promise<DestinationTest> {
  checkDestinationFolder(deps, choice);
  const slug = await deps.database.asWorkspace({ workspace }, async (tx) => {
    await holdStore(tx, deps, choice);
    return findSlug(tx);
  });
  const kept = { workspace, slug, destination: choice };
  const destination = await openDestination(deps, kept, { use: secretUse(actor, "test of a destination"), signal });
  const begun = performance.now();
  const outcome = await withinTime({ name: "The destination", ms: TIME_TO_ANSWER_MS, signal }, async () =>
    destination?.check(),
  ).then(
    (state) => ({ freeBytes: state?.freeBytes, failure: undefined }),
    (error: unknown) => ({ freeBytes: undefined, failure: readFailure(error) }),
  );
  const result = { ok: outcome.failure === undefined, ...outcome, tookMs: Math.round(performance.now() - begun) };
  await deps.database.asWorkspace({ workspace }, (tx) =>
    audit(tx, {
      actor,
      action: "destination.tested",
      target: { kind: "destination", label: labelOf(choice) },
      result: result.ok ? "done" : "failed",
    }),
  );
  return result;
}

function labelOf(choice: DestinationChoice): string {
  if (choice.kind === "none") return "none";
  return `${choice.kind === "store" ? choice.connection_id : choice.root}/${choice.folder}`;
}

function readFailure(error: unknown): Failure {
  if (error instanceof DestinationError || error instanceof ProviderError) {
    return { kind: error.kind, message: error.message };
  }
  throw error;
}
