import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { toProblem } from "./problem.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

it("of two who wait for each other, one is told to try again", async () => {
  const lock = (first: number, second: number, hasFirst: () => Promise<void>) =>
    test.database.acrossWorkspaces(async (tx) => {
      await tx.sql`select pg_advisory_xact_lock(${first}::bigint)`;
      await hasFirst();
      await tx.sql`select pg_advisory_xact_lock(${second}::bigint)`;
    });
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const meet = () => {
    waiting += 1;
    if (waiting === 2) both.resolve();
    return both.promise;
  };

  const ended = await Promise.allSettled([lock(1, 2, meet), lock(2, 1, meet)]);

  const [refused, ...more] = ended.filter((end) => end.status === "rejected");
  expect(more).toEqual([]);
  const { problem, headers } = toProblem(refused?.reason, "req_1");
  expect(problem).toMatchObject({ status: 503, code: "unavailable", detail: expect.stringContaining("Try again") });
  expect(headers).toEqual({ "retry-after": "1" });
});
