import { expect, it } from "vitest";
import { z } from "zod";
import { newId, type WorkspaceId } from "#core/ids.ts";
import { type Database, openDatabase } from "#db/database.ts";
import { bodyOf, serve } from "#outbound/testing/loopback.ts";
import type { HttpRequest } from "#provider-kit/http.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { Secret } from "#vault/secret.ts";
import type { Access } from "./access.ts";
import { providerHttp } from "./provider-http.ts";
import { connectionDeps } from "./testing/connection-deps.ts";

const signal = new AbortController().signal;
/** Nothing here asks it. */
const database: Database = openDatabase({ appUrl: "postgres://nobody@localhost:1/none" });
const anonymous: Access = {
  sign: async () => ({ version: "none" }),
  renewAfter401: async () => false,
  failed: () => {},
};

function httpFor(
  addresses: [string, ...string[]] | undefined,
  exceptions: string[] = [],
  more: { access?: Access; pace?: Provider["pace"] } = {},
) {
  const provider: Provider = {
    key: "shop",
    name: "Shop",
    description: "",
    category: "custom",
    glyph: { letters: "Sh", hue: "teal" },
    ...(addresses && { addresses: () => addresses }),
    ...(more.pace && { pace: more.pace }),
    auth: () => [{ type: "none" }],
    check: async () => ({ id: "1", label: "1" }),
  };
  const deps = connectionDeps(database, { exceptions });
  return providerHttp(deps, provider, {
    config: {},
    kept: {},
    access: more.access ?? anonymous,
    use: { actor: "system", purpose: "test" },
    signal,
    scope: newId<WorkspaceId>(),
    lane: "lane",
  });
}

it("speaks to the provider's own address", async () => {
  const shop = await serve((request, reply) => reply.end(JSON.stringify({ path: request.url })));
  const http = httpFor([shop.origin], [`127.0.0.1:${shop.port}`]);

  expect(await http.json({ url: "/items" }, z.object({ path: z.string() }))).toEqual({ path: "/items" });
});

it("SR-13 sends nothing to an address that is not one of the provider's, or that outbound refuses", async () => {
  const stranger = await serve((_, reply) => reply.end("{}"));
  const exceptions = [`127.0.0.1:${stranger.port}`];

  await expect(
    httpFor(["https://*.shop.test"], exceptions).json({ url: `${stranger.origin}/x` }, z.unknown()),
  ).rejects.toMatchObject({ kind: "rejected" });
  await expect(httpFor([stranger.origin]).json({ url: "/x" }, z.unknown())).rejects.toThrow();
  expect(stranger.connections()).toBe(0);
});

it("calls a request uncertain when it may have changed something, and unavailable when it cannot have", async () => {
  const shop = await serve((request) => request.socket.destroy());
  const http = httpFor([shop.origin], [`127.0.0.1:${shop.port}`]);

  await expect(http.json({ url: "/x" }, z.unknown())).rejects.toMatchObject({ kind: "unavailable" });
  await expect(http.json({ url: "/x", method: "POST", body: { json: {} } }, z.unknown())).rejects.toMatchObject({
    kind: "uncertain",
  });
});

it("refuses every request of a provider that calls nobody", async () => {
  await expect(httpFor(undefined).json({ url: "/x" }, z.unknown())).rejects.toThrow("without addresses");
});

/** A shop that knows one token, and access that has another one first. */
async function aShop(known: string) {
  const asked: { token: string | undefined; body: string }[] = [];
  const shop = await serve(async (request, reply) => {
    const token = request.headers.authorization?.replace("Bearer ", "");
    asked.push({ token, body: await bodyOf(request) });
    reply.writeHead(token === known ? 200 : 401).end("{}");
  });
  let token = "old";
  let renewals = 0;
  let failures = 0;
  const access: Access = {
    sign: async (url) => ({
      credential: { secret: new Secret(token), origins: [url.origin], place: { kind: "bearer" } },
      version: token,
    }),
    renewAfter401: async () => {
      renewals++;
      token = "new";
      return true;
    },
    failed: () => void failures++,
  };
  const http = httpFor([shop.origin], [`127.0.0.1:${shop.port}`], { access });
  const ask = (request: Partial<HttpRequest> = {}) => http.json({ url: "/x", ...request }, z.unknown());
  return { asked, ask, renewals: () => renewals, failures: () => failures };
}

