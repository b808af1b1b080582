// Eight processes with 125 callers each on one expired token, and kill -9 of the one that refreshes it, at every step.
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openAccess } from "#domain/connections/access.ts";
import { aMasterKey } from "#domain/connections/testing/connection-deps.ts";
import { type AGrant, aGrant, expire, processOf, shopAt } from "#domain/connections/tokens/testing/a-grant.ts";
import { type Rotation, type TokenServer, tokenServer } from "#domain/connections/tokens/testing/token-server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { seededRandom } from "../support/random.ts";
import type { Step } from "../support/token-caller.ts";
import { startCallers } from "../support/token-callers.ts";

const LONG = process.env.HAWSER_TEST_LONG === "1";
const PROCESSES = 8;
const CALLERS = 125;
const LEASE_S = 2;
/** The token endpoint takes this long at the most while processes are killed, and this is how long is waited for it. */
const DELAY_MS = LONG ? 5_000 : 400;
const LONGEST_MS = DELAY_MS + (LONG ? 5_000 : 5_600);
/** Without being killed it may take as long as outbound lets it. */
const LONG_DELAY_MS = LONG ? 29_000 : 8_000;
const AT_ONCE = 4;

/** When the process that refreshes is killed: at a step of its own, or while the provider has its request. */
type Kill = Step | "never" | "request-lost" | "done-afterwards" | "done-before";
const kills: Kill[] = [
  "never",
  "before-intent",
  "after-intent",
  "request-lost",
  "done-afterwards",
  "done-before",
  "before-storing",
  "after-storing",
];
/** The provider has replaced the refresh token, and nobody knows. */
const inTheWindow: Kill[] = ["done-afterwards", "done-before", "before-storing"];

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

async function aFleet() {
  const server = await tokenServer();
  const masterKey = aMasterKey();
  const { origin, port, tokenUrl, revokeUrl } = server;
  const shop = { origin, port, tokenUrl, revokeUrl };
  const deps = processOf(test.database, server, { masterKey, longestTokenRequestMs: LONGEST_MS });
  const callers = await startCallers(PROCESSES, { appUrl: test.appUrl, shop, masterKey, leaseSeconds: LEASE_S });
  onTestFinished(() => callers.end());
  return { server, deps, callers };
}

type Watch = (caller: string) => Promise<"drop" | undefined>;

/** Steps of the provider, for each grant of its own. */
function watchOver(server: TokenServer) {
  const arrived = new Map<string, Watch>();
  const committed = new Map<string, Watch>();
  server.hooks.arrived = (grant, caller) => arrived.get(grant?.id ?? "")?.(caller ?? "");
  server.hooks.committed = (grant, caller) => committed.get(grant?.id ?? "")?.(caller ?? "");
  return { arrived, committed };
}

const statusOf = async ({ workspace, connection }: AGrant) => {
  const [row] = await test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql<{ status: string; message: string | null }>`
      select status, failure ->> 'message' as message from connections where id = ${connection}`,
  );
  return row;
};
const hash = (token: string) => createHash("sha256").update(token).digest("hex");

