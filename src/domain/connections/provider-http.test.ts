import { expect, it } from "vitest";
import { z } from "zod";
import { createOutbound } from "#outbound/client.ts";
import { createPolicy } from "#outbound/policy.ts";
import { serve } from "#outbound/testing/loopback.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { providerHttp } from "./provider-http.ts";

const signal = new AbortController().signal;

function httpFor(addresses: [string, ...string[]] | undefined, exceptions: string[] = []) {
  const provider: Provider = {
    key: "shop",
    name: "Shop",
    description: "",
    category: "custom",
    glyph: { letters: "Sh", hue: "teal" },
    ...(addresses && { addresses: () => addresses }),
    auth: () => [{ type: "none" }],
    check: async () => ({ id: "1", label: "1" }),
  };
  return providerHttp(createOutbound({ policy: createPolicy({ exceptions }) }), provider, {}, signal);
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
