// Subscriptions, made at the pretend Graph, which tests the address before it answers.
import { describe, expect, it } from "vitest";
import type { Delivery, Receipt } from "#provider-kit/provider.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { failureOf } from "#provider-kit/testing/first-call.ts";
import { idOf, meetMicrosoft } from "./testing/a-microsoft.ts";

const secret = "a secret of 32 bytes, as text ==";
const url = "https://hooks.example.test/hooks/push/place";
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

/** Our end of the line, as the API has it, and what came there. */
async function aListener(about: { answer?: (receipt: Receipt) => Response | Promise<Response> } = {}) {
  const receipts: Receipt[] = [];
  const bodies: string[] = [];
  const usual = (receipt: Receipt): Response =>
    receipt.kind === "handshake"
      ? new Response(receipt.reply.body, { status: receipt.reply.status, headers: { "content-type": "text/plain" } })
      : new Response(null, { status: receipt.kind === "genuine" ? 202 : 404 });
  const met = await meetMicrosoft({
    async notify(request) {
      const body = new Uint8Array(await request.arrayBuffer());
      bodies.push(new TextDecoder().decode(body));
      const delivery: Delivery = { headers: request.headers, query: new URL(request.url).searchParams, body };
      const receipt = received(delivery);
      receipts.push(receipt);
      return (about.answer ?? usual)(receipt);
    },
  });
  const { webhooks } = met.provider;
  if (!webhooks) throw new Error("it has no webhooks");
  const received = (delivery: Delivery) => webhooks.receive(delivery, secret);
  const { call, drive } = met;
  const subscribe = (expiresAt = inDays(7)) => webhooks.subscribe(call, { drive, url, secret, expiresAt });
  return { ...met, webhooks, receipts, bodies, subscribe };
}

const deliver = (webhooks: Awaited<ReturnType<typeof aListener>>["webhooks"], body: unknown, query = "") => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const delivery = { headers: new Headers(), query: new URLSearchParams(query), body: new TextEncoder().encode(text) };
  return webhooks.receive(delivery, secret);
};

describe("a subscription", () => {
  it("is made after the address has sent back what Graph sent it, for both sorts of notices", async () => {
    const { subscribe, receipts, service } = await aListener();
    const subscription = await subscribe();
    expect(receipts.map(({ kind }) => kind)).toEqual(["handshake", "handshake"]);
    expect(JSON.stringify(receipts)).toContain("100% + <b>&amp;</b> é");
    expect(service.push.subscriptions).toMatchObject([{ id: subscription.id, drive: service.drive.id }]);
    expect(subscription.expiresAt?.getTime()).toBeGreaterThan(inDays(6.9).getTime());
  });

  it.each([
    ["as HTML", (text: string) => new Response(text, { headers: { "content-type": "text/html" } })],
    [
      "encoded",
      (text: string) => new Response(encodeURIComponent(text), { headers: { "content-type": "text/plain" } }),
    ],
    [
      "with a status of its own",
      (text: string) => new Response(text, { status: 202, headers: { "content-type": "text/plain" } }),
    ],
  ])("is not made where it comes back %s", async (_, reply) => {
    const { subscribe, service } = await aListener({
      answer: (receipt) => (receipt.kind === "handshake" ? reply(receipt.reply.body) : new Response()),
    });
    expect(await failureOf(subscribe())).toMatchObject({ kind: "rejected" });
    expect(service.push.subscriptions).toEqual([]);
  });

  it("is for no longer than Graph lets it be", async () => {
    const { subscribe } = await aListener();
    const { expiresAt } = await subscribe(inDays(365));
    expect(expiresAt?.getTime()).toBeLessThan(inDays(29.4).getTime());
    expect(expiresAt?.getTime()).toBeGreaterThan(inDays(29).getTime());
  });

  it("is renewed, and one that is gone is to be made anew", async () => {
    const { subscribe, webhooks, call, service } = await aListener();
    const subscription = await subscribe(inDays(1));
    const renewed = await webhooks.renew?.(call, subscription, inDays(20));
    expect(renewed?.id).toBe(subscription.id);
    expect(renewed?.expiresAt?.getTime()).toBeGreaterThan(inDays(19).getTime());
    await service.push.sendLifecycle(subscription.id, "subscriptionRemoved");
    expect(await failureOf(webhooks.renew?.(call, subscription, inDays(20)) ?? Promise.resolve())).toMatchObject({
      kind: "not-found",
    });
  });

  it("is ended, also where it has ended by itself", async () => {
    const { subscribe, webhooks, call, service } = await aListener();
    const subscription = await subscribe();
    await webhooks.unsubscribe(call, subscription);
    expect(service.push.subscriptions).toEqual([]);
    await webhooks.unsubscribe(call, subscription);
    service.faults.failNext({ status: 503 });
    expect(await failureOf(webhooks.unsubscribe(call, subscription))).toMatchObject({ kind: "unavailable" });
  });
});

