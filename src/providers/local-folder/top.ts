import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import type { Account, FirstCall } from "#provider-kit/provider.ts";
import { type Config, namesIn } from "./config.ts";
import { toTopFailure } from "./failure.ts";
import { Folder } from "./folder.ts";
import { topIdentity } from "./identity.ts";

/** The folders that the operator opened: name → absolute path. */
export type Roots = ReadonlyMap<string, string>;

/** The folder that a connection is about, held open. */
export interface Top {
  folder: Folder;
  id: RemoteId;
  label: string;
  lastingInodes: boolean;
}

export const topLabel = ({ root, path }: Config): string => (path ? `${root}/${path}` : root);

/**
 * Opens the folder of a connection. Fails with `unavailable` when it is not there, and also when it is another one
 * than at the time of connecting: the empty folder that a missing disk leaves behind must not pass for an empty disk.
 */
export async function openTop(roots: Roots, call: FirstCall<Config> & { account?: Account }): Promise<Top> {
  const top = await openAnyTop(roots, call.config);
  if (call.account !== undefined && call.account.id !== top.id) {
    await top.folder.close();
    throw new ProviderError(
      "unavailable",
      `${top.label} is another folder than the one that was connected. Is its disk mounted?`,
    );
  }
  return top;
}

async function openAnyTop(roots: Roots, config: Config): Promise<Top> {
  const label = topLabel(config);
  const path = roots.get(config.root);
  if (path === undefined) throw new ProviderError("unavailable", `${config.root} is no longer open to Hawser`);

  let folder = await Folder.openRoot(path).catch((error: unknown) => {
    throw toTopFailure(error, config.root);
  });
  try {
    for (const name of namesIn(config.path ?? "")) {
      const next = await folder.open(name);
      await folder.close();
      folder = next;
    }
    const lastingInodes = await folder.hasLastingInodes();
    return { folder, id: topIdentity(folder.stat, label, lastingInodes), label, lastingInodes };
  } catch (error) {
    await folder.close();
    throw toTopFailure(error, label);
  }
}
