import { plantShipyard } from "#provider-kit/sim/plant.ts";
import { people, robot } from "./simulated-sign-in.ts";
import type { World } from "./simulated-world.ts";

const BEGINNING = Date.UTC(2026, 0, 5, 8);

/** What is in the drives at first: a shipyard's documents, and all that only Google has. */
export function plantWorld(world: World): void {
  const { tree, projects } = world;
  const [ana, ben] = people.map(({ id }) => ({ id, top: world.home(id).top }));
  if (!ana || !ben) return;
  plantShipyard(tree, ana.top, 1);
  plantShipyard(tree, projects.top, 2);
  const text = (words: string) => ({ kind: "bytes", bytes: new TextEncoder().encode(words) }) as const;
  const odd = tree.addFolder(ana.top, "Oddities");

  const documents = tree.addFolder(odd, "Google documents");
  const minutes = world.addDocument(documents, "Minutes of the meeting", "document", 3);
  world.addDocument(documents, "Parts and prices", "spreadsheet", 4);
  world.addDocument(documents, "Launch", "presentation", 5);
  const large = world.addDocument(documents, "The whole manual", "document", 6);
  world.set(large, { exportSize: 11 * 1024 * 1024 });
  for (const type of ["form", "site", "map"]) world.addOwn(documents, `A ${type}`, type);

  const shortcuts = tree.addFolder(odd, "Shortcuts");
  world.addShortcut(shortcuts, "To a document", { id: minutes.id, mimeType: world.mimeType(minutes) });
  world.addShortcut(shortcuts, "To the folder it is in", { id: shortcuts.id, mimeType: world.mimeType(shortcuts) });
  world.addShortcut(shortcuts, "To nothing", { id: `${minutes.id.slice(0, -1)}_`, mimeType: "application/pdf" });

  const names = tree.addFolder(odd, "Names");
  tree.addFile(names, "Same name.txt", text("one"));
  tree.addFile(names, "Same name.txt", text("two"));
  tree.addFile(names, "Floor plan 1/100.txt", text("a slash"));
  tree.addFile(names, "..", text("two dots"));
  tree.addFile(names, "ends with a dot.", text("a dot"));
  tree.addFile(names, "CON", text("a device"));
  tree.addFile(names, " blanks \u202e and more\u0007 ", text("blanks"));
  tree.addFile(names, "nothing in it.txt", text(""));

  const barred = tree.addFolder(odd, "Not to be had");
  world.set(tree.addFile(barred, "malware.txt", text("malware")), { abusive: true });
  world.set(tree.addFile(barred, "not to be downloaded.pdf", { kind: "document", type: "pdf", seed: 7 }), {
    noDownload: true,
  });
  world.set(tree.addFile(barred, "downloaded too often.txt", text("often")), { worn: true });
  world.set(tree.addFile(barred, "stored long ago.txt", text("old")), { oldHashes: true });
  world.set(tree.addFile(odd, "in a folder that nobody sees.txt", text("orphan")), { orphan: true });
  tree.trash(tree.addFile(odd, "thrown away.txt", text("trash")));

  const shared = tree.addFolder(ben.top, "From Ben");
  tree.addFile(tree.addFolder(shared, "Deeper"), "Report.pdf", { kind: "document", type: "pdf", seed: 8 });
  tree.addFile(shared, "Notes.txt", text("notes"));
  tree.addFile(ben.top, "Private.txt", text("nobody else's"));
  const linked = tree.addFile(ben.top, "By a link.txt", text("by a link"));
  world.share(shared, ana.id);
  world.share(shared, robot.id);
  world.share(linked, ana.id, "0-bKeyOfALink");
  world.addShortcut(projects.top, "Into another drive", { id: minutes.id, mimeType: world.mimeType(minutes) });
  // The same after every start, so that nothing seems to have changed by it.
  for (const [at, node] of [...tree.nodes.values()].entries()) {
    node.createdAt = BEGINNING + at * 3_600_000;
    node.modifiedAt = node.createdAt + (at % 50) * 86_400_000;
  }
  for (const drive of tree.drives.values()) tree.forgetLog(drive);
}
