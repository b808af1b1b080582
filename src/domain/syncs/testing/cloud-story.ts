import { expect } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { RemoteId, SyncRunId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { mirrorKey, type ObjectKey, withShortId } from "#destinations/object-key.ts";
import type { Content } from "#provider-kit/sim/content.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { Fault } from "#provider-kit/sim/faults.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import type { Random } from "../../../../test/support/random.ts";
import { cancelOpenRun, decideRemovals } from "../run/control.ts";
import { executeRun } from "../run/execute-run.ts";
import { nameOfExport } from "../run/sighting.ts";
import type { ASync } from "./a-sync.ts";
import type { WorkedSource } from "./tree-source.ts";

/** A source at which somebody works at random, and a sync of it. */
export interface Story {
  source: WorkedSource;
  sync: ASync;
  database: Database;
  random: Random;
  /** The folder that was chosen; the whole drive without one. */
  scope?: SimNode | undefined;
  /** What else can be done at this source: shortcuts, sharing … */
  more?: readonly ((node: SimNode) => void)[];
  /** Whether a node is a row of the replica but has no bytes. */
  isSkipped?(node: SimNode): boolean;
  /** Several things in a folder may have one name, as at Google. */
  hasTwins?: boolean;
  /** Whether the sync has a destination. */
  keepsBytes: boolean;
  done: string[];
}

const names = ["a.txt", "b.txt", "A.txt", "ä.txt", "a\u0308.txt", "con", "x/y", "..", "New folder", "é".repeat(3)];

/** One random thing done at the source. */
export function act(story: Story): void {
  const { source, random, scope, done } = story;
  const { tree, drive } = source;
  const live = [...tree.nodes.values()].filter((node) => node.parent && node.drive === drive && node !== scope);
  const folders = [drive.top, ...live.filter(({ isFolder }) => isFolder), ...(scope ? [scope] : [])].filter(
    (node) => !tree.isTrashed(node),
  );
  const files = live.filter(({ isFolder }) => !isFolder);
  const name = () => `${random.of(names)}${random.between(0, 3) === 0 ? ` ${random.between(0, 99)}` : ""}`;
  const free = (folder: SimNode, wanted: string): string => {
    const taken = new Set([...(folder.children ?? [])].map((node) => node.name.toLowerCase()));
    let free = wanted;
    if (story.hasTwins && random.between(0, 2) === 0) return wanted;
    for (let n = 1; taken.has(free.toLowerCase()); n++) free = `${wanted} (${n})`;
    return free;
  };
  const note = (what: string, node: SimNode) => done.push(`${what} ${node.id} ${tree.pathOf(node)}`);
  const any = () => (live.length > 0 ? random.of(live) : undefined);

  switch (random.between(0, 11)) {
    case 0:
    case 1:
    case 2: {
      const folder = random.of(folders);
      note("file", tree.addFile(folder, free(folder, name()), someContent(random)));
      return;
    }
    case 3: {
      const folder = random.of(folders);
      if (folders.length < 40) note("folder", tree.addFolder(folder, free(folder, name())));
      return;
    }
    case 4: {
      if (files.length === 0) return;
      const file = random.of(files);
      tree.edit(file, someContent(random));
      note("edit", file);
      return;
    }
    case 5: {
      const node = any();
      if (!node?.parent) return;
      tree.rename(node, free(node.parent, name()));
      note("rename", node);
      return;
    }
    case 6:
    case 7: {
      const node = any();
      const folder = random.of(folders);
      if (!node || node === folder || tree.isBelow(folder, node) || node.parent === folder) return;
      if ([...(folder.children ?? [])].some((other) => other.name.toLowerCase() === node.name.toLowerCase())) return;
      tree.move(node, folder);
      note("move", node);
      return;
    }
    case 8: {
      const node = any();
      if (!node) return;
      if (scope && tree.isBelow(scope, node)) return;
      if (node.trashed) tree.restore(node);
      else tree.trash(node);
      note(node.trashed ? "trash" : "restore", node);
      return;
    }
    case 9: {
      const node = any();
      if (!node || (scope && tree.isBelow(scope, node))) return;
      // Mostly files: whole folders would leave too little to work with.
      if (node.isFolder && random.between(0, 3) > 0) return;
      note("delete", node);
      tree.delete(node);
      return;
    }
    case 10: {
      const node = any();
      if (!node) return;
      const others = story.more ?? [];
      if (others.length > 0 && random.between(0, 1) === 0) random.of(others)(node);
      else tree.touch(node);
      note("touch", node);
      return;
    }
    case 11: {
      if (random.between(0, 9) === 0) {
        source.loseCursors();
        done.push("lose cursors");
      } else if (random.between(0, 2) === 0) {
        source.losePages();
        done.push("lose pages");
      }
    }
  }
}

/** A person chooses another folder of the drive. */
export async function choose(story: Story): Promise<void> {
  const { source, random, database, sync, done } = story;
  const folders = [...(source.drive.top.children ?? [])].filter((node) => node.isFolder && !node.trashed);
  const scope = random.of(folders);
  story.scope = scope;
  const folder = { id: scope.id, locator: null, path: source.tree.pathOf(scope) };
  done.push(`choose ${scope.id} ${folder.path}`);
  await database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`
      update syncs set folders = ${JSON.stringify([folder])}::jsonb, selection_version = selection_version + 1
       where id = ${sync.sync}`,
  );
}

