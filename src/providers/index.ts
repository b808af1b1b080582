import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { autodesk } from "./autodesk/index.ts";
import { documentProcessing } from "./document-processing/index.ts";
import { googleDrive } from "./google-drive/index.ts";
import { linkedin } from "./linkedin/index.ts";
import { localFolder } from "./local-folder/index.ts";
import { medium } from "./medium/index.ts";
import { onedrive } from "./onedrive/index.ts";
import { s3 } from "./s3/index.ts";
import { supabaseStorage } from "./supabase-storage/index.ts";
import { wordpress } from "./wordpress/index.ts";
import { x } from "./x/index.ts";

/** What the operator decides about the built-in providers. */
export interface ProviderSettings {
  /** The folders of this machine that may be read: name → absolute path. */
  localFolders: ReadonlyMap<string, string>;
  /** Where a provider is reached, where that is not the real service. */
  addressesOf(key: string): ProviderAddresses;
}

/** Every provider that is built in. Adding one is a folder beside this file and a line here. */
export const builtInProviders = ({ localFolders, addressesOf }: ProviderSettings): readonly Provider[] => [
  localFolder({ roots: localFolders }),
  googleDrive(addressesOf("google-drive")),
  onedrive(addressesOf("onedrive")),
  autodesk(addressesOf("autodesk")),
  s3(),
  supabaseStorage(),
  x(addressesOf("x")),
  linkedin(addressesOf("linkedin")),
  wordpress(addressesOf("wordpress")),
  medium(addressesOf("medium")),
  documentProcessing(addressesOf("document-processing")),
];
