import type { WorkspaceTx } from "#db/database.ts";
import { type Definition, definitionShape } from "#provider-kit/definition/definition.ts";
import { providerFrom } from "#provider-kit/from-definition.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { customKey } from "./custom-provider.ts";
import { findDefinition, type ProviderState } from "./queries.ts";

/** Definitions are read with every call, and may have thousands of actions. */
const MOST_ACTIONS = 20_000;

interface Loaded {
  provider: Provider;
  definition: Definition;
}

/** By workspace and id, the one used last at the end. */
const loaded = new Map<string, Loaded & { state: string }>();

/** A custom provider, read from its row where it has changed since. Undefined where what stands there is not valid. */
export async function loadDefinition(tx: WorkspaceTx, { id, name, state }: ProviderState): Promise<Loaded | undefined> {
  const place = `${tx.workspace}/${id}`;
  const known = loaded.get(place);
  if (known?.state === state) {
    loaded.delete(place);
    loaded.set(place, known);
    return known;
  }
  const read = definitionShape.safeParse(await findDefinition(tx, id));
  if (!read.success) return undefined;
  const fresh = { state, definition: read.data, provider: providerFrom(customKey(name), read.data) };
  loaded.set(place, fresh);
  forgetOldest();
  return fresh;
}

function forgetOldest(): void {
  let actions = 0;
  for (const { definition } of loaded.values()) actions += 1 + definition.actions.length;
  for (const [place, { definition }] of loaded) {
    if (actions <= MOST_ACTIONS || loaded.size === 1) return;
    loaded.delete(place);
    actions -= 1 + definition.actions.length;
  }
}
