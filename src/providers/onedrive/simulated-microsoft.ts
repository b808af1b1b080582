/** What is so at a pretend Microsoft: its people, sites and drives, and its habits. */
import type { Clock } from "#core/clock.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { plantShipyard } from "#provider-kit/sim/plant.ts";
import { type SimDrive, type SimNode, SimTree } from "#provider-kit/sim/tree.ts";
import type { ErrorStyle } from "./simulated-error.ts";

/** What administrators have decided, and how Graph behaves where it does not always behave alike. Can be changed at any time. */
export interface MicrosoftState {
  /** Whether administrators have consented to the app. Without that it gets tokens, and every call with one is refused. */
  consented: boolean;
  /** `Sites.Selected`: the only sites that the app has been let into, by name. */
  selectedSites: readonly string[] | undefined;
  /** Sites that are locked or archived, by name. */
  lockedSites: readonly string[];
  /** Continuous access evaluation: no token is good enough any more. */
  wantsClaims: boolean;
  errorStyle: ErrorStyle;
  /** For how long an address for a download is good. */
  downloadLifeS: number;
  /** The download host sends all of a file whatever part is asked for. */
  ignoresRange: boolean;
  /** What lies in a folder that is thrown away is told as deleted, too. */
  tellsChildrenOfDeleted: boolean;
  /** A link into a feed that is forgotten comes with a new one to begin from. */
  resyncLocation: boolean;
  /** Links of several thousand characters. */
  longLinks: boolean;
  /** Resource units that may be used in a while; none: as many as one likes. */
  budget: Budget | undefined;
}

export interface Budget {
  units: number;
  windowS: number;
  retryAfterS: number;
  /** How `Retry-After` is written. */
  as: "seconds" | "date";
  status: 429 | 503;
}

export const usualState = (): MicrosoftState => ({
  consented: true,
  selectedSites: undefined,
  lockedSites: [],
  wantsClaims: false,
  errorStyle: "usual",
  downloadLifeS: 3600,
  ignoresRange: false,
  tellsChildrenOfDeleted: false,
  resyncLocation: true,
  longLinks: false,
  budget: undefined,
});

export interface SimulatedPerson {
  id: string;
  label: string;
  name: string;
  /** Their drive; somebody without a licence has none. */
  drive?: string;
}

export const people: readonly SimulatedPerson[] = [
  {
    id: "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
    label: "adele@contoso.test",
    name: "Adele Vance",
    drive: "b!t18F8ybsHUq1z3LTz8xvZqP8zaSWjkFNhsME-Fepo75dTf9vQKfeRblBZjoSQrd7",
  },
  {
    id: "4782e723-f4f4-4af3-a76e-25e3bab0d896",
    label: "alex@contoso.test",
    name: "Alex Wilber",
    drive: "b!mR2-Jkq9xEu0bWZ4pJ3hVtq1k0_yQ2pOrE7vTnYc5LmZs8DfG6hQT4wXbKeAaUiP",
  },
  { id: "c95e3b3a-c33b-48da-a6e9-eb101e8a4205", label: "new@contoso.test", name: "Nestor New" },
];

export const HOST = "contoso.sharepoint.test";

export interface SimulatedSite {
  id: string;
  name: string;
  displayName: string;
  /** Its libraries. */
  drives: readonly { id: string; name: string }[];
}

export const sites: readonly SimulatedSite[] = [
  {
    id: `${HOST},2c712604-1370-44e7-a1f5-426573fda80a,2d2244c3-251a-49ea-93a8-39e1c3a060fe`,
    name: "engineering",
    displayName: "Engineering",
    drives: [
      { id: "b!BCZxLHAT50Sh9UJlc_2oCsNEIi0aJepJk6g54cOgYP5Vw4kDh2lRTq8mZb6yXnPf", name: "Documents" },
      { id: "b!BCZxLHAT50Sh9UJlc_2oCsNEIi0aJepJk6g54cOgYP6Aq0tGz7sWSLe3HdJcMu9K", name: "Drawings" },
    ],
  },
  {
    id: `${HOST},7d3b5c1e-55aa-4f0c-9b1d-0c7f6a2e9d41,a1f20b7c-6d0e-4c55-8f4b-31d9e7c0b862`,
    name: "fleet",
    displayName: "Fleet",
    drives: [{ id: "b!Hlw7faVVDE-bHQx_ai6dQXwL8qEObVVMj0sx2efAuGIrT5yNwCkFSZ2vXgMbJ8Dq", name: "Documents" }],
  },
];

/** A drive, and whose it is. */
export interface DrivePlace {
  drive: SimDrive;
  type: "business" | "documentLibrary";
  owner: SimulatedPerson | undefined;
  site: SimulatedSite | undefined;
  /** The address that its files are shown at. */
  webUrl: string;
}

