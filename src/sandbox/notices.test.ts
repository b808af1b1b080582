import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { notifyOnLoopback } from "./serve.ts";

const heard: { method: string | undefined; url: string | undefined; host: string | undefined; body: string }[] = [];
const server = createServer((request, response) => {
  void readAll(request).then((body) => {
    heard.push({ method: request.method, url: request.url, host: request.headers.host, body });
    if (request.url?.includes("long")) response.end("x".repeat(70_000));
    else response.writeHead(202, { "content-type": "application/json" }).end("{}");
  });
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());

async function readAll(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

it("brings a simulator's notice to where notices go, and the answer back", async () => {
  const url = `http://localhost:${port}/hooks/push/${"A".repeat(43)}?validationToken=x`;
  const answer = await notifyOnLoopback(new Request(url, { method: "POST", body: "told" }));
  expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
    202,
    "application/json",
    "{}",
  ]);
  expect(heard.splice(0)).toEqual([
    { method: "POST", url: `/hooks/push/${"A".repeat(43)}?validationToken=x`, host: `localhost:${port}`, body: "told" },
  ]);
});

it("SR-19 goes to no other machine, and to nothing else on this one", async () => {
  for (const url of [
    `http://127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}/api/v1/me`,
    `http://127.0.0.1:${port}/hooks/push/../../admin`,
    `http://localhost.example.com:${port}/hooks/push/x`,
    `http://127.0.0.2:${port}/hooks/push/x`,
    `https://localhost:${port}/hooks/push/x`,
    "http://169.254.169.254/hooks/push/x",
  ]) {
    expect((await notifyOnLoopback(new Request(url, { method: "POST" }))).status, url).toBe(403);
  }
  expect(heard).toEqual([]);
});

it("gives up on an answer that is too long", async () => {
  await expect(notifyOnLoopback(new Request(`http://127.0.0.1:${port}/hooks/push/long`))).rejects.toThrow("too long");
});
