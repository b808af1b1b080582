// Which workspaces may have more of a process's places. Pure, so that it can be tested with any crowd.

export interface Limits {
  /** Jobs of a queue that one process works on at the same time. */
  atOnce: number;
  /** Of these, what one workspace may have at most; in effect never more than half. */
  atOncePerWorkspace: number;
}

/** Held against all processes by pg-boss, softly: two that fetch in the same moment may pass it by a few. */
export const mostForOne = ({ atOnce, atOncePerWorkspace }: Limits): number =>
  Math.max(1, Math.min(atOncePerWorkspace, Math.floor(atOnce / 2)));

/**
 * What to fetch next. A workspace may have as many places as are still free, so that whoever comes next always finds
 * some, however full the queues of others are (SR-71). One busy workspace gets half the places, two get a third each.
 *
 * @param running how many jobs of each workspace this process is working on
 */
export function nextShare(
  limits: Limits,
  running: ReadonlyMap<string, number>,
): { batchSize: number; ignoreGroups: string[] } {
  let free = limits.atOnce;
  for (const count of running.values()) free -= count;
  const ignoreGroups = [...running].filter(([, count]) => count >= free).map(([workspace]) => workspace);
  // Half at a time: a whole batch may belong to one workspace.
  return { batchSize: Math.max(0, Math.ceil(free / 2)), ignoreGroups };
}
