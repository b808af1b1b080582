import { afterAll, beforeAll, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { deleteSync } from "../delete-sync.ts";
import { pauseSync, resumeSync } from "../operate-sync.ts";
import { disconnect } from "./leave-connection.ts";
import { retireChannels } from "./queries.ts";
import { aWatchedDrive, publicUrl } from "./testing/a-watched-drive.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const states = async (here: Awaited<ReturnType<typeof aWatchedDrive>>) =>
  (await here.channels()).map(({ state }) => state);
const firstSync = ({ syncs: [sync] }: Awaited<ReturnType<typeof aWatchedDrive>>) => {
  if (!sync) throw new Error("there is a sync");
  return sync;
};

it("makes one channel for a drive, however many syncs keep it, and says that it is live", async () => {
  const here = await aWatchedDrive(test.database, { syncs: 3 });
  expect(await here.push()).toMatchObject({ state: "pending" });
  await here.work();
  expect([...here.service.subscriptions.values()]).toMatchObject([{ drive: "drive!1", since: "cursor-1" }]);
  expect(await states(here)).toEqual(["live"]);
  for (const sync of here.syncs) {
    const push = await here.push(sync);
    expect(push).toMatchObject({ state: "live", since: expect.any(Date), expiresAt: expect.any(Date) });
    expect(push.reason).toBeUndefined();
  }
  await here.work();
  expect(here.service.asked).toEqual(["subscribe"]);
});

it("has a run look for what changed before the provider began to watch", async () => {
  const here = await aWatchedDrive(test.database, { syncs: 2 });
  await here.work();
  expect((await here.hints()).map(({ sync_id }) => sync_id)).toEqual([...here.syncs].sort());
});

it("SR-1 SR-9 keeps of the place in its address a hash, and the secret sealed", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  const [row] = await here.channels();
  const [{ url, secret } = { url: "", secret: "" }] = here.service.subscriptions.values();
  expect(url).toMatch(new RegExp(`^${publicUrl}/hooks/push/[\\w-]{43}$`));
  expect(secret).toMatch(/^[\w-]{43}$/);
  const kept = JSON.stringify({ ...row, hash: row?.place_hash.toString("base64url") });
  expect(kept).not.toContain(secret);
  expect(kept).not.toContain(url.split("/").at(-1));
  expect(row?.secret).toMatch(/^v1\./);
});

it("makes one channel also when two processes see that it is missing", async () => {
  const here = await aWatchedDrive(test.database);
  const [one, other] = [here.aProcess(), here.aProcess()];
  await Promise.all([here.work(one), here.work(other), here.work(one), here.work(other)]);
  expect(here.service.asked).toEqual(["subscribe"]);
  expect(await states(here)).toEqual(["live"]);
});

it("ends what a process has made that was halted for so long that another one had taken its place", async () => {
  const here = await aWatchedDrive(test.database);
  let halted = true;
  here.service.beforeAnswer(async () => {
    if (!halted) return;
    halted = false;
    await here.asOwner((tx) => tx.sql`update push_channels set lease_until = clock_timestamp() - interval '1 second'`);
    await here.work(here.aProcess());
  });
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "subscribe", "unsubscribe"]);
  expect([...here.service.subscriptions.keys()]).toEqual(["subscription-2"]);
  expect(await states(here)).toEqual(["live"]);
});

it("renews in time, and makes another one where the provider has lost it", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  const [made] = await here.channels();
  expect((made?.pause_s ?? 0) / 86_400).toBeGreaterThan(4);
  expect((made?.pause_s ?? 0) / 86_400).toBeLessThan(5);
  await here.letBeDue();
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "renew"]);
  here.service.subscriptions.clear();
  await here.letBeDue();
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "renew", "renew", "subscribe", "unsubscribe"]);
  expect(await states(here)).toEqual(["live"]);
  expect([...here.service.subscriptions.keys()]).toEqual(["subscription-2"]);
});

it("makes another one in time where the provider renews none, and ends the first one after that", async () => {
  const here = await aWatchedDrive(test.database, { renewable: false });
  await here.work();
  await here.letBeDue();
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "subscribe", "unsubscribe"]);
  expect([...here.service.subscriptions.keys()]).toEqual(["subscription-2"]);
  expect(await here.push()).toMatchObject({ state: "live" });
});

it("stays live while it cannot be renewed, says so, and begins anew when its time is over", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  await here.letBeDue();
  here.service.failNext(new ProviderError("unavailable", "Harbour does not answer"));
  await here.work();
  expect(await here.push()).toMatchObject({
    state: "live",
    reason: "It could not be renewed yet: Harbour does not answer.",
  });
  await here.asOwner(
    (tx) => tx.sql`update push_channels set expires_at = clock_timestamp(), next_at = clock_timestamp()`,
  );
  expect(await here.push()).toMatchObject({ state: "pending" });
  await here.work();
  const push = await here.push();
  expect([push.state, push.reason]).toEqual(["live", undefined]);
  expect(here.service.asked).toEqual(["subscribe", "renew", "subscribe"]);
});

it("falls back to the schedule when it cannot be made, says why, and tries again with growing pauses", async () => {
  const here = await aWatchedDrive(test.database);
  const down = () => new ProviderError("unavailable", "Harbour does not answer");
  here.service.failNext(down(), down());
  await here.work();
  expect(await here.push()).toMatchObject({
    state: "failing",
    since: expect.any(Date),
    reason: "Harbour does not answer.",
  });
  const [first] = await here.channels();
  await here.letBeDue();
  await here.work();
  const [second] = await here.channels();
  expect(second?.attempts).toBe(2);
  expect(first?.pause_s ?? 0).toBeLessThanOrEqual(10);
  expect(second?.pause_s ?? 0).toBeGreaterThanOrEqual(10);
  await here.letBeDue();
  await here.work();
  expect(await here.push()).toMatchObject({ state: "live" });
});

