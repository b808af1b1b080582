import type { Content } from "./content.ts";
import type { DocumentKind } from "./documents.ts";
import { randomNumbers } from "./random.ts";
import type { SimNode, SimTree } from "./tree.ts";

/** A shipyard's drive: about 60 folders and 300 documents that open. The same seed gives the same tree. */
export function plantShipyard(tree: SimTree, top: SimNode, seed: number): void {
  const next = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  for (const area of areas) {
    const folder = tree.addFolder(top, area.name);
    for (const system of area.systems) {
      const inside = tree.addFolder(folder, system);
      for (const sort of ["Manuals", "Drawings", "Certificates"].slice(0, 1 + below(3))) {
        const place = tree.addFolder(inside, sort);
        for (let n = 1 + below(8); n > 0; n--) {
          const type = pick(kinds);
          const name = `${system} ${pick(subjects)} ${String(n).padStart(2, "0")}.${type}`;
          tree.addFile(place, name, { kind: "document", type, seed: below(200) });
        }
      }
    }
  }
  tree.addFile(top, "Read me first.txt", { kind: "document", type: "txt", seed });
}

const kinds: readonly DocumentKind[] = ["pdf", "pdf", "pdf", "docx", "png", "txt", "xlsx", "csv"];
const subjects = ["manual", "parts list", "test report", "plan", "inspection", "data sheet"];
const areas = [
  { name: "01_General", systems: ["Contracts", "Class", "Crew"] },
  { name: "02_Engineering", systems: ["Main Engine", "Generators", "Gearbox", "Fuel"] },
  { name: "03_Systems", systems: ["Hydraulics", "Fire Safety", "Fresh Water"] },
  { name: "05_Drawings", systems: ["Hull", "Deck", "Interior"] },
  { name: "08_Maintenance", systems: ["Yearly", "Dry Dock"] },
];

/** Very many items, quickly: folders of `perFolder` files below one another, of sizes that `sizeOf` tells. */
export function plantMany(
  tree: SimTree,
  top: SimNode,
  wanted: { files: number; perFolder: number; content(n: number): Content },
): void {
  let folder = top;
  let shelf = top;
  for (let n = 0; n < wanted.files; n++) {
    if (n % (wanted.perFolder * 50) === 0) shelf = tree.addFolder(top, `Shelf ${n / (wanted.perFolder * 50) + 1}`);
    if (n % wanted.perFolder === 0) folder = tree.addFolder(shelf, `Box ${n / wanted.perFolder + 1}`);
    tree.addFile(folder, `Document ${n + 1}.pdf`, wanted.content(n));
  }
  tree.forgetLog(top.drive);
}