/** What this service alone knows of an item. */
export interface Oddity {
  is?: "package" | "shortcut";
  /** What a shortcut leads to. */
  target?: SimNode;
  malware?: boolean;
  withoutHash?: boolean;
  /** What is given of it is not what was stored, and has another hash. */
  labelled?: boolean;
}

export const oddityOf = (node: SimNode): Oddity => (node.extra as Oddity | undefined) ?? {};

/** Between two drives nothing is moved: it is made anew there, under another id, and gone here. */
class GraphTree extends SimTree {
  override move(node: SimNode, parent: SimNode): void {
    if (node.drive === parent.drive) {
      super.move(node, parent);
      return;
    }
    this.#copy(node, parent);
    this.delete(node);
  }

  #copy(node: SimNode, parent: SimNode): void {
    if (!node.content) {
      const copy = node.isFolder ? this.addFolder(parent, node.name) : this.addFile(parent, node.name, bytesOf(""));
      copy.extra = node.extra;
      if (!node.isFolder) copy.content = undefined;
      for (const child of node.children ?? []) this.#copy(child, copy);
      return;
    }
    this.addFile(parent, node.name, node.content).extra = node.extra;
  }
}

export interface SimulatedMicrosoft {
  tree: SimTree;
  places: ReadonlyMap<string, DrivePlace>;
  /** Makes things that are no plain files. */
  addOddity(folder: SimNode, name: string, oddity: Oddity): SimNode;
}

export function buildMicrosoft({
  clock,
  empty = false,
}: {
  clock: Clock;
  empty?: boolean | undefined;
}): SimulatedMicrosoft {
  const tree = new GraphTree({ clock, newId });
  const places = new Map<string, DrivePlace>();
  const add = (about: Omit<DrivePlace, "drive">, id: string, name: string) => {
    const topId = `01${LETTERS.slice(places.size, places.size + 6)}56Y2GOVW7725BZO354PWSELRRZ`;
    places.set(id, { ...about, drive: tree.addDrive(name, { id, topId }) });
  };
  for (const person of people) {
    if (!person.drive) continue;
    const webUrl = `https://contoso-my.sharepoint.test/personal/${person.label.replace(/[@.]/g, "_")}/Documents`;
    add({ type: "business", owner: person, site: undefined, webUrl }, person.drive, "OneDrive");
  }
  for (const site of sites) {
    for (const { id, name } of site.drives) {
      const webUrl = `https://${HOST}/sites/${site.name}/${name === "Documents" ? "Shared%20Documents" : name}`;
      add({ type: "documentLibrary", owner: undefined, site, webUrl }, id, name);
    }
  }
  const addOddity: SimulatedMicrosoft["addOddity"] = (folder, name, oddity) => {
    const node = tree.addFile(folder, name, bytesOf(`${name} is odd`));
    node.extra = { ...oddity };
    if (oddity.is) node.content = undefined;
    return node;
  };
  if (!empty)
    plant(
      tree,
      [...places.values()].map(({ drive }) => drive),
      addOddity,
    );
  return { tree, places, addOddity };
}

function plant(tree: SimTree, drives: readonly SimDrive[], addOddity: SimulatedMicrosoft["addOddity"]): void {
  const [adele, alex, documents, drawings, fleet] = drives;
  if (!adele || !alex || !documents || !drawings || !fleet) throw new Error("a drive is missing");
  plantShipyard(tree, adele.top, 1);
  const odd = tree.addFolder(adele.top, "Oddities");
  addOddity(odd, "Notebook", { is: "package" });
  const plans = tree.addFolder(alex.top, "Plans");
  tree.addFile(plans, "Plan of Alex.pdf", { kind: "document", type: "pdf", seed: 7 });
  addOddity(odd, "Plans of Alex", { is: "shortcut", target: plans });
  addOddity(odd, "invoice.exe", { malware: true });
  addOddity(odd, "hash not known.bin", { withoutHash: true });
  for (const name of ["100%.txt", "a#b+c & d.txt", "it's.txt", "Übung – слова 👩‍👧.txt", "UPPER.TXT"]) {
    tree.addFile(odd, name, { kind: "document", type: "txt", seed: name.length });
  }
  plantShipyard(tree, documents.top, 2);
  plantShipyard(tree, drawings.top, 3);
  plantShipyard(tree, fleet.top, 4);
  for (const drive of drives) tree.forgetLog(drive);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `01` and 32 letters; the first seven of them after the beginning are the number, so that no two are the same. */
function newId(n: number): string {
  const text = Buffer.alloc(34, "01BYE5RZ", "latin1");
  let bits = Math.imul(n, 0x9e3779b1) >>> 0;
  let at = 8;
  for (let left = bits; at < 15; at++, left = Math.floor(left / 32)) text[at] = LETTERS.charCodeAt(left % 32);
  for (; at < 34; at++) {
    bits = (bits + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(bits ^ (bits >>> 15), bits | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    text[at] = LETTERS.charCodeAt((mixed >>> 14) & 31);
  }
  return text.toString("latin1");
}
