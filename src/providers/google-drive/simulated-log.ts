/** The change logs of the pretend Google: one for each account, and one for each shared drive. */
import type { SimDrive, SimEvent, SimNode } from "#provider-kit/sim/tree.ts";
import { invalidValue } from "./simulated-failure.ts";
import { everythingBelow, type World } from "./simulated-world.ts";

/** That something is now other than before: a file, or a shared drive as a whole. */
export interface Entry {
  subject: SimNode | SimDrive;
  /** Where it happened. */
  drive: SimDrive;
  at: number;
}

/** Which of the entries are looked at: all, or those of the account's own drive and of what is shared with it. */
export type Scope = "all" | "own";

/** A log, of which an entry is read only as long as no later one is about the same. */
class Log {
  readonly name: string;
  readonly #isOwn: (drive: SimDrive) => boolean;
  /** Side by side, as there may be a million. */
  readonly #subjects: (SimNode | SimDrive)[] = [];
  readonly #drives: SimDrive[] = [];
  readonly #times: number[] = [];
  /** Where each was told of last, as far as that was gone through: only when somebody reads. */
  readonly #last = { all: new Map<SimNode | SimDrive, number>(), own: new Map<SimNode | SimDrive, number>() };
  #indexed = 0;
  #start = 0;

  constructor(name: string, isOwn: (drive: SimDrive) => boolean) {
    this.name = name;
    this.#isOwn = isOwn;
  }

  get end(): number {
    return this.#start + this.#subjects.length;
  }

  get start(): number {
    return this.#start;
  }

  add({ subject, drive, at }: Entry): void {
    this.#subjects.push(subject);
    this.#drives.push(drive);
    this.#times.push(at);
  }

  read(at: number, scope: Scope): Entry | undefined {
    this.#index();
    const place = at - this.#start;
    const [subject, drive, time] = [this.#subjects[place], this.#drives[place], this.#times[place]];
    if (!subject || !drive || time === undefined || this.#last[scope].get(subject) !== at) return undefined;
    return { subject, drive, at: time };
  }

  #index(): void {
    for (; this.#indexed < this.#subjects.length; this.#indexed++) {
      const [subject, drive] = [this.#subjects[this.#indexed], this.#drives[this.#indexed]];
      if (!subject || !drive) continue;
      this.#last.all.set(subject, this.#start + this.#indexed);
      if (this.#isOwn(drive)) this.#last.own.set(subject, this.#start + this.#indexed);
    }
  }

  forget(): void {
    this.#start = this.end;
    for (const list of [this.#subjects, this.#drives, this.#times]) list.length = 0;
    this.#last.all.clear();
    this.#last.own.clear();
    this.#indexed = 0;
  }
}

export class Logs {
  readonly #world: World;
  readonly #logs = new Map<string, Log>();
  readonly #forgotten = new Map<SimDrive, number>();
  /** Changes with every process, and whenever cursors are lost: tokens of before are refused. */
  #epoch = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  /** Called with the name of each log that has grown. */
  onEntry: ((log: string) => void) | undefined;
  /** Called with everything that happens to a file. */
  onEvent: ((event: SimEvent) => void) | undefined;

  constructor(world: World) {
    this.#world = world;
    const now = () => world.clock.now().getTime();
    world.tree.onChange = (drive, event) => {
      const entry = { subject: event.node, drive, at: now() };
      const logs = this.#logsOf(drive, event);
      for (const log of logs) this.#add(log, entry);
      if (reaching.has(event.what)) this.#addBelow(event.node, drive);
      if (event.what === "moved") this.#addMoved(event, drive, logs);
      this.onEvent?.(event);
    };
    world.onSharing = (node, account) => {
      this.#add(account, { subject: node, drive: node.drive, at: now() });
      this.#addBelow(node, node.drive);
    };
    world.onDrive = (drive, account) => this.#add(account, { subject: drive, drive, at: now() });
  }

  /** The token from which on nothing has happened yet. `log` is an account or a shared drive. */
  startToken(log: string): string {
    return this.#token(this.#log(log), this.#log(log).end);
  }

  /** At most `size` entries from a token on. */
  read(log: string, token: string, size: number, scope: Scope, wanted: (entry: Entry) => boolean): LogPage {
    const of = this.#log(log);
    let at = this.#placeOf(of, token);
    const entries: Entry[] = [];
    for (; at < of.end && entries.length < size; at++) {
      const entry = of.read(at, scope);
      if (entry && wanted(entry)) entries.push(entry);
    }
    return { entries, token: this.#token(of, at), more: at < of.end };
  }

  loseTokens(): void {
    this.#epoch = (this.#epoch + 1) % 2 ** 32;
  }

  /** What has happened in a drive is forgotten with it, where somebody had the drive forget. */
  #log(name: string): Log {
    const log = this.#open(name);
    for (const drive of this.#world.tree.drives.values()) {
      if ((this.#forgotten.get(drive) ?? 0) === drive.logStart) continue;
      this.#forgotten.set(drive, drive.logStart);
      for (const each of this.#logs.values()) each.forget();
    }
    return log;
  }

  #add(name: string, entry: Entry): void {
    this.#open(name).add(entry);
    this.onEntry?.(name);
  }

  #logsOf = (drive: SimDrive, event: SimEvent): string[] => [
    ...this.#world.concerned(drive, event),
    ...(this.#world.isShared(drive) ? [drive.id] : []),
  ];

  /**
   * A folder stands for what lies in it, in a log in which that was all the time. Where it comes from another drive, or
   * out of sight, something may have happened to it meanwhile: then each of its files has an entry.
   */
  #addMoved(event: SimEvent, drive: SimDrive, logs: readonly string[]): void {
    const { node } = event;
    const isCrossing = node.drive !== drive;
    const guests = logs.filter((log) => this.#world.isGuest(log, drive));
    if (!node.children || (!isCrossing && guests.length === 0)) return;
    const at = this.#world.clock.now().getTime();
    const arrival = isCrossing ? this.#logsOf(node.drive, event) : [];
    for (const subject of everythingBelow(node)) {
      for (const log of isCrossing ? logs : guests) this.#add(log, { subject, drive, at });
      for (const log of arrival) this.#add(log, { subject, drive: node.drive, at });
    }
  }

  /** What is shared with somebody is all that he sees of the folders above it, so he hears of those by it. */
  #addBelow(folder: SimNode, drive: SimDrive): void {
    const at = this.#world.clock.now().getTime();
    for (const { node, account } of this.#world.sharedBelow(folder)) {
      this.#add(account, { subject: node, drive, at });
    }
  }

  #open(name: string): Log {
    const log = this.#logs.get(name) ?? new Log(name, (drive) => !this.#world.isShared(drive));
    this.#logs.set(name, log);
    return log;
  }

  /** Of an account it is digits alone, as Google's is. */
  #token({ name }: Log, at: number): string {
    const place = `${this.#epoch}${String(at).padStart(PLACE, "0")}`;
    return this.#world.homes.has(name) ? place : `~!!~${name}-${place}`;
  }

  #placeOf(log: Log, token: string): number {
    const at = Number(token.slice(-PLACE));
    if (token !== this.#token(log, at) || at < log.start || at > log.end) throw invalidValue("pageToken");
    return at;
  }
}

export interface LogPage {
  entries: Entry[];
  /** Where to go on. */
  token: string;
  more: boolean;
}

const PLACE = 9;
/** What happens to all that lies in a folder along with it. */
const reaching = new Set<SimEvent["what"]>(["moved", "trashed", "restored", "deleted"]);
