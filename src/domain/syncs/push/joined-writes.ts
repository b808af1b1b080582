/**
 * Writes what comes for one key in one go: while one write is under way all that comes meanwhile waits for the next one.
 * Each caller waits until his own has been written, and fails with it.
 */
export function joinedWrites<Key, Item>(
  nameOf: (key: Key) => string,
  write: (key: Key, items: readonly Item[]) => Promise<void>,
): (key: Key, item: Item) => Promise<void> {
  const gathering = new Map<string, { items: Item[]; written: Promise<void> }>();
  const writing = new Map<string, Promise<void>>();

  return (key, item) => {
    const name = nameOf(key);
    const joined = gathering.get(name);
    if (joined) {
      joined.items.push(item);
      return joined.written;
    }
    const items = [item];
    const begin = (): Promise<void> => {
      gathering.delete(name);
      const mine = write(key, items).finally(() => {
        if (writing.get(name) === mine) writing.delete(name);
      });
      writing.set(name, mine);
      return mine;
    };
    const before = writing.get(name);
    if (!before) return begin();
    const written = before.then(begin, begin);
    gathering.set(name, { items, written });
    return written;
  };
}
