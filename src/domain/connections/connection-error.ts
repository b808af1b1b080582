import { AppError, invalidField } from "#core/errors.ts";
import type { ConnectionDeps } from "./open-connection.ts";

export const connectionNameTaken = () =>
  new AppError("name_taken", "Another connection has this name.", {
    errors: [{ pointer: "/name", code: "name_taken", detail: "Another connection has this name." }],
  });

export function findProvider(deps: Pick<ConnectionDeps, "providers">, key: string) {
  const provider = deps.providers.get(key);
  if (!provider) throw invalidField("/provider", `There is no provider "${key}" in the catalog.`, "unknown_provider");
  return provider;
}
