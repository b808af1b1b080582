import { expect, it } from "vitest";
import { joinedWrites } from "./joined-writes.ts";

function aWriter() {
  const writes: { key: string; items: readonly number[]; end: (failure?: Error) => void }[] = [];
  const add = joinedWrites<string, number>(
    (key) => key,
    (key, items) =>
      new Promise((resolve, reject) => {
        writes.push({ key, items, end: (failure) => (failure ? reject(failure) : resolve()) });
      }),
  );
  return { writes, add };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

it("writes what comes during a write in one more, and keys apart", async () => {
  const { writes, add } = aWriter();
  const done = [add("a", 1), add("a", 2), add("a", 3), add("b", 4)];
  expect(writes.map(({ key, items }) => [key, items])).toEqual([
    ["a", [1]],
    ["b", [4]],
  ]);
  writes[0]?.end();
  await turns();
  expect(writes[2]?.items).toEqual([2, 3]);
  for (const { end } of writes) end();
  await Promise.all(done);
  const later = add("a", 5);
  expect(writes[3]?.items).toEqual([5]);
  writes[3]?.end();
  await later;
});

it("fails those whose write has failed, and nobody else", async () => {
  const { writes, add } = aWriter();
  const first = add("a", 1);
  const second = add("a", 2);
  writes[0]?.end(new Error("the database is away"));
  await expect(first).rejects.toThrow("away");
  await turns();
  writes[1]?.end();
  await second;
});