/** SR-105: what answers are like on a bad day. */
export const wireFaults: readonly Fault[] = [
  { status: 429, headers: { "retry-after": "0" } },
  { status: 500, body: "<html>Error</html>" },
  { status: 503, headers: { "retry-after": "0" }, body: "" },
  { status: 200, body: { surprise: true } },
  { status: 200, body: "" },
  { status: 204 },
  { status: 302, headers: { location: "https://elsewhere.test/" } },
  { cutAfter: 60 },
  { mislabel: "text/html" },
  { corrupt: true },
  { loseAnswer: true },
];

const someContent = (random: Random): Content =>
  random.between(0, 9) === 0
    ? { kind: "noise", seed: random.between(0, 1e6), size: random.between(0, 9_000) }
    : bytesOf(`text ${random.between(0, 1e9)}`);

/** What happens during a run. */
export interface Trouble {
  /** Somebody works at the source. */
  work: boolean;
  /** The source fails now and then. */
  faults: boolean;
  /** The process ends in the middle, and another one goes on with the run. */
  deaths: boolean;
}

/** Runs the sync; at some requests somebody works at the source, or the source fails. */
export async function run(story: Story, trouble: Trouble, isAgain = false): ReturnType<ASync["row"]> {
  const { source, sync, random, done, database } = story;
  let requests = 0;
  source.onRequest = (request) => {
    requests += 1;
    if (requests > 4_000) throw new Error(`the run does not end: ${request}`);
    if (trouble.work && random.between(0, 3) === 0) act(story);
    if (trouble.faults && source.failOnTheWire && random.between(0, 5) === 0) {
      const fault = random.of(wireFaults);
      done.push(`${request} is spoilt: ${JSON.stringify(fault)}`);
      source.failOnTheWire(fault);
    } else if (trouble.faults && random.between(0, 5) === 0) {
      const kinds = ["unavailable", "rate-limited", "unexpected-reply", "forbidden"] as const;
      // Who is asked for one thing by its id is believed.
      const kind = random.of(request === "get" ? kinds : [...kinds, "not-found" as const]);
      done.push(`${request} fails: ${kind}`);
      throw new ProviderError(kind, "on purpose", { retryAt: new Date() });
    }
  };
  const id = await sync.start();
  done.push("run");
  for (let deaths = trouble.deaths ? random.between(1, 3) : 0; deaths > 0; deaths--) {
    await dieWithin(story, id);
    done.push("the process dies");
    if (random.between(0, 5) > 0) continue;
    done.push("cancel");
    await database.asWorkspace({ workspace: sync.workspace }, (tx) => cancelOpenRun(tx, sync.sync));
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    return run(story, trouble);
  }
  await executeRun(sync.deps, sync.workspace, id, new AbortController().signal)
    .catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${told(story)}`, { cause });
    })
    .finally(() => {
      source.onRequest = undefined;
      source.calm?.();
    });
  const row = await sync.row(id);
  const lines = await story.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql<{ message: string }>`select message from sync_run_log where run_id = ${id} order by sequence`,
  );
  done.push(...lines.map(({ message }) => `  ${message}`));
  // The next run goes on where this one stopped.
  if (row.stopped_at_maximum === true && !trouble.work) return run(story, trouble);
  await decideHeld(story);
  await expectNoFalseRemoval(story, id, trouble.work);
  // What was held, or moves later, may have stood where another one is to be now; the next run has room for it.
  const isCrowded = story.keepsBytes && Number(row.failed) > 0 && !trouble.work && !trouble.faults;
  return isCrowded && !isAgain ? run(story, trouble, true) : row;
}

/** Works on a run until some transaction, whose commit may just have gone through: nothing is written after that. */
async function dieWithin({ sync, random, database }: Story, id: SyncRunId): Promise<void> {
  let left = random.between(2, 60);
  const commits = random.between(0, 1) === 1;
  const asWorkspace: Database["asWorkspace"] = async (context, work) => {
    left -= 1;
    if (left > 0) return database.asWorkspace(context, work);
    if (left === 0 && commits) await database.asWorkspace(context, work);
    throw new Error("this process is dead");
  };
  const deps = { ...sync.deps, database: { ...database, asWorkspace } };
  await executeRun(deps, sync.workspace, id, new AbortController().signal).catch(() => {});
  await database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`update sync_leases set expires_at = null where sync_id = ${sync.sync}`,
  );
}

/** A person decides about what is held, or does so another day. */
async function decideHeld({ sync, database, random, done }: Story): Promise<void> {
  const { held, counted } = await heldIn(database, sync);
  expect(counted, done.slice(-80).join("\n")).toBe(held);
  if (held === 0) return;
  const decision = random.of(["approve", "approve", "keep", "later"] as const);
  done.push(`${decision}: ${held} held`);
  if (decision === "later") return;
  await database.asWorkspace({ workspace: sync.workspace }, (tx) =>
    decideRemovals(tx, sync.deps.queue, sync.sync, decision, undefined),
  );
  await sync.run("removals");
}

async function heldIn(database: Database, sync: ASync): Promise<{ held: number; counted: number }> {
  const [row] = await database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql<{ held: number; counted: number }>`
      select (select count(*)::int from files where sync_id = ${sync.sync} and held) as held,
             held_removals as counted from syncs where id = ${sync.sync}`,
  );
  return row ?? { held: 0, counted: 0 };
}

/** Whatever went wrong: what is at the source has not been taken for gone. Only told while nobody works there. */
async function expectNoFalseRemoval(story: Story, run: SyncRunId, somebodyWorks: boolean): Promise<void> {
  if (somebodyWorks) return;
  const wanted = expected(story);
  const removed = await story.database.asWorkspace(
    { workspace: story.sync.workspace },
    (tx) =>
      tx.sql<{ remote_id: string }>`
      select remote_id from files where sync_id = ${story.sync.sync} and state = 'removed' and run_id = ${run}`,
  );
  const wrong = removed.filter(({ remote_id }) => wanted.has(remote_id));
  expect(wrong, told(story)).toEqual([]);
}

/** What a failure says: how to have it again, and what came before it. */
export const told = ({ random, done }: Story): string => `seed ${random.seed}\n${done.slice(-80).join("\n")}`;

type Row = { name: string; folder: string; isFolder: boolean };

/** What the replica has to be: everything in scope that is not in the trash. */
function expected({ source: { tree, drive }, scope }: Story): Map<string, Row> {
  const rows = new Map<string, Row>();
  const top = scope ?? drive.top;
  const open: { node: SimNode; path: string }[] = [{ node: top, path: scope ? tree.pathOf(scope) : "" }];
  if (tree.isTrashed(top)) return rows;
  for (let at = open.pop(); at; at = open.pop()) {
    for (const node of at.node.children ?? []) {
      if (node.trashed) continue;
      rows.set(node.id, { name: node.name, folder: at.path, isFolder: node.isFolder });
      if (node.isFolder) open.push({ node, path: `${at.path}/${node.name.replaceAll("/", "\u2215")}` });
    }
  }
  return rows;
}

/** The replica is the source, row by row, and the objects are the files' bytes. */
export async function expectReplica(story: Story): Promise<void> {
  const { sync, database, source, scope } = story;
  const rows = await database.asWorkspace(
    { workspace: sync.workspace },
    (tx) =>
      tx.sql<
        Row & {
          remote_id: string;
          state: string;
          work: string | null;
          object_key: ObjectKey | null;
          object_version: string | null;
          version: string;
          export_as: string | null;
          isMirror: boolean;
        }
      >`
      select f.remote_id, f.name, coalesce(p.path, '') as folder, f.is_folder as "isFolder", f.state, f.work, f.object_key,
             f.object_version, f.version, f.export_as, s.destination ->> 'layout' = 'mirror' as "isMirror"
        from files f join syncs s on s.id = f.sync_id left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
       where f.sync_id = ${sync.sync} and f.state <> 'removed' and f.reason is distinct from 'gone_at_source' and not f.held
         and (f.missing_generation is null or s.held_removals = 0) and f.remote_id <> ${scope?.id ?? ""} and f.remote_id <> ''`,
  );
  const replica = new Map(rows.map(({ remote_id, name, folder, isFolder }) => [remote_id, { name, folder, isFolder }]));
  expect(sorted(replica), told(story)).toEqual(sorted(expected(story)));
  for (const row of rows) {
    if (row.isFolder) continue;
    const node = source.tree.get(row.remote_id);
    const skipped = node && story.isSkipped?.(node) === true;
    expect(row.state, `${row.name}\n${told(story)}`).toBe(
      skipped ? "skipped" : story.keepsBytes ? "stored" : "indexed",
    );
    if (story.keepsBytes && !skipped) expect(row.object_version, told(story)).toBe(row.version);
    // One that something stands in the way of is moved by a later run.
    if (!row.isMirror || row.object_key === null || row.work !== null) continue;
    const names = row.folder.split("/").filter((one) => one !== "");
    const [first = "", ...rest] = [...names, nameOfExport(row.name, row.export_as)];
    const key = mirrorKey([first, ...rest]);
    expect([key, withShortId(key, row.remote_id as RemoteId)], told(story)).toContain(row.object_key);
  }
}

const sorted = (rows: ReadonlyMap<string, Row>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
