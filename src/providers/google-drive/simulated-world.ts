/** Who has which drive in the pretend Google, what is in it, and who may see it. */
import mime from "mime";
import { type Clock, systemClock } from "#core/clock.ts";
import { randomNumbers } from "#provider-kit/sim/random.ts";
import { type SimDrive, type SimEvent, type SimNode, SimTree } from "#provider-kit/sim/tree.ts";
import { people, robot } from "./simulated-sign-in.ts";

/** What Google knows of a file besides what every service does. */
export interface GoogleFile {
  /** Of a document of Google's own, or where it is not what the name says. */
  mimeType?: string;
  shortcut?: { targetId: string; targetMimeType: string };
  /** With whom it is shared directly; `byLink`: its key has to be shown. */
  sharedWith?: readonly { account: string; at: number; byLink: boolean }[];
  resourceKey?: string;
  noDownload?: boolean;
  abusive?: boolean;
  /** It was downloaded too often. */
  worn?: boolean;
  /** It lies in a folder that nobody can see. */
  orphan?: boolean;
  /** Stored so long ago that only its MD5 is known. */
  oldHashes?: boolean;
  /** An export of it is at least so large. */
  exportSize?: number;
}

/** Who asks, and which keys of links he shows. */
export interface Viewer {
  account: string;
  keys: ReadonlyMap<string, string>;
}

export const google = (name: string): string => `application/vnd.google-apps.${name}`;
const FOLDER = google("folder");

const nothing: GoogleFile = {};

