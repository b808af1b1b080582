import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Secret } from "#vault/secret.ts";
import { asFetch } from "./fetch.ts";
import { readBytes, readJson, readText } from "./read.ts";
import { bodyOf, serve } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";

const bearer = (origin: string) => ({
  secret: new Secret("t0ken"),
  origins: [origin],
  place: { kind: "bearer" as const },
});

describe("outbound", () => {
  it("SR-13 sends method, headers and body, and gives status, headers and body", async () => {
    const server = await serve(async (request, response) => {
      const seen = {
        method: request.method,
        url: request.url,
        host: request.headers.host,
        kind: request.headers["x-kind"],
        body: await bodyOf(request),
      };
      response
        .writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] })
        .end(JSON.stringify(seen));
    });
    const response = await outboundTo([server]).send({
      url: `${server.origin}/a%2Fb?q=1#part`,
      method: "POST",
      headers: { "X-Kind": "test" },
      body: "hällo",
    });
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await readJson(response, { parse: (value) => ({ ...(value as object) }) })).toEqual({
      method: "POST",
      url: "/a%2Fb?q=1",
      host: `127.0.0.1:${server.port}`,
      kind: "test",
      body: "hällo",
    });
  });

  it("uploads a stream of known and of unknown length", async () => {
    const server = await serve(async (request, response) => {
      response.end(`${request.headers["content-length"]} ${await bodyOf(request)}`);
    });
    const outbound = outboundTo([server]);
    const stream = async function* () {
      yield Buffer.from("one ");
      yield Buffer.from("two");
    };
    const known = await outbound.send({ url: server.origin, method: "PUT", body: { stream: stream(), length: 7 } });
    expect(await readText(known)).toBe("7 one two");
    const unknown = await outbound.send({ url: server.origin, method: "PUT", body: { stream: stream() } });
    expect(await readText(unknown)).toBe("undefined one two");
  });

  it("gives answers without a body at once", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/gone") response.writeHead(204);
      else response.writeHead(200, { "content-length": "3" });
      response.end(request.method === "HEAD" || request.url === "/gone" ? undefined : "abc");
    });
    const outbound = outboundTo([server]);
    const head = await outbound.send({ url: server.origin, method: "HEAD" });
    expect(head.headers.get("content-length")).toBe("3");
    expect(await readText(head)).toBe("");
    expect(await readText(await outbound.send({ url: `${server.origin}/gone`, method: "DELETE" }))).toBe("");
  });

  it("uses a connection again whose answer was read", async () => {
    const server = await serve((_request, response) => response.end("abc"));
    const outbound = outboundTo([server]);
    for (let request = 0; request < 10; request++) {
      expect(await readText(await outbound.send({ url: server.origin }))).toBe("abc");
    }
    // Two, since a connection rests for one turn of the event loop after an answer.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it("SR-20 takes a step's answer compressed and a file as it is stored", async () => {
    const server = await serve((request, response) => {
      const accepts = request.headers["accept-encoding"];
      if (accepts === "identity") response.end(accepts);
      else response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(String(accepts)));
    });
    const outbound = outboundTo([server]);
    const step = await outbound.send({ url: server.origin });
    expect(step.headers.has("content-encoding")).toBe(false);
    expect(await readText(step)).toBe("gzip, deflate, br");
    expect(await readText(await outbound.send({ url: server.origin, content: "file" }))).toBe("identity");
  });

  it("stops the transfer when the reader has had enough", async () => {
    let closed: () => void;
    const whenClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await serve((_request, response) => {
      response.on("close", () => closed());
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        response.once("drain", write);
      };
      write();
    });
    const response = await outboundTo([server]).send({ url: server.origin, content: "file" });
    const reader = response.body.getReader();
    expect((await reader.read()).value?.byteLength).toBeGreaterThan(0);
    await reader.cancel();
    await whenClosed;
  });

  it("ends with the reason of the caller's signal, before and within the body", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/body") response.write("a");
    });
    const outbound = outboundTo([server]);
    const stop = new AbortController();
    const early = outbound.send({ url: server.origin, signal: stop.signal });
    const late = await outbound.send({ url: `${server.origin}/body`, signal: stop.signal, content: "file" });
    stop.abort(new Error("the run was cancelled"));
    await expect(early).rejects.toThrow("the run was cancelled");
    await expect(readBytes(late)).rejects.toThrow("the run was cancelled");
  });

  it.each([
    "Host",
    "content-length",
    "Transfer-Encoding",
    "connection",
    "Proxy-Authorization",
    "Accept-Encoding",
    "bad name",
    "",
  ])("SR-17 lets no caller set the header %j", async (name) => {
    const server = await serve((_request, response) => response.end());
    const sent = outboundTo([server]).send({ url: server.origin, headers: { [name]: "x" } });
    await expect(sent).rejects.toMatchObject({ code: "invalid_request" });
    expect(server.connections()).toBe(0);
  });

  it.each(["a\r\nx-evil: 1", "a\0", "a\n", "\u{1F600}"])(
    "SR-26 refuses the header value %j without repeating it",
    async (value) => {
      const server = await serve((_request, response) => response.end());
      const sent = outboundTo([server]).send({ url: server.origin, headers: { "x-a": value } });
      await expect(sent).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.not.stringContaining(value),
      });
    },
  );

  it("SR-19 ignores the proxy variables of the environment", async () => {
    const proxy = await serve((_request, response) => response.end("proxy"));
    const server = await serve((_request, response) => response.end("server"));
    const names = ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
    const before = names.map((name) => [name, process.env[name]] as const);
    try {
      for (const name of names) process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : proxy.origin;
      expect(await readText(await outboundTo([server]).send({ url: server.origin }))).toBe("server");
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(proxy.connections()).toBe(0);
  });
});

describe("credentials", () => {
  it("SR-6 go to an allowed origin, and are not shown in the answer's address", async () => {
    const server = await serve((request, response) => response.end(request.url));
    const credential = {
      secret: new Secret("k&y"),
      origins: [server.origin],
      place: { kind: "query" as const, name: "key" },
    };
    const response = await outboundTo([server]).send({ url: `${server.origin}/?a=1`, credential });
    expect(await readText(response)).toBe("/?a=1&key=k%26y");
    expect(response.url.href).toBe(`${server.origin}/?a=1`);
  });

  it("SR-6 fail with secret_origin_denied for another origin before a byte is sent", async () => {
    const server = await serve((_request, response) => response.end());
    const sent = outboundTo([server]).send({ url: server.origin, credential: bearer("https://api.example.com") });
    await expect(sent).rejects.toMatchObject({ code: "secret_origin_denied" });
    expect(server.connections()).toBe(0);
  });
});

describe("asFetch", () => {
  it("SR-13 gives libraries a fetch that is held to the same rules", async () => {
    const server = await serve(async (request, response) => {
      if (request.url === "/away") response.writeHead(302, { location: "/" }).end();
      else
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ got: await bodyOf(request) }));
    });
    const fetch = asFetch(outboundTo([server]), { redirects: "none" });
    const body = new URLSearchParams({ grant_type: "refresh_token" });
    const response = await fetch(server.origin, { method: "POST", body });
    expect(await response.json()).toEqual({ got: "grant_type=refresh_token" });
    expect((await fetch(`${server.origin}/away`, { redirect: "manual" })).status).toBe(302);
    await expect(fetch(`${server.origin}/away`, { redirect: "error" })).rejects.toThrow(TypeError);
    await expect(fetch("http://10.0.0.1/")).rejects.toMatchObject({ code: "address_refused" });
  });
});
