import { bytesOf } from "#provider-kit/sim/content.ts";
import { plantShipyard } from "#provider-kit/sim/plant.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { type AutodeskTree, emeaBucket, type ItemOddity, type SimHub, type SimProject } from "./simulated-tree.ts";

const american: SimHub = {
  id: "b.622cb5d1-581b-4a46-a6d9-4ebc68ea4051",
  name: "Harbour Construction",
  region: "US",
  environment: "wipprod",
  bucket: "wip.dm.prod",
};
const european: SimHub = {
  id: "b.c8b0c73d-3ae9-4f15-9c1a-0f64a55e2d10",
  name: "Hafenbau Nord",
  region: "EMEA",
  environment: "wipemea",
  bucket: emeaBucket,
};

/** Two accounts with projects; one project is archived, and its account does not list it. */
export function plantProjects(tree: AutodeskTree, empty: boolean): { hubs: readonly SimHub[]; first: SimProject } {
  const first = tree.addProject(american, "Tower North", 1);
  const quay = tree.addProject(american, "Quay Wall", 2, "BIM360");
  const archived = tree.addProject(american, "Old Ferry Terminal", 3);
  archived.active = false;
  const lock = tree.addProject(european, "Schleuse Ost", 4);
  if (!empty) {
    const files = tree.addFolder(first.drive.top, "Project Files");
    plantShipyard(tree, files, 1);
    plantOddities(tree, tree.addFolder(files, "Oddities"));
    const plans = tree.addFolder(first.drive.top, "Plans");
    odd(tree, plans, "A-101 Ground floor", { type: "Document", withoutStorage: true });
    tree.trash(tree.addFolder(first.drive.top, "Photos of 2019"));
    plantShipyard(tree, tree.addFolder(quay.drive.top, "Project Files"), 2);
    plantShipyard(tree, tree.addFolder(lock.drive.top, "Project Files"), 3);
  }
  return { hubs: [american, european], first };
}

/** One of each thing that is different from a usual file. */
function plantOddities(tree: AutodeskTree, folder: SimNode): void {
  odd(tree, folder, "Still processed.dwg", { withoutStorage: true, processState: "PROCESSING" });
  odd(tree, folder, "Cloud model, never published.rvt", { type: "C4RModel", withoutStorage: true });
  odd(tree, folder, "Composite model.rvt", { type: "C4RModel", withoutStorage: true, composite: true });
  odd(tree, folder, "Size not told.txt", { withoutSize: true });
  odd(tree, folder, "Still put together.txt", { assembling: "chunked" });
  odd(tree, folder, "Checked out by somebody.txt", { reserved: true });
  odd(tree, folder, "Called otherwise.txt", { displayName: "Called otherwise" });
  const renamed = tree.addFile(folder, "Draft.txt", bytesOf("first version"));
  tree.edit(renamed, bytesOf("second version"));
  tree.rename(renamed, "Three versions.txt");
  tree.trash(tree.addFile(folder, "Deleted.txt", bytesOf("deleted")));
  const gone = tree.addFolder(folder, "Deleted folder");
  tree.addFile(gone, "In a deleted folder.txt", bytesOf("deleted"));
  tree.trash(gone);
}

function odd(tree: AutodeskTree, folder: SimNode, name: string, oddity: ItemOddity): void {
  tree.oddities.set(tree.addFile(folder, name, bytesOf(`This is ${name}`)), oddity);
}
