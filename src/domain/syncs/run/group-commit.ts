const FULL_GROUP = 100;
const LONGEST_WAIT_MS = 50;
const MOST_WAITING = 400;

/**
 * Gathers results and writes them in groups, one group at a time, so that many small results cost one commit. After a
 * failed write every further call fails the same way: what was gathered is not written by somebody else.
 */
export function groupCommit<Result>(write: (group: Result[]) => Promise<void>) {
  let waiting: Result[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { cause: unknown } | undefined;

  const writeAll = async () => {
    while (waiting.length > 0 && !failure) {
      const group = waiting;
      waiting = [];
      try {
        await write(group);
      } catch (cause) {
        failure = { cause };
      }
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    // Cleared behind the writing and not by it: one that has nothing to write ends before it is assigned.
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  };
  const rethrow = () => {
    if (failure) throw failure.cause;
  };

  return {
    /** Takes a result; waits only where far more have gathered than a group holds. */
    async add(result: Result): Promise<void> {
      rethrow();
      waiting.push(result);
      if (waiting.length >= FULL_GROUP) {
        const flushed = flush();
        if (waiting.length >= MOST_WAITING) await flushed;
      } else {
        timer ??= setTimeout(() => void flush(), LONGEST_WAIT_MS);
      }
      rethrow();
    },
    /** Everything that was taken has been written. */
    async drain(): Promise<void> {
      rethrow();
      while (waiting.length > 0 || writing) {
        await flush();
        rethrow();
      }
    },
  };
}
