import { expect, it } from "vitest";
import type { WorkspaceId } from "#core/ids.ts";
import { createCopyTurns } from "./copy-turns.ts";

const { signal } = new AbortController();
const [ada, ben, eve] = ["ada", "ben", "eve"] as WorkspaceId[] as [WorkspaceId, WorkspaceId, WorkspaceId];

/** Takes turns and notes in which order they came. */
function takers(most: number) {
  const turns = createCopyTurns(most);
  const came: string[] = [];
  const leaves: (() => void)[] = [];
  return {
    came,
    leaves,
    async take(workspace: WorkspaceId, name: string, until: AbortSignal = signal) {
      const leave = await turns.enter(workspace, until);
      came.push(name);
      leaves.push(leave);
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it("SR-71 lets workspaces in one by one, however many of one wait", async () => {
  const { take, came, leaves } = takers(2);
  for (const n of [1, 2, 3, 4, 5]) void take(ada, `ada ${n}`);
  void take(ben, "ben 1");
  void take(ben, "ben 2");
  await settled();
  expect(came).toEqual(["ada 1", "ada 2", "ben 1"]);
  for (let n = 0; n < 7; n++) {
    leaves[n]?.();
    await settled();
  }
  expect(came.slice(3)).toEqual(["ada 3", "ben 2", "ada 4", "ada 5"]);
});

it("SR-71 lets a workspace in at once that has nothing under way", async () => {
  const { take, came } = takers(2);
  for (const n of [1, 2, 3]) void take(ada, `ada ${n}`);
  void take(ben, "ben");
  void take(eve, "eve");
  await settled();
  expect(came).toEqual(["ada 1", "ada 2", "ben", "eve"]);
});

it("lets those go who wait no more, and a turn that is over twice is over once", async () => {
  const { take, came, leaves } = takers(1);
  const stop = new AbortController();
  void take(ada, "first");
  const waiting = take(ada, "second", stop.signal);
  void take(ada, "third");
  await settled();
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  leaves[0]?.();
  leaves[0]?.();
  await settled();
  expect(came).toEqual(["first", "third"]);
  void take(ada, "fourth");
  await settled();
  expect(came).toEqual(["first", "third"]);
});
