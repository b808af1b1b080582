import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { addressRefused } from "./address.ts";
import { createOutbound } from "./client.ts";
import { exceptionAgent, guardedAgent, type ResolvedAddress } from "./connect.ts";
import { defaultLimits } from "./limits.ts";
import { createPolicy } from "./policy.ts";
import { readText } from "./read.ts";
import { serve } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";
import { selfSigned } from "./testing/self-signed.ts";

const ipv4 = (address: string): ResolvedAddress => ({ address, family: 4 });
const ipv6 = (address: string): ResolvedAddress => ({ address, family: 6 });
const unknown = (code: string) => Object.assign(new Error(code), { code });

describe("agents", () => {
  const resolve = async () => [ipv4("127.0.0.1")];

  it("SR-17 SR-78 the guarded one connects to no private literal or name, even when nobody checked the address before", async () => {
    const server = await serve((_request, response) => response.end());
    const dispatcher = guardedAgent(defaultLimits, resolve);
    onTestFinished(() => dispatcher.destroy());
    for (const host of ["127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "example.com"]) {
      const sent = request(`http://${host}:${server.port}/`, { dispatcher });
      await expect(sent, host).rejects.toMatchObject({ code: "address_refused" });
    }
    expect(server.connections()).toBe(0);
  });

  it("SR-19 SR-78 the one for exceptions connects to nothing else", async () => {
    const [server, other] = [
      await serve((_request, response) => response.end()),
      await serve((_request, response) => response.end()),
    ];
    const dispatcher = exceptionAgent(
      defaultLimits,
      resolve,
      createPolicy({ exceptions: [`127.0.0.1:${server.port}`] }),
    );
    onTestFinished(() => dispatcher.destroy());
    const { statusCode, body } = await request(server.origin, { dispatcher });
    await body.dump();
    expect(statusCode).toBe(200);
    for (const address of [other.origin, `http://localhost:${server.port}`, "https://example.com"]) {
      await expect(request(address, { dispatcher }), address).rejects.toMatchObject({ code: "address_refused" });
    }
    expect(other.connections()).toBe(0);
  });

  it("SR-19 the one for exceptions knows an IPv6 literal by its brackets", async () => {
    const dispatcher = exceptionAgent(defaultLimits, resolve, createPolicy({ exceptions: ["[::1]:1"] }));
    onTestFinished(() => dispatcher.destroy());
    // Nothing listens there, and the machine may have no IPv6: it was let through when the connection itself failed.
    await expect(request("http://[::1]:1/", { dispatcher })).rejects.toMatchObject({ reason: "connect-failed" });
    await expect(request("http://[::1]:2/", { dispatcher })).rejects.toMatchObject({ code: "address_refused" });
  });
});

describe("connections", () => {
  it.each([
    ["a private address", [ipv4("10.1.2.3")]],
    ["loopback", [ipv4("127.0.0.1")]],
    ["IPv6 loopback", [ipv6("::1")]],
    ["a mapped address", [ipv6("::ffff:127.0.0.1")]],
    ["a public and a private address", [ipv4("93.184.215.14"), ipv4("10.1.2.3")]],
    ["a public IPv4 and a private IPv6 address", [ipv4("93.184.215.14"), ipv6("fd00::1")]],
    ["no address at all", []],
  ])("SR-17 SR-22 a name with %s is refused like one that does not exist", async (_what, addresses) => {
    // What a connection would reach, were it made.
    const server = await serve((_request, response) => response.end("inside"));
    const outbound = outboundTo([server], { resolve: async () => addresses });
    const nonexistent = outboundTo([server]);
    const url = `http://example.com:${server.port}/`;
    const refusals = await Promise.all([outbound, nonexistent].map((one) => one.send({ url }).catch((error) => error)));
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: "address_refused", message: addressRefused().message });
    }
    expect(server.connections()).toBe(0);
  });

  it("SR-17 a name that changes its answer is judged by the answer that is connected to, at every new connection", async () => {
    const server = await serve((_request, response) => response.end("inside"));
    // Unassigned, so that nobody gets a packet from this test, but public as far as the rules go.
    const answers = [[ipv6("2d00::1")], [ipv4("127.0.0.1")]];
    let asked = 0;
    const outbound = outboundTo([server], { resolve: async () => answers[asked++] ?? [], limits: { connectMs: 100 } });
    const url = `http://rebind.example.com:${server.port}/`;
    await expect(outbound.send({ url })).rejects.toMatchObject({ reason: "connect-failed" });
    // One question a connection: none between the check and the use, whose answer could have been another.
    expect(asked).toBe(1);
    await expect(outbound.send({ url })).rejects.toMatchObject({ code: "address_refused" });
    expect(asked).toBe(2);
    expect(server.connections()).toBe(0);
  });

  it("SR-17 an exception by name connects to what the name means, and keeps it for Host", async () => {
    const server = await serve((request, response) => response.end(request.headers.host));
    const name = `minio.storage.internal:${server.port}`;
    const asked: string[] = [];
    const outbound = createOutbound({
      policy: createPolicy({ exceptions: [name] }),
      resolve: async (host) => {
        asked.push(host);
        return [ipv4("127.0.0.1")];
      },
    });
    onTestFinished(() => outbound.close("now"));
    expect(await readText(await outbound.send({ url: `http://${name}/` }))).toBe(name);
    expect(asked).toEqual(["minio.storage.internal"]);
  });

  it("SR-17 a certificate that nobody vouches for is refused, whatever the environment says", async () => {
    const { key, cert } = await selfSigned("storage.internal");
    let requests = 0;
    const server = createTlsServer({ key, cert }, (_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    onTestFinished(() => void server.close());
    const names: string[] = [];
    server.on("tlsClientError", () => {});
    server.on("secureConnection", (socket) => names.push(String(socket.servername)));
    const host = `storage.internal:${(server.address() as AddressInfo).port}`;
    const outbound = createOutbound({
      policy: createPolicy({ exceptions: [host] }),
      resolve: async () => [ipv4("127.0.0.1")],
    });
    onTestFinished(() => outbound.close("now"));
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    await expect(outbound.send({ url: `https://${host}/` })).rejects.toMatchObject({
      reason: "connect-failed",
      sent: false,
      message: expect.stringContaining("certificate"),
    });
    expect(requests).toBe(0);
  });

  it("a host without https is not blamed for its certificate", async () => {
    const server = await serve((_request, response) => response.end());
    const outbound = outboundTo([server]);
    const url = server.origin.replace("http:", "https:");
    await expect(outbound.send({ url })).rejects.toMatchObject({
      reason: "connect-failed",
      message: "The host does not speak https at this port.",
    });
  });

  it("SR-22 a name server that fails is a connection that failed, and may be tried again", async () => {
    const outbound = outboundTo([], { resolve: () => Promise.reject(unknown("EAI_AGAIN")) });
    await expect(outbound.send({ url: "https://example.com/" })).rejects.toMatchObject({
      reason: "connect-failed",
      sent: false,
    });
  });

  it("SR-20 a name server that never answers is given up with the connection", async () => {
    const outbound = outboundTo([], { resolve: () => new Promise(() => {}), limits: { connectMs: 50 } });
    await expect(outbound.send({ url: "https://example.com/" })).rejects.toMatchObject({
      reason: "connect-failed",
      sent: false,
    });
  });
});
