import { describe, expect, it } from "vitest";
import type { Delivery } from "#provider-kit/provider.ts";
import { kindOf, openDrive } from "./testing/open-drive.ts";

const secret = "a secret of this channel alone";
const url = "https://hawser.test/hooks/push/1";
const DAY = 86_400_000;

/** Somebody at the other end of a channel, who answers with the statuses that he is given, and then with 200. */
function aReceiver() {
  const statuses: number[] = [];
  const deliveries: Delivery[] = [];
  const notify = async (request: Request): Promise<Response> => {
    const { searchParams: query } = new URL(request.url);
    deliveries.push({ headers: request.headers, query, body: await request.bytes() });
    const status = statuses.shift();
    if (status === 0) throw new TypeError("nobody is there");
    return new Response(null, { status: status ?? 200 });
  };
  return { statuses, deliveries, notify };
}

async function watched() {
  const receiver = aReceiver();
  const clock = { at: Date.UTC(2026, 3, 1), now: () => new Date(clock.at) };
  const open = await openDrive({ empty: true, notify: receiver.notify, clock });
  open.service.google.push.retryMs = 0;
  const subscribe = (drive = open.mine, expiresAt = new Date(clock.at + DAY)) =>
    open.webhooks.subscribe(open.call, { drive, url, secret, expiresAt });
  const receipts = async () => {
    await open.service.push.settled();
    return receiver.deliveries.map((delivery) => open.webhooks.receive(delivery, secret));
  };
  return { ...open, ...receiver, clock, subscribe, receipts };
}

describe("a watch channel", () => {
  it("says that it is there, and then that something has changed, with numbers that grow", async () => {
    const { subscribe, receipts, deliveries, addText, top, clock } = await watched();
    const channel = await subscribe();
    expect(channel).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      locator: expect.any(String),
      expiresAt: new Date(clock.at + DAY),
    });
    addText(top, "a.txt");
    addText(top, "b.txt");
    const [first, ...others] = await receipts();
    expect(first).toEqual({ kind: "handshake", reply: { status: 200, body: "" } });
    expect(others.map(({ kind }) => kind)).toEqual(["genuine", "genuine"]);
    const numbers = deliveries.map(({ headers }) => Number(headers.get("x-goog-message-number")));
    expect(numbers[0]).toBe(1);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    expect(deliveries.map(({ body }) => body.length)).toEqual([0, 0, 0]);
  });

  it("of a shared drive tells of that drive, and one of a person's own does not", async () => {
    const { subscribe, receipts, deliveries, projects, world, top, addText } = await watched();
    await subscribe(projects);
    addText(top, "mine.txt");
    expect(await receipts()).toHaveLength(1);
    addText(world.projects.top, "theirs.txt");
    expect((await receipts()).at(-1)).toMatchObject({ kind: "genuine" });
    expect(deliveries).toHaveLength(2);
  });

  it("begins where the feed stands, and nowhere else", async () => {
    const { webhooks, call, mine, changes, clock } = await watched();
    const to = { drive: mine, url, secret, expiresAt: new Date(clock.at + DAY) };
    const { next } = await changes(mine);
    await webhooks.subscribe(call, { ...to, since: next });
    const stale = { ...to, since: "user:12" as typeof next };
    expect(await kindOf(webhooks.subscribe(call, stale))).toBe("cursor-lost");
  });

  it("lives for seven days at the most, whatever was asked for, and then says nothing any more", async () => {
    const { subscribe, receipts, addText, top, clock } = await watched();
    const { expiresAt } = await subscribe(undefined, new Date(clock.at + 365 * DAY));
    expect(expiresAt).toEqual(new Date(clock.at + 7 * DAY));
    clock.at += 7 * DAY;
    addText(top, "late.txt");
    expect(await receipts()).toHaveLength(1);
  });

  it("cannot be renewed: a second one is made, and for a while both tell the same", async () => {
    const { webhooks, call, subscribe, receipts, addText, top } = await watched();
    expect(webhooks).not.toHaveProperty("renew");
    const [one] = [await subscribe(), await subscribe()];
    addText(top, "a.txt");
    expect((await receipts()).filter(({ kind }) => kind === "genuine")).toHaveLength(2);
    await webhooks.unsubscribe(call, one);
    addText(top, "b.txt");
    expect((await receipts()).filter(({ kind }) => kind === "genuine")).toHaveLength(3);
  });

  it("is ended with both of its ids, and one that is ended already is as good as ended", async () => {
    const { webhooks, call, subscribe, service, mine, changes } = await watched();
    const channel = await subscribe();
    await webhooks.unsubscribe(call, { ...channel, locator: "another" });
    expect(service.push.open).toBe(1);
    await webhooks.unsubscribe(call, channel);
    expect(service.push.open).toBe(0);
    await webhooks.unsubscribe(call, channel);
    service.faults.failNext({ status: 503 }, { path: "/api" });
    expect(await kindOf(webhooks.unsubscribe(call, channel))).toBe("unavailable");
    await changes(mine);
  });

  it("is kept over a restart of the sandbox", async () => {
    const { subscribe, service } = await watched();
    await subscribe();
    const after = await watched();
    after.service.restore(JSON.parse(JSON.stringify(service.save())));
    after.addText(after.top, "a.txt");
    expect((await after.receipts()).map(({ kind }) => kind)).toEqual(["genuine"]);
  });

  it("tells the same twice as the same", async () => {
    const { subscribe, receipts, service, addText, top } = await watched();
    service.google.push.twice = true;
    await subscribe();
    addText(top, "a.txt");
    const ids = (await receipts()).flatMap((receipt) => (receipt.kind === "genuine" ? [receipt.id] : []));
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });
});

