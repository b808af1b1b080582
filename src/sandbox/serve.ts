/** Serves pretend services over HTTP on loopback. */
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { ConnectionLost } from "#provider-kit/sim/faults.ts";

/** The header by which a process knows that a port is served by another one's sandbox. */
export const SANDBOX_MARK = "x-hawser-sandbox";

export type Answer = (request: Request) => Promise<Response>;

export interface Served {
  port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes a free one. Rejects with EADDRINUSE where somebody else has the port. */
export async function serveOnLoopback(port: number, answer: Answer): Promise<Served> {
  const server = createServer((request, response) => {
    // A name that somebody lets point to loopback must not make another page's script one of ours.
    if (isOurs(request)) void reply(request, response, answer);
    else response.writeHead(421).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isOurs({ headers, socket }: IncomingMessage): boolean {
  const { localPort } = socket;
  return headers.host === `127.0.0.1:${localPort}` || headers.host === `localhost:${localPort}`;
}

/** Whether whatever listens on a port of loopback answers with this header. */
export function answersWith(header: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = ask({ host: "127.0.0.1", port, method: "HEAD", path: "/", timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.headers[header] !== undefined);
    });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", () => resolve(false));
    asking.end();
  });
}

const NOTICE_MS = 10_000;
const LONGEST_ANSWER = 64 * 1024;

/**
 * Sends a simulator's notice, and gives the answer. To this machine and to where notices go, and nowhere else: whoever
 * speaks with a simulator must not reach what else listens here.
 */
export async function notifyOnLoopback(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const isOnLoopback = url.protocol === "http:" && (url.hostname === "localhost" || url.hostname === "127.0.0.1");
  if (!isOnLoopback || !/\/hooks\/push\/[\w-]+$/.test(url.pathname)) return new Response(null, { status: 403 });
  const body = Buffer.from(await request.arrayBuffer());
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(NOTICE_MS)]);
  const headers = { ...Object.fromEntries(request.headers), host: url.host, "content-length": body.length };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, url: href } = request;
    ask(href, { host: "127.0.0.1", method, headers, signal, agent: false }, resolve).on("error", reject).end(body);
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of Readable.from(answer)) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) throw new ConnectionLost("the answer to a notice is too long");
    chunks.push(chunk);
  }
  const type = answer.headers["content-type"];
  const status = answer.statusCode ?? 502;
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : Buffer.concat(chunks), {
    status,
    ...(type !== undefined && { headers: { "content-type": type } }),
  });
}

async function reply(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): Promise<void> {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  try {
    const response = await answer(await toRequest(incoming, gone.signal));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body && incoming.method !== "HEAD") {
      for await (const chunk of response.body) await written(outgoing, chunk);
    }
    outgoing.end();
  } catch (error) {
    // A real service breaks off in the same way; everything else is a mistake of the simulator.
    if (error instanceof ConnectionLost || outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500, { "content-type": "text/plain" }).end("The simulator has failed.");
  }
}

const written = (outgoing: ServerResponse, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    outgoing.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

const LARGEST = 16 * 1024 * 1024;

async function toRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const url = new URL(incoming.url ?? "/", `http://${incoming.headers.host ?? "127.0.0.1"}`);
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? "GET";
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of Readable.from(incoming)) {
    size += chunk.length;
    if (size > LARGEST) throw new ConnectionLost("the body is too large for a simulator");
    chunks.push(chunk);
  }
  return new Request(url, { method, headers, signal, body: Buffer.concat(chunks) });
}
