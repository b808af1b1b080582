import type { WorkspaceId } from "#core/ids.ts";

/**
 * Turns for copies, so many at once for all workspaces of a process. Who waits is let in workspace by workspace (SR-71),
 * and a workspace that has nothing under way need not wait for others to end: there are never more of those than runs.
 */
export interface CopyTurns {
  /** Gives back how to say that the turn is over. Rejects with the signal's reason. */
  enter(workspace: WorkspaceId, signal: AbortSignal): Promise<() => void>;
}

interface Lane {
  inside: number;
  waiting: (() => void)[];
}

export function createCopyTurns(most: number): CopyTurns {
  // In the order in which they come next.
  const lanes = new Map<WorkspaceId, Lane>();
  let inside = 0;

  const laneOf = (workspace: WorkspaceId): Lane => {
    const lane = lanes.get(workspace) ?? { inside: 0, waiting: [] };
    lanes.set(workspace, lane);
    return lane;
  };
  const letIn = (lane: Lane): void => {
    inside += 1;
    lane.inside += 1;
  };
  const leave = (workspace: WorkspaceId, lane: Lane): void => {
    inside -= 1;
    lane.inside -= 1;
    if (lane.inside === 0 && lane.waiting.length === 0) lanes.delete(workspace);
    for (const [next, waits] of lanes) {
      if (inside >= most) return;
      const enter = waits.waiting.shift();
      if (!enter) continue;
      // Behind all others.
      lanes.delete(next);
      lanes.set(next, waits);
      enter();
      return;
    }
  };
  const once = (work: () => void) => {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      work();
    };
  };

  return {
    enter(workspace, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const lane = laneOf(workspace);
        const enter = () => {
          signal.removeEventListener("abort", stop);
          letIn(lane);
          resolve(once(() => leave(workspace, lane)));
        };
        const stop = () => {
          lane.waiting = lane.waiting.filter((other) => other !== enter);
          reject(signal.reason);
        };
        if (lane.inside === 0 || (inside < most && lane.waiting.length === 0)) return enter();
        signal.addEventListener("abort", stop, { once: true });
        lane.waiting.push(enter);
      });
    },
  };
}
