import type { Content } from "#provider-kit/sim/content.ts";
import type { SimulatedFiles } from "#provider-kit/sim/files.ts";
import { randomNumbers } from "#provider-kit/sim/random.ts";
import type { SimulatedService } from "#provider-kit/sim/service.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";

export const hasFiles = (service: SimulatedService): service is SimulatedFiles =>
  "tree" in service && "drive" in service;

const MADE = 3;
const EDITED = 3;
const RENAMED = 2;
const MOVED = 2;
const TRASHED = 2;

/**
 * Somebody works at the source for a while: makes, edits, renames, moves and throws away files of its first drive. The
 * same seed on the same tree does the same. Answers what was done, in words.
 */
export function workAt({ tree, drive }: SimulatedFiles, seed: number): string[] {
  const next = randomNumbers(seed);
  const done: string[] = [];
  const ordinary = [...tree.nodes.values()].filter(
    (node) => node.drive === drive && node !== drive.top && !node.extra && !tree.isTrashed(node) && inTree(node),
  );
  const folders = ordinary.filter(({ isFolder }) => isFolder);
  const files = ordinary.filter(({ content }) => content?.kind === "document");
  /** Each file once: who edits one does not throw it away as well. */
  const take = (from: SimNode[]): SimNode | undefined => from.splice(Math.floor(next() * from.length), 1)[0];
  const anyFolder = (): SimNode => folders[Math.floor(next() * folders.length)] ?? drive.top;
  const content = (): Content => ({ kind: "document", type: "txt", seed: Math.floor(next() * 1_000_000) });

  for (let n = 1; n <= MADE; n++) {
    const made = tree.addFile(anyFolder(), `Report of work ${seed}, part ${n}.txt`, content());
    done.push(`made ${tree.pathOf(made)}`);
  }
  for (const file of some(EDITED, () => take(files))) {
    if (file.content?.kind !== "document") continue;
    tree.edit(file, { ...file.content, seed: Math.floor(next() * 1_000_000) });
    done.push(`edited ${tree.pathOf(file)}`);
  }
  for (const file of some(RENAMED, () => take(files))) {
    const before = tree.pathOf(file);
    tree.rename(file, file.name.replace(/( rev \d+)?(\.\w+)$/, ` rev ${seed}$2`));
    done.push(`renamed ${before} to ${file.name}`);
  }
  for (const file of some(MOVED, () => take(files))) {
    const before = tree.pathOf(file);
    tree.move(file, anyFolder());
    done.push(`moved ${before} to ${tree.pathOf(file)}`);
  }
  for (const file of some(TRASHED, () => take(files))) {
    tree.trash(file);
    done.push(`threw away ${tree.pathOf(file)}`);
  }
  return done;
}

/** What was left behind in nobody's folder is nobody's work. */
function inTree(node: SimNode): boolean {
  let at: SimNode | undefined = node;
  while (at && at !== node.drive.top) at = at.parent;
  return at !== undefined;
}

function some<T>(most: number, take: () => T | undefined): T[] {
  const taken: T[] = [];
  for (let n = 0; n < most; n++) {
    const one = take();
    if (one !== undefined) taken.push(one);
  }
  return taken;
}
