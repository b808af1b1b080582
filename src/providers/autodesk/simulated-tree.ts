import type { Clock } from "#core/clock.ts";
import type { Content } from "#provider-kit/sim/content.ts";
import { type SimDrive, type SimEvent, type SimNode, SimTree } from "#provider-kit/sim/tree.ts";
import { type Environment, folderUrn, guidOf, lineageUrn, numberIn, numberInGuid, suffixOf } from "./simulated-ids.ts";

/** An account: what projects lie in. */
export interface SimHub {
  readonly id: string;
  readonly name: string;
  readonly region: "US" | "EMEA";
  readonly environment: Environment;
  readonly bucket: string;
}

export interface SimProject {
  readonly hub: SimHub;
  readonly id: string;
  readonly drive: SimDrive;
  readonly type: "ACC" | "BIM360";
  /** An archived one is in no list, and its folders are refused. */
  active: boolean;
}

/** One version of an item, as it was written down. */
export interface SimVersion {
  readonly number: number;
  readonly name: string;
  readonly content: Content | undefined;
  /** Of its bytes: a new name alone is a new version of the same ones. */
  readonly contentRevision: number;
  readonly at: number;
}

/** What is odd about an item. */
export interface ItemOddity {
  type?: "Document" | "C4RModel";
  /** There is no file, or none yet. */
  withoutStorage?: boolean;
  withoutSize?: boolean;
  processState?: string;
  composite?: boolean;
  displayName?: string;
  reserved?: boolean;
  /** Its object is still being put together: `chunked` is told in parts. */
  assembling?: "chunked" | "fallback";
}

/** In ticks of 100 ns of which there are never two the same, so that each change has a time of its own. */
interface Stamp {
  readonly ms: number;
  readonly tick: number;
}

type Happening = SimEvent["what"];

/**
 * The folders and items of the projects: every edit and every new name is a version, nothing is ever deleted for good, and
 * each change moves on the roll-up times of all folders above it.
 */
export class AutodeskTree extends SimTree {
  readonly projects = new Map<string, SimProject>();
  readonly oddities = new Map<SimNode, ItemOddity>();
  /** What moves roll-ups on; nowhere is said whether deletions, moves and restores do. */
  readonly rollsUp: Record<Happening, boolean> = {
    created: true,
    edited: true,
    renamed: true,
    moved: true,
    trashed: true,
    restored: true,
    deleted: true,
    touched: false,
  };
  /** Roll-ups as they are told: exact to 100 ns, or to a second. */
  rollupDigits: 7 | 0 = 7;
  onEvent: ((event: SimEvent, movedFrom: SimNode | undefined) => void) | undefined;
  readonly #versions = new Map<SimNode, SimVersion[]>();
  readonly #rollups = new Map<SimNode, Stamp>();
  readonly #clock: Clock;
  #last: Stamp = { ms: 0, tick: 0 };
  #making: { environment: Environment; isFolder: boolean } = { environment: "wipprod", isFolder: true };
  #movedFrom: SimNode | undefined;

