/** Random texts that are the same for the same seed. Not secret: only simulators use them. */
export type RandomText = (length: number) => string;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Numbers from 0 to below 1 by mulberry32: small, even, and the same everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Without a seed every start differs. */
export function randomText(seed: number = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1): RandomText {
  const next = randomNumbers(seed);
  return (length) => Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join("");
}
