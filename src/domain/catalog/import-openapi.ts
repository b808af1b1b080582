import { invalidField } from "#core/errors.ts";
import type { Database } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Imported } from "#provider-kit/openapi/import-openapi.ts";
import type { CatalogCaller } from "./create-provider.ts";
import { readAside } from "./read-aside.ts";

const worker = new URL("./import-openapi-worker.ts", import.meta.url);

export type { Imported } from "#provider-kit/openapi/import-openapi.ts";

/**
 * Reads an OpenAPI document as the draft of a custom provider; nothing of it is stored and nothing is fetched. It is
 * read outside of the main thread, within 30 seconds and limited memory (SR-72).
 * @throws AppError invalid_request at /text, too_many_requests
 */
export async function importOpenapi(
  { database }: { database: Database },
  { workspace, actor, signal }: CatalogCaller & { signal: AbortSignal },
  text: string,
): Promise<Imported> {
  const tooMuch = invalidField("/text", "The document is too much to be read. Take parts of it out.");
  const imported = await readAside<Imported>(worker, text, { signal, tooMuch });
  const { title, actions, leftOut } = imported.report;
  await database.asWorkspace({ workspace }, (tx) =>
    audit(tx, {
      actor,
      action: "provider.openapi_read",
      target: { kind: "provider", label: title },
      after: { actions, left_out: leftOut.count },
    }),
  );
  return imported;
}
