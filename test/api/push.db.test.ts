// What providers send to the addresses of push channels, as HTTP has it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { aMasterKey } from "#domain/connections/testing/connection-deps.ts";
import { startHintedRuns } from "#domain/syncs/push/hints.ts";
import type { TakeNotice } from "#domain/syncs/push/take-notice.ts";
import { aWatchedDrive } from "#domain/syncs/push/testing/a-watched-drive.ts";
import { parseMasterKeys } from "#vault/keyring.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { anApp, type TestServer } from "../support/server.ts";

const publicUrl = "http://localhost:8080";
let db: TestDatabase;
let server: TestServer;
let here: Awaited<ReturnType<typeof aWatchedDrive>>;
/** Where notices go, and what proves them. */
let url: string;
let secret: string;

beforeAll(async () => {
  db = await testDatabase();
  const masterKey = aMasterKey();
  here = await aWatchedDrive(db.database, { sandbox: true, publicUrl, masterKey });
  server = await anApp(
    { publicUrl, keyring: parseMasterKeys(masterKey), simulators: here.pretended },
    { beside: { db } },
  );
  here.service.listen(overHttp);
  await here.work();
  await startHintedRuns(here.deps);
  await here.letRunsBeOver();
  const [subscribed] = here.service.subscriptions.values();
  if (!subscribed) throw new Error("the channel is live");
  ({ url, secret } = subscribed);
});
afterAll(async () => {
  await server.end();
  await db.close();
});

let strangers = 0;
const send = (to: string, init: RequestInit = {}, from = `10.9.0.${++strangers}`) => {
  const headers = new Headers(init.headers);
  headers.set("x-forwarded-for", from);
  return server.fetch(new Request(to, { method: "POST", ...init, headers }));
};

const overHttp: TakeNotice = async (place, { headers, query }) => {
  const answer = await send(`${publicUrl}/hooks/push/${place}?${query}`, { headers });
  if (answer.status === 202) return { kind: "taken" };
  if (answer.status !== 200) return { kind: "unknown" };
  return { kind: "handshake", status: answer.status, body: await answer.text() };
};

it("is made with an exact echo, and takes notices with nothing but that it has", async () => {
  expect((await here.channels()).map(({ state }) => state)).toEqual(["live"]);
  for (const method of ["POST", "GET"]) {
    const answer = await send(url, { method, headers: { "x-secret": secret, "x-id": method } });
    expect([answer.status, await answer.text()]).toEqual([202, "{}"]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
  expect((await here.runs()).map(({ trigger }) => trigger)).toEqual(["push", "push"]);
});

it("SR-68 echoes as plain text, whatever it looks like", async () => {
  const echoes: (string | null)[] = [];
  here.service.beforeAnswer(async () => {
    for (const one of here.service.subscriptions.values()) {
      const answer = await send(`${one.url}?echo=${encodeURIComponent("<script>alert(1)</script>")}`);
      if (answer.status === 200) echoes.push(answer.headers.get("content-type"), await answer.text());
    }
  });
  await here.service.tell({ asks: "subscribe" });
  await here.work();
  expect(echoes).toEqual(["text/plain; charset=utf-8", "<script>alert(1)</script>"]);
  [{ url, secret } = { url: "", secret: "" }] = [...here.service.subscriptions.values()].slice(-1);
});

it("SR-67 answers alike whether a place is unknown, the proof wrong or the channel gone", async () => {
  const answers = await Promise.all([
    send(url.replace(/.{43}$/, "A".repeat(43))),
    send(`${publicUrl}/hooks/push/x`),
    send(url, { headers: { "x-secret": "wrong" } }),
    send(`${url}?echo=hello`),
  ]);
  const seen = await Promise.all(
    answers.map(async (answer) => {
      const { request_id, ...problem } = (await answer.json()) as Record<string, unknown>;
      const headers = [...answer.headers].filter(([name]) => name !== "x-request-id" && name !== "content-length");
      return JSON.stringify({ status: answer.status, problem, headers });
    }),
  );
  expect(answers[0]?.status).toBe(404);
  expect(new Set(seen).size).toBe(1);
});

it("SR-67 takes little, and no forms", async () => {
  const headers = { "x-secret": secret, "content-type": "application/json" };
  const most = "x".repeat(64 * 1024);
  expect((await send(url, { body: most, headers })).status).toBe(202);
  expect((await send(url, { body: `${most}x`, headers })).status).toBe(413);
  const streamed = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode(most)),
  });
  expect((await send(url, { body: streamed, headers, duplex: "half" } as RequestInit)).status).toBe(413);
  const form = { ...headers, "content-type": "multipart/form-data; boundary=x" };
  expect((await send(url, { body: "--x--", headers: form })).status).toBe(415);
  for (const method of ["PUT", "DELETE", "PATCH"]) expect((await send(url, { method })).status).toBe(404);
});

it("SR-74 logs that a notice came, and neither where to nor what it said", async () => {
  await send(`${url}?told=harbour-master`, { headers: { "x-secret": secret } });
  const logged = JSON.stringify(server.logged);
  expect(logged).toContain("push.notice");
  for (const text of [url.slice(-43), secret, "harbour-master"]) expect(logged).not.toContain(text);
});

it("SR-70 lets whoever tries places wait, and takes genuine notices from the same address meanwhile", async () => {
  const tried: number[] = [];
  while (!tried.includes(429) && tried.length < 5_000) {
    tried.push((await send(`${publicUrl}/hooks/push/x`, {}, "192.0.2.7")).status);
  }
  expect([tried[0], tried.length > 60, tried.at(-1)]).toEqual([404, true, 429]);
  const { status } = await send(url, { headers: { "x-secret": secret } }, "192.0.2.7");
  expect(status).toBe(202);
});