  constructor(clock: Clock) {
    super({ clock, newId: (n) => this.#nextId(n) });
    this.#clock = clock;
    this.onChange = (_, event) => this.#happened(event);
  }

  addProject(hub: SimHub, name: string, n: number, type: SimProject["type"] = "ACC"): SimProject {
    const id = `b.${guidOf(n, 0x70726f6a)}`;
    const root = folderUrn(hub.environment, suffixOf(n, 0x726f6f74));
    const drive = this.addDrive(name, { id: `${hub.id}~${id}~${root}`, topId: root });
    const project: SimProject = { hub, id, drive, type, active: true };
    this.projects.set(id, project);
    return project;
  }

  projectOf(node: SimNode): SimProject {
    for (const project of this.projects.values()) if (project.drive === node.drive) return project;
    throw new Error("it lies in no project");
  }

  override addFolder(parent: SimNode, name: string): SimNode {
    this.#making = { environment: environmentOf(parent), isFolder: true };
    return super.addFolder(parent, name);
  }

  override addFile(parent: SimNode, name: string, content: Content): SimNode {
    this.#making = { environment: environmentOf(parent), isFolder: false };
    return super.addFile(parent, name, content);
  }

  /** A new item with bytes of another one: a lineage of its own. */
  copy(node: SimNode, parent: SimNode): SimNode {
    if (!node.content) throw new Error("folders are not copied here");
    return this.addFile(parent, node.name, node.content);
  }

  override edit(node: SimNode, content: Content): void {
    this.#keepVersion(node);
    super.edit(node, content);
  }

  override rename(node: SimNode, name: string): void {
    if (!node.isFolder) {
      this.#keepVersion(node);
      node.modifiedAt = this.#clock.now().getTime();
    }
    super.rename(node, name);
  }

  override move(node: SimNode, parent: SimNode): void {
    this.#movedFrom = node.parent;
    super.move(node, parent);
    this.#movedFrom = undefined;
  }

  /** Nothing is deleted for good: it is hidden, and can be taken back. */
  override delete(node: SimNode): void {
    this.trash(node);
  }

  /** The tip first. */
  versionsOf(node: SimNode): SimVersion[] {
    const before = this.#versions.get(node) ?? [];
    return [this.tipOf(node), ...before.toReversed()];
  }

  tipOf(node: SimNode): SimVersion {
    const { name, content, contentRevision, modifiedAt } = node;
    return { number: this.tipNumber(node), name, content, contentRevision, at: modifiedAt };
  }

  tipNumber(node: SimNode): number {
    return (this.#versions.get(node)?.length ?? 0) + 1;
  }

  /** `<guid>.<ext>` */
  objectKeyOf(node: SimNode, version: SimVersion): string {
    const n = numberIn(suffixIn(node.id));
    // Named when it was uploaded, whatever the file is called now.
    const upload = this.#versions.get(node)?.find((one) => one.contentRevision === version.contentRevision);
    const extension = extensionOf((upload ?? version).name);
    return `${guidOf(n, version.contentRevision)}${extension === "" ? "" : `.${extension}`}`;
  }

  /** The version whose bytes an object is, of whatever project. */
  objectOf(bucket: string, key: string): { node: SimNode; version: SimVersion } | undefined {
    const environment = bucket === emeaBucket ? "wipemea" : "wipprod";
    const node = this.nodes.get(lineageUrn(environment, suffixOf(numberInGuid(key.slice(0, 36)))));
    if (!node) return undefined;
    const version = this.versionsOf(node).find((one) => this.objectKeyOf(node, one) === key);
    return version && { node, version };
  }

  /** In the form that folders are told in. */
  rollupOf(folder: SimNode): string {
    const { ms, tick } = this.#rollups.get(folder) ?? { ms: folder.createdAt, tick: 0 };
    const whole = new Date(ms).toISOString();
    if (this.rollupDigits === 0) return `${whole.slice(0, 19)}.0000000Z`;
    return `${whole.slice(0, 23)}${String(tick).padStart(4, "0")}Z`;
  }

  #keepVersion(node: SimNode): void {
    const before = this.#versions.get(node) ?? [];
    before.push(this.tipOf(node));
    this.#versions.set(node, before);
  }

  #happened(event: SimEvent): void {
    if (this.rollsUp[event.what]) {
      const stamp = this.#nextStamp();
      const { node } = event;
      // What happens to a folder itself is nothing that has happened below it.
      const begins = event.what === "created" && node.isFolder ? node : node.parent;
      for (const from of [begins, this.#movedFrom]) {
        for (let at = from; at && this.#rollups.get(at) !== stamp; at = at.parent) this.#rollups.set(at, stamp);
      }
    }
    this.onEvent?.(event, this.#movedFrom);
  }

  #nextStamp(): Stamp {
    const now = this.#clock.now().getTime();
    const { ms, tick } = this.#last;
    if (now > ms) this.#last = { ms: now, tick: 0 };
    else this.#last = tick < 9_999 ? { ms, tick: tick + 1 } : { ms: ms + 1, tick: 0 };
    return this.#last;
  }

  #nextId(n: number): string {
    const { environment, isFolder } = this.#making;
    return isFolder ? folderUrn(environment, suffixOf(n)) : lineageUrn(environment, suffixOf(n));
  }
}

export const emeaBucket = "wip.dm.emea.2";

const environmentOf = ({ id }: SimNode): Environment => (id.startsWith("urn:adsk.wipemea:") ? "wipemea" : "wipprod");

const suffixIn = (id: string): string => id.slice(id.lastIndexOf(":") + 1);

export const extensionOf = (name: string): string => /\.([^.]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? "";
