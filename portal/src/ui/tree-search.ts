interface Named {
  id: string;
  name: string;
}

/**
 * What is left of a tree when only nodes count whose name holds the text: those, all below them, and what leads to
 * them. Only levels that were fetched are known. `open` are the folders to open so that every hit is seen.
 */
export function searchTree<Level extends { items: readonly Named[] }>(
  levels: ReadonlyMap<string, Level>,
  root: string,
  text: string,
): { levels: ReadonlyMap<string, Level>; open: ReadonlySet<string> } {
  const words = text.trim().toLocaleLowerCase();
  if (words === "") return { levels, open: new Set() };
  const kept = new Map<string, Level>();
  const open = new Set<string>();
  const visit = (parent: string, everything: boolean): boolean => {
    const level = levels.get(parent);
    if (!level) return false;
    const items = level.items.filter((node) => {
      const hit = everything || node.name.toLocaleLowerCase().includes(words);
      const below = visit(node.id, hit);
      if (below && !hit) open.add(node.id);
      return hit || below;
    });
    kept.set(parent, { ...level, items });
    return items.length > 0;
  };
  visit(root, false);
  return { levels: kept, open };
}
