import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "#db/database.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { openAccess } from "../access.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { type AGrant, aGrant, expire, processOf, shopAt } from "./testing/a-grant.ts";
import { type Rotation, type TokenServer, tokenServer } from "./testing/token-server.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const RUNS = process.env.HAWSER_TEST_LONG === "1" ? 150 : 15;

/** What happens to a connection: somebody calls, a process dies in the middle, an answer is lost, the provider is down. */
type Event =
  | { does: "call" }
  | { does: "die"; when: "before" | "after" }
  | { does: "lose-answer" | "down" | "halt" }
  | { does: "expire" };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Event>({ does: "call" }) },
  fc.constantFrom<Event>({ does: "die", when: "before" }, { does: "die", when: "after" }),
  fc.constantFrom<Event>({ does: "lose-answer" }, { does: "down" }, { does: "halt" }),
  { weight: 3, arbitrary: fc.constant<Event>({ does: "expire" }) },
);

const sign = (deps: ConnectionDeps, server: TokenServer, granted: AGrant) => {
  const provider = shopAt(server);
  const about = {
    ...granted,
    provider,
    auth: provider.auth({})[0],
    use: { actor: "system" as const, purpose: "test" },
  };
  return openAccess(deps, about).sign(new URL(server.origin));
};

/** A database that one process can be cut off from, as by its death. */
function mortal(database: Database): { database: Database; die(): void } {
  let dead = false;
  return {
    database: {
      ...database,
      asWorkspace: (context, work) => (dead ? new Promise(() => {}) : database.asWorkspace(context, work)),
    },
    die: () => {
      dead = true;
    },
  };
}

/** Whoever holds the lease is gone, or comes back too late. */
const loseLease = ({ workspace, connection }: AGrant) =>
  test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      update token_leases set epoch = epoch + 1, holder = null, expires_at = null where connection_id = ${connection}`,
  );
const mayTryAgain = ({ workspace }: AGrant) =>
  test.database.asWorkspace({ workspace }, (tx) => tx.sql`update token_sets set retry_at = null`);

async function play(server: TokenServer, rotation: Rotation, events: readonly Event[]): Promise<void> {
  const options = { longestTokenRequestMs: 60, leaseSeconds: 2 };
  const processes = [1, 2, 3].map(() => processOf(test.database, server, options));
  const [deps = processOf(test.database, server, options)] = processes;
  const granted = await aGrant(deps, server, { rotation });
  const { grant } = granted;
  const late: (() => void)[] = [];
  const calls: Promise<unknown>[] = [];
  const halted: Promise<unknown>[] = [];
  let unclear = false;

  for (const [index, event] of events.entries()) {
    const caller = processes[index % processes.length] ?? deps;
    if (event.does === "expire") await expire(deps, granted);
    if (event.does === "call") calls.push(sign(caller, server, granted).catch(() => {}));
    if (event.does === "down") server.next({ status: 503 });
    if (event.does === "lose-answer") {
      server.next("lose-answer");
      unclear = true;
    }
    if (event.does === "die" || event.does === "halt") {
      // So that it is this one that reaches the step.
      await Promise.all(calls);
      const step = event.does === "die" && event.when === "before" ? "arrived" : "committed";
      const reached = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<"drop" | undefined>();
      server.hooks[step] = () => {
        server.hooks[step] = undefined;
        reached.resolve();
        return goOn.promise;
      };
      await expire(deps, granted);
      await mayTryAgain(granted);
      // A process of its own, which is never heard of again, or only after others have gone on without it.
      const { database, die } = mortal(test.database);
      const doomed = processOf(database, server, options);
      const call = sign(doomed, server, granted).catch(() => {});
      const isAtIt = await Promise.race([reached.promise.then(() => true), call.then(() => false)]);
      server.hooks[step] = undefined;
      if (!isAtIt) continue;
      if (event.does === "die") die();
      else halted.push(call);
      await loseLease(granted);
      unclear ||= step === "committed";
      // Nothing is on its way for longer than the longest time: what had not been done by then never is.
      late.push(() => goOn.resolve(step === "arrived" ? "drop" : undefined));
    }
  }
  for (const goOn of late) goOn();
  await Promise.all([...calls, ...halted]);

  // Quiet again: whatever has happened, the next call tells what has become of the account.
  server.next();
  let outcome: unknown;
  for (let tries = 0; tries < 4; tries++) {
    await mayTryAgain(granted);
    await expire(deps, granted);
    outcome = await sign(deps, server, granted).then(
      () => "signed",
      (error: unknown) => error,
    );
    if (outcome === "signed") break;
  }
  const [row] = await test.database.asWorkspace(
    { workspace: granted.workspace },
    (tx) => tx.sql<{ status: string; message: string | null }>`
      select status, failure ->> 'message' as message from connections where id = ${granted.connection}`,
  );
  if (outcome === "signed") {
    expect(grant.alive).toBe(true);
    return;
  }
  // Lost: only where an answer was, only by a strict provider, and never without a word.
  expect({ rotation, unclear, status: row?.status }).toEqual({
    rotation: "strict",
    unclear: true,
    status: "needs_authorization",
  });
  expect(row?.message).toContain("when Hawser was stopped or the answer was lost");
}

it("SR-39 loses no refresh token in any order of calls, crashes and late answers, but with the answer itself", {
  timeout: 240_000,
}, async () => {
  const server = await tokenServer();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Rotation>("strict", "grace", "stable"),
      fc.array(event, { minLength: 3, maxLength: 12 }),
      (rotation, events) => play(server, rotation, events),
    ),
    { numRuns: RUNS },
  );
});
