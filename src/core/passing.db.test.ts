import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "#db/database.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { isPassing } from "./passing.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (failure: unknown) => failure,
  );

it("a connection that is cut in the middle of a statement passes", async () => {
  const failure = await failureOf(
    test.database.acrossWorkspaces((tx) => tx.sql`select pg_terminate_backend(pg_backend_pid())`),
  );

  expect(isPassing(failure)).toBe(true);
});

it("a server that is not there passes", async () => {
  const url = new URL(test.appUrl);
  url.searchParams.set("host", "/nowhere");
  const away = openDatabase({ appUrl: url.href });

  const failure = await failureOf(away.acrossWorkspaces((tx) => tx.sql`select 1`));

  expect(isPassing(failure)).toBe(true);
  await away.close();
});

it("a wrong statement does not pass, nor does what is no failure of the database", async () => {
  const failure = await failureOf(test.database.acrossWorkspaces((tx) => tx.sql`select 1 / 0`));

  expect(failure).toBeInstanceOf(Error);
  expect(isPassing(failure)).toBe(false);
  expect(isPassing(new Error("out of order"))).toBe(false);
});
