import { once } from "node:events";
import { createServer } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readBytes, readText } from "./read.ts";
import { serve, serveRaw } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";

const failsAs = (reason: string, sent = true) => ({ name: "OutboundError", reason, sent });

describe("SR-20 limits of time", () => {
  it("SR-20 a host that accepts and says nothing is left", async () => {
    const silent = await serveRaw(() => {});
    const outbound = outboundTo([silent], { limits: { firstByteMs: 50 } });
    await expect(outbound.send({ url: silent.origin })).rejects.toMatchObject(failsAs("timed-out"));
  });

  it("SR-20 a host that may be slow has the whole time for its first byte, and no more", async () => {
    // undici looks at its limit once a second.
    const late = await serve((_request, response) => setTimeout(() => response.end("late"), 2_200));
    const patient = outboundTo([late], { limits: { firstByteMs: 20 } });
    expect(await readText(await patient.send({ url: late.origin, slow: true }))).toBe("late");
    const outbound = outboundTo([late], { limits: { firstByteMs: 20, wholeMs: 50 } });
    await expect(outbound.send({ url: late.origin, slow: true })).rejects.toMatchObject(failsAs("timed-out"));
  });

  it("SR-20 a request may have another time for the whole of it than is usual, shorter or longer", async () => {
    const late = await serve((_request, response) => setTimeout(() => response.end("late"), 400));
    const patient = outboundTo([late], { limits: { wholeMs: 50 } });
    expect(await readText(await patient.send({ url: late.origin, wholeMs: 20_000 }))).toBe("late");
    const outbound = outboundTo([late]);
    await expect(outbound.send({ url: late.origin, wholeMs: 50 })).rejects.toMatchObject(failsAs("timed-out"));
  });

  it("SR-20 a host that keeps saying 'soon' is left when the whole time is over", async () => {
    const soon = await serveRaw((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    });
    const outbound = outboundTo([soon], { limits: { wholeMs: 100 } });
    await expect(outbound.send({ url: soon.origin, content: "file" })).rejects.toMatchObject(failsAs("timed-out"));
  });

  it("SR-20 a step's body that trickles is cut when the whole time is over, a file's is not", async () => {
    const trickle = await serve((_request, response) => {
      let left = 100;
      const timer = setInterval(() => {
        if (left-- > 0) response.write("x");
        else response.end();
      }, 5);
      response.on("close", () => clearInterval(timer));
    });
    const outbound = outboundTo([trickle], { limits: { wholeMs: 300 } });
    const step = await outbound.send({ url: trickle.origin });
    await expect(readText(step)).rejects.toMatchObject(failsAs("timed-out"));
    const file = await outbound.send({ url: trickle.origin, content: "file" });
    expect(await readText(file)).toBe("x".repeat(100));
  });

  it("SR-20 a file's body that falls silent is left", async () => {
    const stalls = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "10" }).write("half");
    });
    const outbound = outboundTo([stalls], { limits: { idleMs: 50 } });
    const file = await outbound.send({ url: stalls.origin, content: "file" });
    await expect(readText(file)).rejects.toMatchObject(failsAs("timed-out"));
  });

  it("SR-20 an upload may last longer than a whole request, as long as it moves", async () => {
    const server = await serve(async (request, response) => {
      let bytes = 0;
      for await (const chunk of request) bytes += chunk.length;
      response.end(String(bytes));
    });
    const slowly = async function* () {
      for (let sent = 0; sent < 60; sent++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield Buffer.alloc(10);
      }
    };
    const outbound = outboundTo([server], { limits: { wholeMs: 200 } });
    const response = await outbound.send({ url: server.origin, method: "PUT", body: { stream: slowly() } });
    expect(await readText(response)).toBe("600");
  });

  it("SR-80 a refused connection is known not to have been sent, a cut one is not", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    server.close();
    await once(server, "close");
    const closed = { port, origin: `http://127.0.0.1:${port}`, connections: () => 0 };
    const cuts = await serveRaw((socket) => socket.once("data", () => socket.destroy()));
    const outbound = outboundTo([closed, cuts]);
    await expect(outbound.send({ url: closed.origin })).rejects.toMatchObject(failsAs("connect-failed", false));
    await expect(outbound.send({ url: cuts.origin })).rejects.toMatchObject(failsAs("cut-off"));
  });
});