describe("a message that is sent", () => {
  it.each([500, 502, 503, 504, 0])("comes again where the receiver answers %i (0: not at all)", async (status) => {
    const { subscribe, statuses, receipts } = await watched();
    statuses.push(status, status);
    await subscribe();
    expect(await receipts()).toHaveLength(3);
  });

  it.each([200, 201, 202, 204, 400, 404, 410, 501])(
    "does not come again where the receiver answers %i",
    async (status) => {
      const { subscribe, statuses, receipts } = await watched();
      statuses.push(status);
      await subscribe();
      expect(await receipts()).toHaveLength(1);
    },
  );

  it("is given up after some tries", async () => {
    const { subscribe, statuses, receipts } = await watched();
    statuses.push(...Array(20).fill(503));
    await subscribe();
    expect(await receipts()).toHaveLength(5);
  });
});

describe("SR-68 a delivery", () => {
  const told = {
    "x-goog-channel-id": "c1",
    "x-goog-channel-token": secret,
    "x-goog-resource-id": "r1",
    "x-goog-resource-state": "change",
    "x-goog-message-number": "7",
  };
  const receive = async (changed: Record<string, string | undefined>) => {
    const { webhooks } = await openDrive();
    const headers = new Headers(
      Object.entries({ ...told, ...changed }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return webhooks.receive({ headers, query: new URLSearchParams(), body: new Uint8Array() }, secret);
  };

  it.each([undefined, "", "another", secret.slice(0, -1), `${secret}x`, secret.toUpperCase()])(
    "with the token “%s” is refused, whatever else it says",
    async (token) => {
      for (const state of ["sync", "change", undefined]) {
        const receipt = await receive({ "x-goog-channel-token": token, "x-goog-resource-state": state });
        expect(receipt).toMatchObject({ kind: "refused" });
        expect(JSON.stringify(receipt)).not.toContain(secret);
      }
    },
  );

  it("is the same answer for the same message, also where numbers come in another order", async () => {
    expect(await receive({})).toEqual({ kind: "genuine", id: "c1 7" });
    expect(await receive({ "x-goog-message-number": "3" })).toEqual({ kind: "genuine", id: "c1 3" });
    expect(await receive({ "x-goog-message-number": undefined })).toEqual({ kind: "genuine" });
    expect(await receive({ "x-goog-channel-id": undefined })).toMatchObject({ kind: "refused" });
  });

  it("of a channel without a secret is nobody's", async () => {
    const { webhooks } = await openDrive();
    const headers = new Headers({ ...told, "x-goog-channel-token": "" });
    const delivery = { headers, query: new URLSearchParams(), body: new Uint8Array() };
    expect(webhooks.receive(delivery, "")).toMatchObject({ kind: "refused" });
  });
});
