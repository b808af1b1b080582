import type { WorkspaceTx } from "#db/database.ts";
import { type Definition, definitionShape } from "#provider-kit/definition/definition.ts";
import { providerFrom } from "#provider-kit/from-definition.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { customKey } from "./custom-provider.ts";
import { findDefinition, type ProviderState } from "./queries.ts";

/** Definitions are needed with every call and may be large. As objects they take several times as much. */
const MOST_BYTES = 33_554_432;

interface Loaded {
  provider: Provider;
  definition: Definition;
}

/** By workspace and id, the one used last at the end. */
const loaded = new Map<string, Loaded & { state: string; bytes: number }>();

/** A custom provider, read from its row where it has changed since. Undefined where what stands there is not valid. */
export async function loadDefinition(tx: WorkspaceTx, { id, name, state }: ProviderState): Promise<Loaded | undefined> {
  const place = `${tx.workspace}/${id}`;
  const known = loaded.get(place);
  if (known?.state === state) {
    loaded.delete(place);
    loaded.set(place, known);
    return known;
  }
  const found = await findDefinition(tx, id);
  const read = definitionShape.safeParse(found?.definition);
  if (!found || !read.success) return undefined;
  const { bytes } = found;
  const fresh = { state, bytes, definition: read.data, provider: providerFrom(customKey(name), read.data) };
  loaded.set(place, fresh);
  forgetOldest();
  return fresh;
}

function forgetOldest(): void {
  let bytes = 0;
  for (const one of loaded.values()) bytes += one.bytes;
  for (const [place, one] of loaded) {
    if (bytes <= MOST_BYTES || loaded.size === 1) return;
    loaded.delete(place);
    bytes -= one.bytes;
  }
}