export class World {
  readonly tree: SimTree;
  /** Each person's own drive. */
  readonly homes = new Map<string, SimDrive>();
  readonly clock: Clock;
  /** A shared drive. */
  readonly projects: SimDrive;
  readonly #own = new Set<SimDrive>();
  /** Who may see a shared drive; everybody, where nothing is said. */
  readonly #members = new Map<SimDrive, Set<string>>();
  readonly #shared = new Set<SimNode>();
  /** Hears of what happens to a file for one account alone. */
  onSharing: ((node: SimNode, account: string) => void) | undefined;
  /** Hears that a shared drive has another name, or other members. */
  onDrive: ((drive: SimDrive, account: string) => void) | undefined;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
    this.tree = new SimTree({ clock, newId });
    for (const [at, { id }] of everybody.entries()) {
      const drive = this.tree.addDrive("My Drive", { id: `0A${textOf(at + 1, 11)}Uk9PVA` });
      this.homes.set(id, drive);
      this.#own.add(drive);
    }
    this.projects = this.tree.addDrive("Projects", { id: `0A${textOf(100, 14)}9PVA` });
  }

  home(account: string): SimDrive {
    const drive = this.homes.get(account);
    if (!drive) throw new Error(`nobody is ${account}`);
    return drive;
  }

  isShared = (drive: SimDrive): boolean => !this.#own.has(drive);

  about = (node: SimNode): GoogleFile => (node.extra as GoogleFile | undefined) ?? nothing;

  set(node: SimNode, more: GoogleFile): SimNode {
    node.extra = { ...node.extra, ...more };
    return node;
  }

  mimeType = (node: SimNode): string => (node.isFolder ? FOLDER : (this.about(node).mimeType ?? byName(node.name)));

  isMember = (drive: SimDrive, account: string): boolean =>
    this.isShared(drive) && (this.#members.get(drive)?.has(account) ?? true);

  /** Sees of a drive only what is shared with him. */
  isGuest = (account: string, drive: SimDrive): boolean =>
    this.homes.has(account) && this.homes.get(account) !== drive && !this.isMember(drive, account);

  owns = (node: SimNode, account: string): boolean => this.homes.get(account) === node.drive;

  canSee(node: SimNode, { account, keys }: Viewer): boolean {
    if (this.owns(node, account) || this.isMember(node.drive, account)) return true;
    if (this.#shared.size === 0) return false;
    for (let at: SimNode | undefined = node; at; at = at.parent) {
      const { sharedWith, resourceKey } = this.about(at);
      const share = sharedWith?.find((one) => one.account === account);
      // Who has opened a folder by its link needs the key for the folder, and not for what is in it.
      if (share && !(share.byLink && at === node)) return true;
      if (resourceKey !== undefined && keys.get(at.id) === resourceKey) return true;
    }
    return false;
  }

  /** Whom an event in a drive concerns. Who saw a file before it moved is not known any more: everybody who may have. */
  concerned(drive: SimDrive, { node, what }: SimEvent): string[] {
    return everybody.flatMap(({ id }) => {
      if (this.homes.get(id) === drive || this.isMember(drive, id)) return [id];
      if (this.#shared.size === 0) return [];
      if (this.canSee(node, { account: id, keys: new Map() }) || this.sharedWith(node, id)) return [id];
      return what === "moved" && this.sharedItems(id).some((item) => item.drive === drive) ? [id] : [];
    });
  }

  sharedWith = (node: SimNode, account: string): { at: number; byLink: boolean } | undefined =>
    this.about(node).sharedWith?.find((one) => one.account === account);

  /** What was shared with somebody directly, in no folder that he sees. */
  sharedItems = (account: string): SimNode[] =>
    [...this.#shared].filter((node) => !node.deleted && this.sharedWith(node, account) !== undefined);

  /** What was shared directly, with whom, and lies below a folder. */
  sharedBelow = (folder: SimNode): { node: SimNode; account: string }[] =>
    [...this.#shared]
      .filter((node) => this.tree.isBelow(node, folder))
      .flatMap((node) => (this.about(node).sharedWith ?? []).map(({ account }) => ({ node, account })));

  /** @param key of the link, where it is shared by one: the person has opened it, and has to show the key */
  share(node: SimNode, account: string, key?: string): void {
    const others = this.about(node).sharedWith?.filter((one) => one.account !== account) ?? [];
    const share = { account, at: this.clock.now().getTime(), byLink: key !== undefined };
    this.set(node, { sharedWith: [...others, share], ...(key !== undefined && { resourceKey: key }) });
    this.#shared.add(node);
    this.tree.touch(node);
    this.onSharing?.(node, account);
  }

  unshare(node: SimNode, account: string): void {
    const others = this.about(node).sharedWith?.filter((one) => one.account !== account) ?? [];
    this.set(node, { sharedWith: others });
    if (others.length === 0) this.#shared.delete(node);
    this.tree.touch(node);
    this.onSharing?.(node, account);
  }

  renameDrive(drive: SimDrive, name: string): void {
    drive.name = name;
    for (const { id } of everybody) if (this.isMember(drive, id)) this.onDrive?.(drive, id);
  }

  /** Who may see a shared drive from now on. */
  setMembers(drive: SimDrive, accounts: readonly string[]): void {
    const before = everybody.filter(({ id }) => this.isMember(drive, id));
    this.#members.set(drive, new Set(accounts));
    const concerned = new Set([...before.map(({ id }) => id), ...accounts]);
    for (const account of concerned) this.onDrive?.(drive, account);
  }

  addDocument(parent: SimNode, name: string, type: "document" | "spreadsheet" | "presentation", seed = 1): SimNode {
    const kind = type === "spreadsheet" ? "xlsx" : "docx";
    return this.set(this.tree.addFile(parent, name, { kind: "document", type: kind, seed }), {
      mimeType: google(type),
    });
  }

  addShortcut(parent: SimNode, name: string, target: { id: string; mimeType: string }): SimNode {
    const node = this.tree.addFile(parent, name, { kind: "bytes", bytes: new Uint8Array() });
    const shortcut = { targetId: target.id, targetMimeType: target.mimeType };
    return this.set(node, { mimeType: google("shortcut"), shortcut });
  }

  /** One of the sorts of Google's own that has neither bytes nor exports: a form, a site, a map. */
  addOwn(parent: SimNode, name: string, type: string): SimNode {
    return this.set(this.tree.addFile(parent, name, { kind: "bytes", bytes: new Uint8Array() }), {
      mimeType: google(type),
    });
  }
}

export const everybody: readonly { id: string; label: string; name: string }[] = [
  ...people,
  { id: robot.id, label: robot.email, name: "Hawser" },
];

export function everythingBelow(folder: SimNode): SimNode[] {
  const found = [...(folder.children ?? [])];
  // It grows while it is gone through.
  for (const node of found) if (node.children) for (const child of node.children) found.push(child);
  return found;
}

const types = new Map<string, string>();

/** Of one file the type is asked for many times in a row. */
let last = { name: "", type: "" };

function byName(name: string): string {
  if (last.name !== name) last = { name, type: typeOf(name) };
  return last.type;
}

function typeOf(name: string): string {
  const dot = name.lastIndexOf(".");
  const ending = dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
  let type = types.get(ending);
  if (type === undefined) {
    type = mime.getType(ending) ?? "application/octet-stream";
    if (types.size < 1_000) types.set(ending, type);
  }
  return type;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Like Google's: 33 signs, the same for the same number. Its last five are the number, so that no two are the same. */
const newId = (n: number): string => `1${textOf(n, 27)}${textIn(n)}`;

function textOf(n: number, length: number): string {
  const next = randomNumbers(Math.imul(n, 0x9e3779b1));
  let text = "";
  while (text.length < length) {
    let bits = Math.floor(next() * 2 ** 30);
    for (let at = 0; at < 5; at++) {
      text += letters[bits & 63];
      bits >>>= 6;
    }
  }
  return text.slice(0, length);
}

function textIn(n: number): string {
  let text = "";
  for (let at = 0; at < 5; at++) text += letters[(n >>> (6 * at)) & 63];
  return text;
}
