/** How the boxes of a tree follow from the chosen nodes. Choosing a node means everything below it, now and later. */
export type CheckState = "all" | "some" | "none";

/** The parent of each known node; the top level's parent is "". */
export type Parents = ReadonlyMap<string, string>;

export function checkStateOf(id: string, selected: ReadonlySet<string>, parents: Parents): CheckState {
  if (selected.has(id) || chosenAncestor(id, selected, parents) !== undefined) return "all";
  for (const one of selected) if (isBelow(one, id, parents)) return "some";
  return "none";
}

/**
 * The choice after a press on one box. A chosen node below a chosen one is absorbed; taking out a node whose ancestor
 * is chosen leaves that ancestor's other children chosen, all the way down.
 */
export function toggleNode(
  id: string,
  selected: ReadonlySet<string>,
  parents: Parents,
  childrenOf: (parent: string) => readonly string[],
): Set<string> {
  const next = new Set(selected);
  if (next.delete(id)) return next;
  const above = chosenAncestor(id, selected, parents);
  if (above === undefined) {
    for (const one of selected) if (isBelow(one, id, parents)) next.delete(one);
    return next.add(id);
  }
  next.delete(above);
  let without = id;
  while (without !== above) {
    const parent = parents.get(without) ?? "";
    for (const sibling of childrenOf(parent)) if (sibling !== without) next.add(sibling);
    without = parent;
  }
  return next;
}

/**
 * The folders that a press on this box breaks up into their children: from its own parent up to the chosen one. Empty
 * when none above is chosen. All their children must be known by then, or those not fetched yet would be lost.
 */
export function foldersToBreakUp(id: string, selected: ReadonlySet<string>, parents: Parents): string[] {
  const above = selected.has(id) ? undefined : chosenAncestor(id, selected, parents);
  const folders: string[] = [];
  if (above === undefined) return folders;
  for (let one = parents.get(id); one !== undefined; one = parents.get(one)) {
    folders.push(one);
    if (one === above) break;
  }
  return folders;
}

function chosenAncestor(id: string, selected: ReadonlySet<string>, parents: Parents): string | undefined {
  let above = parents.get(id);
  while (above) {
    if (selected.has(above)) return above;
    above = parents.get(above);
  }
  return undefined;
}

function isBelow(id: string, above: string, parents: Parents): boolean {
  let parent = parents.get(id);
  while (parent) {
    if (parent === above) return true;
    parent = parents.get(parent);
  }
  return false;
}