it("SR-40 renews and repeats once after a 401, with the same body", async () => {
  const { asked, ask, renewals, failures } = await aShop("new");
  await ask({ method: "POST", body: { json: { a: 1 } } });
  expect(asked).toEqual([
    { token: "old", body: '{"a":1}' },
    { token: "new", body: '{"a":1}' },
  ]);
  expect([renewals(), failures()]).toEqual([1, 0]);
});

it("SR-40 does not renew a second time, and says that a person is needed", async () => {
  const { asked, ask, renewals, failures } = await aShop("another");
  await expect(ask()).rejects.toMatchObject({ kind: "reauthorize" });
  expect([asked.length, renewals(), failures()]).toEqual([2, 1, 1]);
});

it("does not repeat a body that is spent by sending it", async () => {
  const { asked, ask, renewals } = await aShop("new");
  const bytes = new Blob(["raw"]).stream();
  const sending = ask({ method: "PUT", body: { bytes, mediaType: "application/json" } });
  await expect(sending).rejects.toMatchObject({ kind: "reauthorize" });
  expect([asked, renewals()]).toEqual([[{ token: "old", body: "raw" }], 0]);
});

it("signs nothing whose address carries its own permission", async () => {
  const { asked, ask } = await aShop("new");
  await expect(ask({ unsigned: true })).rejects.toThrow();
  expect(asked).toEqual([{ token: undefined, body: "" }]);
});

it("repeats what may be repeated when the shop is busy", async () => {
  let asked = 0;
  const shop = await serve((_, reply) => reply.writeHead(++asked === 1 ? 503 : 200).end("{}"));
  await httpFor([shop.origin], [`127.0.0.1:${shop.port}`]).json({ url: "/x" }, z.unknown());
  expect(asked).toBe(2);
});

it("keeps to the provider's pace", async () => {
  let inside = 0;
  let most = 0;
  const shop = await serve((_, reply) => {
    most = Math.max(most, ++inside);
    setImmediate(() => {
      inside--;
      reply.end("{}");
    });
  });
  const pace = { requestsPerSecond: 1_000, atOnce: 2 };
  const http = httpFor([shop.origin], [`127.0.0.1:${shop.port}`], { pace });
  await Promise.all(Array.from({ length: 20 }, () => http.json({ url: "/x" }, z.unknown())));
  expect(most).toBeLessThanOrEqual(2);
});

it("takes an answer for what its status says, though its body trickles for ever, and reads little of it", async () => {
  const trickle = await serve((request, reply) => {
    request.resume();
    reply.writeHead(202);
    const timer = setInterval(() => reply.write("x".repeat(10)), 5);
    reply.on("close", () => clearInterval(timer));
  });
  const http = httpFor([trickle.origin], [`127.0.0.1:${trickle.port}`]);
  const body = { text: "{}", mediaType: "application/json" };
  const answer = await http.answer({ method: "POST", url: "/", body, withinMs: 300 });
  expect(answer.status).toBe(202);
  expect(answer.text).toMatch(/^x+$/);
});

it("SR-18 follows nobody with a message, and sends it once, whatever comes back", async () => {
  const elsewhere = await serve((_, reply) => reply.end("{}"));
  const seen: string[] = [];
  const shop = await serve(async (request, reply) => {
    seen.push(await bodyOf(request));
    reply.writeHead(seen.length === 1 ? 307 : 503, { location: elsewhere.origin }).end();
  });
  const http = httpFor([shop.origin, elsewhere.origin], [`127.0.0.1:${shop.port}`, `127.0.0.1:${elsewhere.port}`]);
  const send = async () =>
    (await http.answer({ method: "POST", url: "/", body: { text: '{"a": 1}', mediaType: "application/json" } })).status;
  expect([await send(), await send()]).toEqual([307, 503]);
  expect(seen).toEqual(['{"a": 1}', '{"a": 1}']);
  expect(elsewhere.connections()).toBe(0);
});

it("SR-20 does not ask again for an answer that is too large: the next one would be the same", async () => {
  const shop = await serve((_, reply) => {
    const piece = Buffer.alloc(1024 * 1024, " ");
    const more = () => {
      while (reply.write(piece));
      reply.once("drain", more);
    };
    reply.on("error", () => {});
    more();
  });
  const http = httpFor([shop.origin], [`127.0.0.1:${shop.port}`]);

  await expect(http.json({ url: "/items" }, z.unknown())).rejects.toMatchObject({ kind: "unexpected-reply" });
});
