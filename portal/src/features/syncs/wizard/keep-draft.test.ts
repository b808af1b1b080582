import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Keeping, keepDraft } from "./keep-draft.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A server that notes what it was sent, and answers when told to. */
function aServer({ hasOne = false, slow = false } = {}) {
  const sent: string[] = [];
  const told: Keeping[] = [];
  const answers: ((failure?: Error) => void)[] = [];
  let down: Error | undefined;
  const answer = (what: string) => {
    sent.push(what);
    if (!slow) return down ? Promise.reject(down) : Promise.resolve();
    return new Promise<void>((done, fail) => answers.push((failure) => (failure ? fail(failure) : done())));
  };
  const keeper = keepDraft<string>({
    hasOne,
    save: (draft) => answer(draft),
    forget: () => answer("forget"),
    mayPass: (failure) => failure instanceof Error && failure.message === "offline",
    tell: (keeping) => told.push(keeping),
  });
  return { keeper, sent, told, answers, fail: (failure: Error | undefined) => (down = failure) };
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it("saves 800 ms after the last change, and then says so", async () => {
  const { keeper, sent, told } = aServer();
  keeper.keep("D");
  await pass(700);
  keeper.keep("Dr");
  await pass(799);
  expect(sent).toEqual([]);
  await pass(1);
  expect(sent).toEqual(["Dr"]);
  expect(told.at(-1)).toBe("saved");
});

it("saves at most every two seconds", async () => {
  const { keeper, sent } = aServer();
  keeper.keep("a");
  await pass(800);
  keeper.keep("b");
  await pass(1_999);
  expect(sent).toEqual(["a"]);
  await pass(1);
  expect(sent).toEqual(["a", "b"]);
});

it("tries again what found no server, with what was changed since, and says so meanwhile", async () => {
  const { keeper, sent, told, fail } = aServer();
  fail(new Error("offline"));
  keeper.keep("a");
  await pass(800);
  expect(told.at(-1)).toBe("failed");
  fail(undefined);
  await pass(5_000);
  expect(sent).toEqual(["a", "a"]);
  expect(told.at(-1)).toBe("saved");
});

it("does not repeat what was refused until something is changed", async () => {
  const { keeper, sent, fail } = aServer();
  fail(new Error("too long"));
  keeper.keep("a");
  await pass(60_000);
  expect(sent).toEqual(["a"]);
  fail(undefined);
  keeper.keep("b");
  await pass(800);
  expect(sent).toEqual(["a", "b"]);
});

it("discards after a save that is under way, so that the draft does not come back", async () => {
  const { keeper, sent, told, answers } = aServer({ slow: true });
  keeper.keep("a");
  await pass(800);
  keeper.discard();
  await pass(10_000);
  expect(sent).toEqual(["a"]);
  answers[0]?.();
  await pass(2_000);
  expect(sent).toEqual(["a", "forget"]);
  answers[1]?.();
  await pass(0);
  expect(told.at(-1)).toBe("nothing");
});

it("asks for nothing where there is no draft to discard", async () => {
  const { keeper, sent } = aServer();
  keeper.keep("a");
  keeper.discard();
  await pass(60_000);
  expect(sent).toEqual([]);
});

it("sends what is due when the page is left, and gives up if that fails", async () => {
  const { keeper, sent, fail } = aServer({ hasOne: true });
  fail(new Error("offline"));
  keeper.discard();
  keeper.leave();
  await pass(60_000);
  expect(sent).toEqual(["forget"]);
});