it("does not ask again soon what the provider has refused", async () => {
  const here = await aWatchedDrive(test.database);
  here.service.failNext(new ProviderError("forbidden", "This account may not watch the drive"));
  await here.work();
  const [row] = await here.channels();
  expect(row?.pause_s ?? 0).toBeGreaterThanOrEqual(7.5 * 60);
  expect(await here.push()).toMatchObject({ state: "failing", reason: "This account may not watch the drive." });
});

it("is not made for a sync that runs by hand, one that is paused, or an address that nobody can reach", async () => {
  const byHand = await aWatchedDrive(test.database, { schedule: { kind: "manual" } });
  const atHome = await aWatchedDrive(test.database, { publicUrl: "http://localhost:8080" });
  const paused = await aWatchedDrive(test.database);
  await pauseSync(paused.deps, paused.caller, firstSync(paused));
  for (const here of [byHand, atHome, paused]) {
    await here.work();
    expect(here.service.asked).toEqual([]);
    expect((await here.push()).state).toBe("schedule_only");
  }
  expect((await atHome.push()).reason).toContain("public https addresses only");
});

it("is ended at the provider when the last sync that wants it is paused or deleted, and made again for one that goes on", async () => {
  const here = await aWatchedDrive(test.database, { syncs: 2 });
  const [one, other] = here.syncs;
  if (!one || !other) throw new Error("there are two syncs");
  await here.work();
  await deleteSync(here.deps, here.caller, one);
  await here.work();
  expect(here.service.subscriptions.size).toBe(1);
  await pauseSync(here.deps, here.caller, other);
  await here.work();
  expect(here.service.subscriptions.size).toBe(0);
  expect(await here.channels()).toEqual([]);
  await resumeSync(here.deps, here.caller, other);
  await here.work();
  expect(here.service.subscriptions.size).toBe(1);
});

it("SR-11 is ended at the provider before a connection is disconnected, while there is something to sign with", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  await disconnect(here.deps, here.caller, here.connection);
  expect(here.service.asked).toEqual(["subscribe", "unsubscribe"]);
  await here.letBeDue();
  await here.work();
  expect(here.service.subscriptions.size).toBe(0);
  expect(await here.channels()).toEqual([]);
  expect(await here.push()).toMatchObject({ state: "pending" });
});

it("SR-11 keeps nobody from disconnecting when the provider is down", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  here.service.failNext(new ProviderError("unavailable", "Harbour does not answer"));
  await disconnect(here.deps, here.caller, here.connection);
  expect(await states(here)).toEqual(["ending", "ending"]);
  const [{ url, secret } = { url: "", secret: "" }] = here.service.subscriptions.values();
  expect(await here.service.deliver({ url }, { headers: { "x-secret": secret } })).toEqual({ kind: "taken" });
  expect(await here.hints()).toHaveLength(1);
  expect(await here.runs()).toEqual([]);
});

it("SR-42 is made anew for another account, and for another address of this installation", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  await here.asOwner((tx) => tx.sql`update connections set account_id = 'account-2'`);
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "unsubscribe", "subscribe"]);
  const moved = { ...here.aProcess(), publicUrl: "https://elsewhere.test" };
  await here.work(moved);
  const urls = [...here.service.subscriptions.values()].map(({ url }) => url.slice(0, 22));
  expect(urls).toEqual(["https://elsewhere.test"]);
  expect(await states(here)).toEqual(["live"]);
});

it("is made anew after somebody has signed in again, as it may have ended with the sign-in before", async () => {
  const here = await aWatchedDrive(test.database);
  const signIn = () =>
    here.asOwner(
      (tx) => tx.sql`
        insert into token_sets (workspace_id, connection_id, access_token, token_url, origins)
        values (${here.workspace}, ${here.connection}, 'v1.x.y.z', 'https://t.test', '{}')
        on conflict (workspace_id, connection_id) do update set granted_at = clock_timestamp()`,
    );
  await signIn();
  await here.work();
  await signIn();
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "subscribe", "unsubscribe"]);
  await here.asOwner((tx) => tx.sql`update token_sets set obtained_at = clock_timestamp()`);
  await here.work();
  expect(here.service.asked).toHaveLength(3);
  expect(await states(here)).toEqual(["live"]);
});

it("is not made again by another process while its connection is being given up", async () => {
  const here = await aWatchedDrive(test.database);
  await here.work();
  await here.asOwner((tx) => retireChannels(tx, here.connection));
  await here.work(here.aProcess());
  expect(here.service.asked).toEqual(["subscribe", "unsubscribe"]);
  expect(await here.push()).toMatchObject({ state: "pending" });
  // Nobody has given it up after all.
  await here.letBeDue();
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "unsubscribe", "subscribe"]);
  expect(await states(here)).toEqual(["live"]);
});

it("is ended by whoever was making it when its connection was given up", async () => {
  const here = await aWatchedDrive(test.database);
  here.service.beforeAnswer(() => disconnect(here.deps, here.caller, here.connection).then(() => {}));
  await here.work();
  expect(here.service.asked).toEqual(["subscribe", "unsubscribe"]);
  expect(here.service.subscriptions.size).toBe(0);
});
