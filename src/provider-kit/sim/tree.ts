import type { Clock } from "#core/clock.ts";
import { type Content, type Hashes, hashesOf, sizeOf } from "./content.ts";

/** A file or folder of a pretend drive. Small, because there may be a million of them. */
export interface SimNode {
  readonly id: string;
  readonly drive: SimDrive;
  /** Absent for the top of a drive, and for what lies in nobody's folder. */
  parent: SimNode | undefined;
  name: string;
  readonly isFolder: boolean;
  content: Content | undefined;
  createdAt: number;
  modifiedAt: number;
  /** Grows with everything that happens to it. */
  revision: number;
  /** Grows when its bytes change. */
  contentRevision: number;
  /** Thrown away by itself, and not with a folder above it. */
  trashed: boolean;
  /** Gone for good. */
  deleted: boolean;
  children: Set<SimNode> | undefined;
  /** What only this service knows of it. */
  extra: Record<string, unknown> | undefined;
}

export interface SimDrive {
  readonly id: string;
  name: string;
  readonly top: SimNode;
  /** What happened, oldest first. The number of an event is its index and `logStart`. */
  log: SimEvent[];
  /** How many events have been forgotten: nobody can follow the log from before them. */
  logStart: number;
}

export interface SimEvent {
  readonly node: SimNode;
  readonly what: "created" | "edited" | "renamed" | "moved" | "trashed" | "restored" | "deleted" | "touched";
}

export interface SimTreeOptions {
  clock: Clock;
  /** Makes an id; the number is different for each call. */
  newId(n: number): string;
}

/**
 * The drives of a pretend service: who lies where, and a log of what happened. Knows nothing of any wire format. Every
 * change is one entry of the log of its drive (two, where something moves from one drive to another).
 */
export class SimTree {
  readonly drives = new Map<string, SimDrive>();
  readonly nodes = new Map<string, SimNode>();
  /** Called after each change: the one who sends notices listens here. */
  onChange: ((drive: SimDrive, event: SimEvent) => void) | undefined;
  readonly #options: SimTreeOptions;
  #made = 0;

  constructor(options: SimTreeOptions) {
    this.#options = options;
  }

  addDrive(name: string, given: { id?: string; topId?: string } = {}): SimDrive {
    const id = given.id ?? this.#newId();
    const drive = { id, name, log: [], logStart: 0 } as unknown as SimDrive & { top: SimNode };
    drive.top = this.#node(drive, undefined, name, true, undefined, given.topId ?? id);
    this.drives.set(id, drive);
    return drive;
  }

  /** Forgets what happened so far: whoever wants to follow from there has lost his place. */
  forgetLog(drive: SimDrive): void {
    drive.logStart += drive.log.length;
    drive.log = [];
  }

  /** The node, unless it is unknown or gone for good. */
  get(id: string): SimNode | undefined {
    const node = this.nodes.get(id);
    return node?.deleted ? undefined : node;
  }

  addFolder(parent: SimNode, name: string): SimNode {
    return this.#added(this.#node(parent.drive, parent, name, true, undefined));
  }

  addFile(parent: SimNode, name: string, content: Content): SimNode {
    return this.#added(this.#node(parent.drive, parent, name, false, content));
  }

  edit(node: SimNode, content: Content): void {
    node.content = content;
    node.contentRevision += 1;
    this.#changed(node, "edited", true);
  }

  rename(node: SimNode, name: string): void {
    node.name = name;
    this.#changed(node, "renamed");
  }

  move(node: SimNode, parent: SimNode): void {
    const from = node.drive;
    node.parent?.children?.delete(node);
    node.parent = parent;
    parent.children?.add(node);
    if (from !== parent.drive) this.#moveToDrive(node, parent.drive);
    this.#changed(node, "moved");
    if (from !== parent.drive) this.#log(from, { node, what: "moved" });
  }

  trash(node: SimNode): void {
    node.trashed = true;
    this.#changed(node, "trashed");
  }

  restore(node: SimNode): void {
    node.trashed = false;
    this.#changed(node, "restored");
  }

  /** Gone for good, with all that lies in it. */
  delete(node: SimNode): void {
    node.parent?.children?.delete(node);
    const below = [node];
    for (let at = below.pop(); at; at = below.pop()) {
      at.deleted = true;
      this.nodes.delete(at.id);
      below.push(...(at.children ?? []));
    }
    this.#changed(node, "deleted");
  }

  /** Something that shows in the feed without a change of bytes, name or place: shared, starred. */
  touch(node: SimNode): void {
    this.#changed(node, "touched");
  }

  /** In the trash by itself or with a folder above it. */
  isTrashed(node: SimNode): boolean {
    for (let at: SimNode | undefined = node; at; at = at.parent) if (at.trashed) return true;
    return false;
  }

  isBelow(node: SimNode, folder: SimNode): boolean {
    for (let at = node.parent; at; at = at.parent) if (at === folder) return true;
    return false;
  }

  /** `/A/B/c.txt`; empty for the top. */
  pathOf(node: SimNode): string {
    let path = "";
    for (let at = node; at.parent; at = at.parent) path = `/${at.name}${path}`;
    return path;
  }

  #newId(): string {
    this.#made += 1;
    return this.#options.newId(this.#made);
  }

  #node(
    drive: SimDrive,
    parent: SimNode | undefined,
    name: string,
    isFolder: boolean,
    content: Content | undefined,
    id = this.#newId(),
  ): SimNode {
    const now = this.#options.clock.now().getTime();
    const node: SimNode = {
      id,
      drive,
      parent,
      name,
      isFolder,
      content,
      createdAt: now,
      modifiedAt: now,
      revision: 1,
      contentRevision: 1,
      trashed: false,
      deleted: false,
      children: isFolder ? new Set() : undefined,
      extra: undefined,
    };
    this.nodes.set(id, node);
    parent?.children?.add(node);
    return node;
  }

  #added(node: SimNode): SimNode {
    this.#log(node.drive, { node, what: "created" });
    return node;
  }

  #changed(node: SimNode, what: SimEvent["what"], newBytes = false): void {
    node.revision += 1;
    if (newBytes) node.modifiedAt = this.#options.clock.now().getTime();
    this.#log(node.drive, { node, what });
  }

  #log(drive: SimDrive, event: SimEvent): void {
    drive.log.push(event);
    this.onChange?.(drive, event);
  }

  #moveToDrive(node: SimNode, drive: SimDrive): void {
    const below = [node];
    for (let at = below.pop(); at; at = below.pop()) {
      (at as { drive: SimDrive }).drive = drive;
      below.push(...(at.children ?? []));
    }
  }
}

export const sizeOfNode = (node: SimNode): number => (node.content ? sizeOf(node.content) : 0);

/** Hashes of a file's bytes, worked out once for each different content. */
export const hashesOfNode = (node: SimNode): Hashes => {
  if (!node.content) throw new Error("a folder has no bytes");
  return hashesOf(node.content);
};
