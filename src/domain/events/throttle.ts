/** Does something about a key: at once, then not again before `pauseMs` after its end. The last touch is never lost. */
export interface Throttle<T> {
  touch(key: string, what: T): void;
  stop(): void;
}

export function createThrottle<T>(pauseMs: number, work: (what: T) => Promise<void>): Throttle<T> {
  /** Keys whose work is under way or just over, and what has been asked for in the meantime. */
  const busy = new Map<string, { asked?: T }>();
  let stopped = false;

  const begin = async (key: string, what: T) => {
    const state: { asked?: T } = {};
    busy.set(key, state);
    await work(what);
    setTimeout(() => {
      busy.delete(key);
      if (state.asked !== undefined && !stopped) void begin(key, state.asked);
    }, pauseMs).unref();
  };

  return {
    touch(key, what) {
      const state = busy.get(key);
      if (state) state.asked = what;
      else if (!stopped) void begin(key, what);
    },
    stop() {
      stopped = true;
    },
  };
}
