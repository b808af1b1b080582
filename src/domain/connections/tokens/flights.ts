/**
 * What this process is doing about tokens, one thing at a time for each connection. It goes on when those who asked
 * have gone away: an answer of the provider must not be lost because nobody waits for it any more.
 */
export interface Flights {
  /** The flight that is under way for this key, or a new one. */
  run(key: string, work: () => Promise<void>): Promise<void>;
  /** Waits for what is under way, not longer than that. */
  close(withinMs: number): Promise<void>;
}

export function createFlights(): Flights {
  const flying = new Map<string, Promise<void>>();
  return {
    run(key, work) {
      const under = flying.get(key);
      if (under) return under;
      const begun = work().finally(() => flying.delete(key));
      // Those who asked may all have left.
      begun.catch(() => {});
      flying.set(key, begun);
      return begun;
    },
    async close(withinMs) {
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      await Promise.race([Promise.allSettled(flying.values()), tooLong]);
      clearTimeout(timer);
    },
  };
}
