import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { addUses, type UseCount } from "./queries.ts";

const FLUSH_EVERY_MS = 5_000;

/** What a credential was opened for (SR-5). */
export interface Use {
  workspace: WorkspaceId;
  connection: ConnectionId;
  /** A short fixed phrase. */
  purpose: string;
}

/** Counts uses of credentials in memory and writes them down every five seconds: not one row of them for each call. */
export interface Uses {
  count(use: Use): void;
  /** A use that has been counted has failed. */
  failed(use: Use): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function openUses({ database }: { database: Database }): Uses {
  let counts = new Map<string, UseCount & { workspace: WorkspaceId }>();
  let flushing = Promise.resolve();

  const add = ({ workspace, connection, purpose }: Use, uses: number, failures: number) => {
    const at = new Date();
    const key = `${connection} ${purpose} ${at.toISOString().slice(0, 13)}`;
    const known = counts.get(key) ?? { workspace, connection, purpose, uses: 0, failures: 0, at };
    counts.set(key, { ...known, uses: known.uses + uses, failures: known.failures + failures, at });
  };

  const write = async () => {
    const taken = counts;
    counts = new Map();
    for (const [workspace, ofWorkspace] of Map.groupBy(taken.values(), (count) => count.workspace)) {
      try {
        await database.asWorkspace({ workspace }, (tx) => addUses(tx, ofWorkspace));
      } catch {
        // The database is away: they are written with the next ones.
        for (const [key, count] of taken) {
          if (count.workspace !== workspace) continue;
          const since = counts.get(key);
          counts.set(
            key,
            since ? { ...since, uses: since.uses + count.uses, failures: since.failures + count.failures } : count,
          );
        }
      }
    }
  };
  const flush = () => {
    flushing = flushing.then(write);
    return flushing;
  };

  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS);
  timer.unref();
  return {
    count: (use) => add(use, 1, 0),
    failed: (use) => add(use, 0, 1),
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
