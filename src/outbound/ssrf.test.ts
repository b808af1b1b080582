import { describe, expect, it, onTestFinished } from "vitest";
import { AppError } from "#core/errors.ts";
import { Secret } from "#vault/secret.ts";
import { addressRefused } from "./address.ts";
import { createOutbound, type Outbound } from "./client.ts";
import { asFetch } from "./fetch.ts";
import { createPolicy } from "./policy.ts";
import { readText } from "./read.ts";
import { hostileAddresses, hostileHosts, hostileRecords, rebinding } from "./testing/hostile-addresses.ts";
import { type Loopback, serve } from "./testing/loopback.ts";
import { nameServer } from "./testing/name-server.ts";
import { requestToken, revokeToken, TokenFailure } from "./token-endpoint.ts";

/**
 * A server on loopback that nobody may reach, on a port that is allowed; one that may be reached and redirects to
 * wherever its path says; and a name server that lies.
 */
async function scene() {
  const inside = await serve((_request, response) => response.end('{"access_token":"inside"}'));
  const outer = await serve((request, response) =>
    response.writeHead(302, { location: decodeURIComponent(request.url?.slice(1) ?? "") }).end(),
  );
  const names = await nameServer();
  for (const [name, turns] of Object.entries(hostileRecords)) names.set(name, ...turns);
  const outbound = createOutbound({
    policy: createPolicy({
      allowHttp: true,
      extraPorts: [inside.port],
      exceptions: [`127.0.0.1:${outer.port}`, `allowed.example.com:${inside.port}`],
    }),
    resolve: names.resolve,
    limits: { connectMs: 300 },
  });
  onTestFinished(() => outbound.close("now"));
  return { inside, outer, names, outbound };
}

type Way = (outbound: Outbound, url: string, outer: Loopback) => Promise<unknown>;

const token = new Secret("t0ken");
const client = { id: "app", secret: new Secret("s3cret"), clientAuth: "body" as const };

/** Everything in this room that takes an address. */
const ways: Readonly<Record<string, Way>> = {
  "a request": (outbound, url) => outbound.send({ url }),
  "a request that changes data": (outbound, url) => outbound.send({ url, method: "POST", body: "x" }),
  "a download": (outbound, url) => outbound.send({ url, content: "file" }),
  "a library's fetch": (outbound, url) => asFetch(outbound)(url),
  "a token request": (outbound, url) => requestToken(outbound, { url, params: { code: token }, client }),
  "a token request with GET": (outbound, url) =>
    requestToken(outbound, { url, method: "GET", params: { code: token }, client }),
  "a revocation": (outbound, url) => revokeToken(outbound, { url, token, hint: "refresh_token", client }),
};
const redirect: Way = (outbound, url, outer) =>
  outbound.send({ url: `${outer.origin}/${encodeURIComponent(url)}` }).then(async (response) => {
    await response.body.cancel();
    throw new Error(`answered ${response.status}`);
  });

const outcomeOf = (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => "sent",
    (error: unknown) => error,
  );

describe.each(Object.entries(ways))("%s", (name, way) => {
  it("SR-14 SR-15 SR-16 is refused for every address that is not out in the world", async () => {
    const { inside, outer, outbound } = await scene();
    // Request parses what it is given itself, and refuses user names and what is no whole address.
    const parsesItself = name === "a library's fetch";
    for (const address of hostileAddresses(inside.port)) {
      const outcome = await outcomeOf(() => way(outbound, address, outer));
      const refused =
        (outcome instanceof AppError && outcome.code === "address_refused") ||
        (parsesItself && outcome instanceof TypeError);
      expect(refused, `${address} → ${outcome}`).toBe(true);
    }
    expect([inside.connections(), outer.connections()]).toEqual([0, 0]);
  });

  it.each(Object.keys(hostileRecords))(
    "SR-17 SR-22 is refused for %s as for a name that does not exist",
    async (host) => {
      const { inside, outer, outbound } = await scene();
      const refusals = await Promise.all(
        [`http://${host}:${inside.port}/`, `http://unknown.example.com:${inside.port}/`].map((url) =>
          outcomeOf(() => way(outbound, url, outer)),
        ),
      );
      for (const refusal of refusals) expect(refusal).toMatchObject({ message: addressRefused().message });
      expect(inside.connections()).toBe(0);
    },
  );

  it("SR-17 is refused for a name that was public when it was first asked for", async () => {
    const { inside, outer, names, outbound } = await scene();
    names.set("rebind.example.com", ...rebinding);
    const url = `http://rebind.example.com:${inside.port}/`;
    const first = await outcomeOf(() => way(outbound, url, outer));
    expect(first).toMatchObject(
      first instanceof TokenFailure ? { kind: "temporary", sent: false } : { reason: "connect-failed", sent: false },
    );
    // One question a connection: none between the check and the use, whose answer could have been another.
    expect(names.asked("rebind.example.com")).toBe(1);
    for (const times of [2, 3]) {
      expect(await outcomeOf(() => way(outbound, url, outer))).toMatchObject({ code: "address_refused" });
      expect(names.asked("rebind.example.com")).toBe(times);
    }
    expect(inside.connections()).toBe(0);
  });

  it("SR-19 SR-104 reaches by name what the operator allows", async () => {
    const { inside, outer, names, outbound } = await scene();
    names.set("allowed.example.com", ["127.0.0.1"]);
    expect(await outcomeOf(() => way(outbound, `http://allowed.example.com:${inside.port}/`, outer))).toBe("sent");
    expect(inside.connections()).toBe(1);
  });
});

describe("a redirect", () => {
  it("SR-18 SR-21 is not followed to any address that is not out in the world", async () => {
    const { inside, outer, outbound } = await scene();
    for (const host of hostileHosts) {
      const url = `http://${host}:${inside.port}/`;
      // A header carries no characters beyond Latin-1; in a host they mean the same when they are encoded.
      const location = url.replace(/[^ -~]/gu, encodeURIComponent);
      const outcome = await outcomeOf(() => redirect(outbound, location, outer));
      expect(outcome, url).toMatchObject({ code: "address_refused" });
    }
    expect(inside.connections()).toBe(0);
  });

  it.each([...Object.keys(hostileRecords), "unknown.example.com"])(
    "SR-17 SR-18 SR-22 is not followed to %s",
    async (host) => {
      const { inside, outer, outbound } = await scene();
      const outcome = await outcomeOf(() => redirect(outbound, `http://${host}:${inside.port}/`, outer));
      expect(outcome).toMatchObject({ message: addressRefused().message });
      expect(inside.connections()).toBe(0);
    },
  );

  it("SR-17 SR-18 is not followed to a name that changes its meaning on the way", async () => {
    const { inside, outer, names, outbound } = await scene();
    names.set("rebind.example.com", ...rebinding);
    const url = `http://rebind.example.com:${inside.port}/`;
    expect(await outcomeOf(() => redirect(outbound, url, outer))).toMatchObject({ reason: "connect-failed" });
    expect(await outcomeOf(() => redirect(outbound, url, outer))).toMatchObject({ code: "address_refused" });
    expect(inside.connections()).toBe(0);
  });

  it("SR-19 cannot use what the operator allows", async () => {
    const { inside, outer, names, outbound } = await scene();
    names.set("allowed.example.com", ["127.0.0.1"]);
    const url = `http://allowed.example.com:${inside.port}/`;
    expect(await readText(await outbound.send({ url }))).toContain("inside");
    // Also not on a connection that stands already.
    expect(await outcomeOf(() => redirect(outbound, url, outer))).toMatchObject({ code: "address_refused" });
    expect(inside.connections()).toBe(1);
  });
});
