import type { Provider } from "#provider-kit/provider.ts";
import { localFolder } from "./local-folder/index.ts";

/** What the operator decides about the built-in providers. */
export interface ProviderSettings {
  /** The folders of this machine that may be read: name → absolute path. */
  localFolders: ReadonlyMap<string, string>;
}

/** Every provider that is built in. Adding one is a folder beside this file and a line here. */
export const builtInProviders = ({ localFolders }: ProviderSettings): readonly Provider[] => [
  localFolder({ roots: localFolders }),
];