describe("a notice", () => {
  it("comes for whatever happens in the drive, once for what happens together", async () => {
    const { subscribe, receipts, tree, top, service, bodies } = await aListener();
    const { id } = await subscribe();
    receipts.length = 0;
    const folder = tree.addFolder(top, "folder");
    tree.addFile(folder, "a.txt", bytesOf("a"));
    await service.push.settled();
    expect(receipts).toEqual([{ kind: "genuine" }]);
    tree.rename(folder, "renamed");
    await service.push.settled();
    expect(receipts).toEqual([{ kind: "genuine" }, { kind: "genuine" }]);
    expect(bodies.at(-1)).toContain(id);
    expect(bodies.at(-1)).not.toContain(idOf(folder));
  });

  it("of another drive does not come here, and those of several subscriptions come together, or twice", async () => {
    const { subscribe, receipts, tree, top, service, bodies } = await aListener();
    await subscribe();
    await subscribe();
    receipts.length = 0;
    const [, other] = [...tree.drives.values()];
    tree.addFolder(other?.top ?? top, "elsewhere");
    await service.push.settled();
    expect(receipts).toEqual([]);
    service.push.duplicates = true;
    tree.addFolder(top, "here");
    await service.push.settled();
    expect(receipts).toEqual([{ kind: "genuine" }, { kind: "genuine" }]);
    expect(JSON.parse(bodies.at(-1) ?? "").value).toHaveLength(2);
  });

  it("SR-68 with another client state is refused, also in the middle of others that are as wrong", async () => {
    const { webhooks } = await aListener();
    for (const state of ["", secret.slice(1), `${secret} `, null, undefined]) {
      const notice = { clientState: state, subscriptionId: "x", changeType: "updated" };
      expect(deliver(webhooks, { value: [notice, notice] })).toMatchObject({ kind: "refused" });
    }
    expect(deliver(webhooks, { value: [{ clientState: "another's" }, { clientState: secret }] })).toEqual({
      kind: "genuine",
    });
  });

  it.each(["", "{}", "[]", "null", '{"value":[]}', '{"value":{}}', '{"value":[1]}', "\u00ff", "<html>"])(
    "is not %j",
    async (body) => {
      expect(deliver((await aListener()).webhooks, body)).toMatchObject({ kind: "refused" });
    },
  );

  it("has the same id when it comes again, where it has one", async () => {
    const { webhooks } = await aListener();
    const value = [{ id: "lsgTZMr9KwAAA", clientState: secret }];
    const receipt = deliver(webhooks, { value });
    expect(receipt).toMatchObject({ kind: "genuine", id: expect.any(String) });
    expect(deliver(webhooks, { value })).toEqual(receipt);
    expect(deliver(webhooks, { value: [{ id: "another", clientState: secret }] })).not.toEqual(receipt);
  });

  it("may say that the subscription wants to be renewed or made anew, or that some were missed", async () => {
    const { subscribe, receipts, service } = await aListener();
    const { id } = await subscribe();
    receipts.length = 0;
    for (const event of ["reauthorizationRequired", "missed", "subscriptionRemoved"] as const) {
      await service.push.sendLifecycle(id, event);
    }
    expect(receipts).toEqual([
      { kind: "genuine", asks: "renew" },
      { kind: "genuine" },
      { kind: "genuine", asks: "subscribe" },
    ]);
  });

  it("SR-68 is no test of the address that is longer than 2 KiB", async () => {
    const { webhooks } = await aListener();
    const test = (token: string) => deliver(webhooks, "", new URLSearchParams({ validationToken: token }).toString());
    expect(test("x".repeat(2048))).toMatchObject({ kind: "handshake", reply: { status: 200 } });
    expect(test("x".repeat(2049))).toMatchObject({ kind: "refused" });
    expect(test("é".repeat(1025))).toMatchObject({ kind: "refused" });
    expect(deliver(webhooks, "", "validationToken=a%2Bb+c%252B%3Cb%3E")).toMatchObject({
      reply: { body: "a+b c%2B<b>" },
    });
  });
});
