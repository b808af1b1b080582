// The three pretend clouds, each with nothing in it, as sources to be worked at.
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { autodesk } from "#providers/autodesk/index.ts";
import { autodeskClient, autodeskSimulator } from "#providers/autodesk/simulator.ts";
import { googleDrive } from "#providers/google-drive/index.ts";
import { googleClient, googleDriveSimulator } from "#providers/google-drive/simulator.ts";
import { onedrive } from "#providers/onedrive/index.ts";
import { type Oddity, oddityOf } from "#providers/onedrive/simulated-microsoft.ts";
import { onedriveAddresses, onedriveClient, onedriveSimulator } from "#providers/onedrive/simulator.ts";
import { simulatedSource } from "./simulated-source.ts";
import type { WorkedSource } from "./tree-source.ts";

export interface World {
  source: WorkedSource;
  more?: readonly ((node: SimNode) => void)[];
  isSkipped?(node: SimNode): boolean;
  hasTwins?: boolean;
}

const addressesAt = (origin: string) => ({
  api: `${origin}/api`,
  authorize: `${origin}/authorize`,
  token: `${origin}/token`,
  revoke: `${origin}/revoke`,
});

export function atGoogle(part: number): World {
  const origin = "http://google.test/sim";
  const service = googleDriveSimulator({ origin, seed: part, empty: true });
  const provider = googleDrive(addressesAt(origin));
  const { world } = service;
  let made = 0;
  const folderOf = (node: SimNode) => (node.isFolder ? node : (node.parent ?? service.drive.top));
  const shortcuts = new Set<SimNode>();
  return {
    source: simulatedSource({ service, provider, config: {}, client: googleClient }),
    more: [
      (node) => {
        made += 1;
        shortcuts.add(world.addShortcut(folderOf(node), `Shortcut ${made}`, { id: node.id, mimeType: "text/plain" }));
      },
      (node) => world.share(node, "04410000000000000002"),
      (node) => {
        made += 1;
        world.addDocument(folderOf(node), `Minutes ${made}`, made % 2 === 0 ? "document" : "spreadsheet");
      },
    ],
    isSkipped: (node) => shortcuts.has(node),
    hasTwins: true,
  };
}

export function atMicrosoft(part: number): World {
  const root = "https://microsoft.test/sim";
  const service = onedriveSimulator({ origin: root, seed: part, empty: true });
  const provider = onedrive({ api: `${root}/api`, ...onedriveAddresses(root) });
  service.microsoft.tellsChildrenOfDeleted = part % 2 === 0;
  const { tree, drive } = service;
  const [, other] = tree.drives.values();
  let made = 0;
  const addOdd = (node: SimNode, oddity: Oddity) => {
    made += 1;
    const folder = node.isFolder ? node : (node.parent ?? drive.top);
    if (folder.drive === drive) service.addOddity(folder, `odd ${made}`, oddity);
  };
  return {
    source: simulatedSource({ service, provider, config: {}, client: onedriveClient }),
    more: [
      (node) => addOdd(node, { is: "package" }),
      (node) => addOdd(node, { is: "shortcut", target: drive.top }),
      (node) => addOdd(node, { malware: true }),
      (node) => addOdd(node, { withoutHash: true }),
      (node) => addOdd(node, { labelled: true }),
      (node) => {
        if (other && !node.isFolder) tree.move(node, other.top);
      },
    ],
    isSkipped: (node) => oddityOf(node).is !== undefined || oddityOf(node).malware === true,
  };
}

export function atAutodesk(part: number): World {
  const origin = "https://autodesk.test";
  const service = autodeskSimulator({ origin, seed: part, empty: true });
  const provider = autodesk(addressesAt(origin));
  return { source: simulatedSource({ service, provider, config: {}, client: autodeskClient }) };
}
