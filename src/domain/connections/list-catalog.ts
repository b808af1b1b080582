import { AppError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import { describeProvider, type ProviderCard, type SignIn } from "#domain/catalog/describe-provider.ts";
import { findProviders } from "#domain/catalog/find-provider.ts";
import { callbackPlace, redirectUri } from "./connect/callback-address.ts";
import { type ClientInUse, whichClients } from "./oauth-clients/which-client.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { countByProvider } from "./queries.ts";

export interface CatalogCard extends Omit<ProviderCard, "signIn"> {
  signIn: CatalogSignIn[];
  /** How many connections the workspace has. */
  connections: number;
}

export interface CatalogSignIn extends SignIn {
  /** What the provider's console has to know, and whose OAuth client is used; for a sign-in at the provider only. */
  oauth: { redirectUri: string; client: ClientInUse["source"] } | undefined;
}

/**
 * Everything that can be connected, by name; with `sandbox` the simulators instead.
 * @throws AppError sandbox_off
 */
export async function listCatalog(
  deps: Pick<ConnectionDeps, "database" | "providers" | "sandbox" | "operatorClients" | "publicUrl">,
  workspace: WorkspaceId,
  { sandbox }: { sandbox: boolean } = { sandbox: false },
): Promise<CatalogCard[]> {
  if (sandbox && !deps.sandbox) throw new AppError("sandbox_off", "The sandbox is off in this installation.");
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    const counts = await countByProvider(tx, sandbox);
    const clientOf = await whichClients(tx, deps);
    const cards: CatalogCard[] = [];
    for (const found of await findProviders(tx, deps, sandbox)) {
      const card = describeProvider(found);
      const signIn: CatalogSignIn[] = [];
      for (const way of card.signIn) {
        const address = redirectUri(deps.publicUrl, callbackPlace(found, sandbox));
        const oauth =
          way.type === "oauth2_authorization_code"
            ? { redirectUri: address, client: clientOf(card.key, sandbox).source }
            : undefined;
        signIn.push({ ...way, steps: way.steps.map((step) => step.replaceAll("{redirect_uri}", address)), oauth });
      }
      cards.push({ ...card, signIn, connections: counts.get(card.key) ?? 0 });
    }
    return cards.sort((a, b) => a.name.localeCompare(b.name, "en"));
  });
}
