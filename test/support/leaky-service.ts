// A service that takes every way to sign in and sends back all that it was sent: in its answers, in its failures, in as
// many forms as it can think of.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface LeakyService {
  origin: string;
  port: number;
  /** Everything that it has seen that must not be seen by anybody else: verifiers, assertions. */
  readonly heard: Set<string>;
  /** Tokens it gives out are made by this. */
  tokens: (grant: string) => Record<string, unknown>;
  /** What every request is answered with from now on, after it was echoed; nothing for an answer that is well. */
  failing: "token" | "api" | undefined;
  /** How many requests were answered well. */
  served: number;
  close(): Promise<void>;
}

export async function leakyService(): Promise<LeakyService> {
  const server = createServer((request, reply) => {
    void readAll(request).then((body) => send(reply, ...answer(request, body)));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const service: LeakyService = {
    origin: `http://127.0.0.1:${port}`,
    port,
    heard: new Set(),
    tokens: () => ({}),
    failing: undefined,
    served: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };

  function answer(request: IncomingMessage, body: string): [status: number, body: unknown] {
    const url = new URL(request.url ?? "/", service.origin);
    const sent = { url: url.href, headers: request.headers, body };
    const form = readForm(request, body, url);
    if (url.pathname === "/revoke") return [503, { error: "later", message: forms(sent) }];
    if (url.pathname === "/token" || url.pathname === "/login") {
      for (const name of ["code_verifier", "assertion"]) if (form[name]) service.heard.add(form[name]);
      if (service.failing === "token") {
        const words = `You sent ${JSON.stringify(sent)} ${forms(sent)}`;
        return [400, { ...form, error: "invalid_grant", error_description: words }];
      }
      service.served++;
      return [200, { ...service.tokens(form.grant_type ?? "login"), echo: sent, said: forms(sent) }];
    }
    if (service.failing === "api") return [422, { ...sent, message: `No: ${forms(sent)}` }];
    service.served++;
    const label = `Account of ${request.headers.authorization ?? request.headers["x-api-key"] ?? url.search}`;
    return [200, { ...sent, id: "account-1", label, said: forms(sent) }];
  }

  return service;
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function readForm(request: IncomingMessage, body: string, url: URL): Record<string, string> {
  const isJson = request.headers["content-type"]?.includes("json");
  if (isJson) return JSON.parse(body);
  return Object.fromEntries([...url.searchParams, ...new URLSearchParams(body)]);
}

function forms(sent: { url: string; headers: IncomingMessage["headers"]; body: string }): string {
  const basic = /^Basic (.+)$/.exec(sent.headers.authorization ?? "")?.[1];
  const all = [sent.url, sent.headers.authorization ?? "", String(sent.headers["x-api-key"] ?? ""), sent.body];
  const opened = basic ? [Buffer.from(basic, "base64").toString()] : [];
  return [
    ...all,
    ...opened,
    ...all.map(encodeURIComponent),
    decode(sent.url),
    decode(sent.body),
    ...all.map(base64),
  ].join(" ");
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function send(reply: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  reply.writeHead(status, {
    "content-type": "application/json",
    "www-authenticate": `Bearer error="invalid", error_description="${base64(text).slice(0, 200)}"`,
    "set-cookie": `echo=${base64(text).slice(0, 200)}`,
  });
  reply.end(text);
}
