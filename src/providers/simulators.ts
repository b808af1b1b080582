import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { SimulatedService, SimulatorOptions } from "#provider-kit/sim/service.ts";
import { autodeskClient, autodeskSimulator } from "./autodesk/simulator.ts";
import { documentProcessingSimulator } from "./document-processing/simulator.ts";
import { googleClient, googleDriveSimulator } from "./google-drive/simulator.ts";
import { linkedinClient, linkedinSimulator } from "./linkedin/simulator.ts";
import { mediumSimulator } from "./medium/simulator.ts";
import { onedriveAddresses, onedriveClient, onedriveSimulator } from "./onedrive/simulator.ts";
import { supabaseSimulator } from "./supabase-storage/simulator.ts";
import { wordpressSimulator } from "./wordpress/simulator.ts";
import { xClient, xSimulator } from "./x/simulator.ts";

export interface SimulatorEntry {
  /** The provider's key. */
  key: string;
  open(options: SimulatorOptions): SimulatedService;
  /** The OAuth client it knows. */
  client?: { id: string; secret: string };
  /** Where it is signed in to below its root, where that is not `/authorize` and `/token`. */
  addresses?(root: string): ProviderAddresses;
}

/** Every provider that has a simulator. One more is a file in its folder and a line here. */
export const simulators: readonly SimulatorEntry[] = [
  { key: "google-drive", open: googleDriveSimulator, client: googleClient },
  { key: "onedrive", open: onedriveSimulator, client: onedriveClient, addresses: onedriveAddresses },
  { key: "autodesk", open: autodeskSimulator, client: autodeskClient },
  { key: "x", open: xSimulator, client: xClient },
  { key: "linkedin", open: linkedinSimulator, client: linkedinClient },
  { key: "wordpress", open: wordpressSimulator },
  { key: "medium", open: mediumSimulator },
  { key: "supabase-storage", open: supabaseSimulator },
  { key: "document-processing", open: documentProcessingSimulator },
];
