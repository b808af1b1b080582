import { AppError, invalidField } from "#core/errors.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type CatalogDeps, type FoundProvider, findProvider } from "#domain/catalog/find-provider.ts";

export const connectionNameTaken = () =>
  new AppError("name_taken", "Another connection has this name.", {
    errors: [{ pointer: "/name", code: "name_taken", detail: "Another connection has this name." }],
  });

/** A provider that something new may be connected with. @throws AppError invalid_request at /provider, sandbox_off */
export async function findConnectable(
  tx: WorkspaceTx,
  deps: Pick<CatalogDeps, "providers" | "sandbox">,
  key: string,
  sandbox: boolean,
): Promise<FoundProvider> {
  if (sandbox && !deps.sandbox) throw new AppError("sandbox_off", "The sandbox is off in this installation.");
  const found = await findProvider(tx, deps, key, sandbox);
  if (!found) throw unknownProvider(key);
  if (!found.active) throw invalidField("/provider", `${found.provider.name} is switched off.`, "not_allowed");
  return found;
}

export const unknownProvider = (key: string) =>
  invalidField("/provider", `There is no provider "${key}" in the catalog.`, "unknown_provider");