it("SR-39 kill -9 at every step of a refresh costs no account, but in the one moment that is named", {
  timeout: 600_000,
}, async () => {
  const random = seededRandom();
  console.log(`HAWSER_TEST_SEED=${random.seed}`);
  const { server, deps, callers } = await aFleet();
  const hooks = watchOver(server);
  const rounds = Array.from({ length: LONG ? 64 : 24 }, (_, round) => ({
    round,
    kill: kills[round % kills.length] ?? "never",
    rotation: (round % 24 >= 16 ? "grace" : "strict") as Rotation,
    delayMs: random.between(0, DELAY_MS),
  }));
  /** Which process was killed for which round. */
  const killedFor = new Map<string, number>();
  const counts = { lost: 0, kept: 0 };

  async function play({ round, kill, rotation, delayMs }: (typeof rounds)[number]): Promise<void> {
    const granted = await aGrant(deps, server, { rotation });
    const { grant, workspace, connection } = granted;
    await expire(deps, granted);
    const askedBy = new Set<string>();
    let killed: Promise<void> | undefined;
    const killOnce = (holder: string) => {
      if (!killed) killedFor.set(holder, round);
      killed ??= callers.kill(holder);
      return killed;
    };
    hooks.arrived.set(grant.id, async (caller) => {
      askedBy.add(caller);
      await pause(delayMs);
      if (!killed && kill === "request-lost") {
        await killOnce(caller);
        return "drop";
      }
      if (!killed && kill === "done-afterwards") await killOnce(caller);
      return undefined;
    });
    hooks.committed.set(grant.id, async (caller) => {
      if (!killed && kill === "done-before") await killOnce(caller);
      return undefined;
    });
    const isStep =
      kill === "before-intent" || kill === "after-intent" || kill === "before-storing" || kill === "after-storing";
    const order = { round, workspace, connection, callers: CALLERS, longestTokenRequestMs: LONGEST_MS };
    const reports = await callers.call({ ...order, stopAt: isStep ? kill : undefined }, (holder) => {
      if (killed) return true;
      void killOnce(holder);
      return false;
    });
    await killed;

    const failures = reports.map((report) => Object.keys(report.failures));
    const about = `round ${round}: ${kill}, ${rotation}, ${delayMs} ms; failures: ${[...new Set(failures.flat())]}`;
    const { status, message } = (await statusOf(granted)) ?? {};
    // Of processes that asked for this token one may have died for another round's sake, at a step of its own.
    const isHit = [...askedBy].some((holder) => (killedFor.get(holder) ?? round) !== round);
    const isPlanned = rotation === "strict" && inTheWindow.includes(kill);
    if (!isHit) {
      if (kill !== "never") expect(killed, about).toBeDefined();
      expect(status === "needs_authorization", about).toBe(isPlanned);
    }
    expect(grant.exchanges, about).toBe(1);
    if (status === "needs_authorization") {
      counts.lost++;
      // Never without a reason, and never without saying so.
      expect(grant.reuses, about).toBeGreaterThan(0);
      expect(message, about).toContain("when Hawser was stopped or the answer was lost");
      return;
    }
    counts.kept++;
    expect(status, about).toBe("active");
    if (rotation === "strict") expect(grant.reuses, about).toBe(0);
    // Everybody who lived to the end got the new token.
    expect(reports.length, about).toBeGreaterThan(0);
    for (const { tokens } of reports) expect(tokens, about).toEqual({ [hash(grant.accessToken)]: CALLERS });
    // And the stored refresh token is the newest one: it is good for another.
    await expire(deps, granted);
    const provider = shopAt(server);
    const use = { actor: "system" as const, purpose: "test" };
    await openAccess(deps, { ...granted, provider, auth: provider.auth({})[0], use }).sign(new URL(server.origin));
    expect(grant.exchanges, about).toBe(2);
  }

  const waiting = [...rounds];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await play(next);
    }),
  );
  console.log(`${counts.kept} accounts kept, ${counts.lost} lost in the one moment and named`);
  expect(counts.kept).toBeGreaterThanOrEqual(rounds.length / 2);
});

it("SR-39 a thousand callers wait for a token endpoint that is slow, and it is asked once", {
  timeout: 120_000,
}, async () => {
  const { server, deps, callers } = await aFleet();
  const granted = await aGrant(deps, server);
  await expire(deps, granted);
  server.hooks.arrived = () => pause(LONG_DELAY_MS, undefined);

  const { workspace, connection, grant } = granted;
  const order = { round: 0, workspace, connection, callers: CALLERS, longestTokenRequestMs: 35_000 };
  const reports = await callers.call({ ...order, stopAt: undefined }, () => true);

  expect(reports.map(({ tokens }) => tokens)).toEqual(
    Array.from({ length: PROCESSES }, () => ({ [hash(grant.accessToken)]: CALLERS })),
  );
  expect([server.asked(), grant.exchanges]).toEqual([1, 1]);
});