describe("SR-20 limits of size", () => {
  it("SR-20 headers over the limit are refused, below it they are read", async () => {
    const server = await serve((request, response) =>
      response.writeHead(200, { "x-long": "a".repeat(Number(request.url?.slice(1))) }).end(),
    );
    const outbound = outboundTo([server]);
    expect((await outbound.send({ url: `${server.origin}/60000` })).headers.get("x-long")).toHaveLength(60_000);
    await expect(outbound.send({ url: `${server.origin}/70000` })).rejects.toMatchObject(failsAs("too-large"));
  });

  it("SR-20 a step's body is cut one byte over the limit, a file's is not", async () => {
    const server = await serve((request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)))));
    const outbound = outboundTo([server], { limits: { bodyBytes: 100_000 } });
    expect(await readBytes(await outbound.send({ url: `${server.origin}/100000` }))).toHaveLength(100_000);
    await expect(readBytes(await outbound.send({ url: `${server.origin}/100001` }))).rejects.toMatchObject(
      failsAs("too-large"),
    );
    const file = await outbound.send({ url: `${server.origin}/300000`, content: "file" });
    expect(await readBytes(file)).toHaveLength(300_000);
    const small = outbound.send({ url: `${server.origin}/11`, content: "file", maxBodyBytes: 10 });
    await expect(small.then(readBytes)).rejects.toMatchObject(failsAs("too-large"));
  });

  it.each([
    ["gzip", gzipSync],
    ["br", (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ["deflate", deflateSync],
  ] as const)("SR-20 a %s bomb of 64 MiB is cut at the limit after decompression", async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(64 * 1024 * 1024));
    const harmless = compress(Buffer.from("hello"));
    const server = await serve((request, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(request.url === "/bomb" ? bomb : harmless);
    });
    const outbound = outboundTo([server]);
    await expect(outbound.send({ url: `${server.origin}/bomb` }).then(readBytes)).rejects.toMatchObject(
      failsAs("too-large"),
    );
    expect(await readText(await outbound.send({ url: server.origin }))).toBe("hello");
  });
});

describe("SR-20 answers that lie", () => {
  const say = (head: string, body: Buffer | string = "") =>
    serveRaw((socket) =>
      socket.once("data", () =>
        socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), Buffer.from(body)])),
      ),
    );
  const read = async (server: Awaited<ReturnType<typeof say>>) =>
    readText(await outboundTo([server]).send({ url: server.origin }));

  it.each([
    ["fewer bytes than Content-Length", "200 OK\r\nContent-Length: 10", "short", "cut-off"],
    ["a chunked body without its end", "200 OK\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n", "cut-off"],
    ["two encodings", "200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip, gzip", "hello", "bad-answer"],
    [
      "two encoding headers",
      "200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\nContent-Encoding: br",
      "hello",
      "bad-answer",
    ],
    ["an unknown encoding", "200 OK\r\nContent-Length: 5\r\nContent-Encoding: rot13", "hello", "bad-answer"],
    ["gzip that is none", "200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip", "hello", "bad-answer"],
    [
      "gzip that ends early",
      "200 OK\r\nContent-Encoding: gzip\r\nConnection: close",
      gzipSync("hello").subarray(0, 12),
      "bad-answer",
    ],
    ["no HTTP at all", "\0\0 SSH-2.0", "x", "bad-answer"],
    ["two different lengths", "200 OK\r\nContent-Length: 5\r\nContent-Length: 6", "hello", "cut-off"],
    ["nothing", "", "", "bad-answer"],
  ])("SR-20 %s is a failure, not a short answer", async (_what, head, body, reason) => {
    await expect(read(await say(head, body))).rejects.toMatchObject({ name: "OutboundError", reason });
  });

  it("SR-104 an honest answer from the same server is read", async () => {
    expect(await read(await say("200 OK\r\nContent-Length: 5", "hello"))).toBe("hello");
  });
});
