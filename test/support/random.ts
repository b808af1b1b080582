/** Random numbers that come again with the same seed. A test prints its seed; HAWSER_TEST_SEED repeats it. */
export interface Random {
  readonly seed: number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** One of them. */
  of<Item>(items: readonly Item[]): Item;
  /** Bytes that are unlike any others. */
  bytes(count: number): Buffer;
}

export function seededRandom(seed = Number(process.env.HAWSER_TEST_SEED ?? Date.now() % 1_000_000)): Random {
  let state = seed;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    seed,
    between,
    of: (items) => {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new Error("nothing to choose from");
      return item;
    },
    bytes(count) {
      const bytes = Buffer.alloc(count);
      for (let at = 0; at + 4 <= count; at += 4) bytes.writeUInt32LE(between(0, 0xffffffff), at);
      return bytes;
    },
  };
}
