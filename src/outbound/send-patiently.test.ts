import type { RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import type { OutboundRequest } from "./client.ts";
import { createHostHealth } from "./host-health.ts";
import { createPace } from "./pace.ts";
import { readText } from "./read.ts";
import { type Attempt, createPatientSender, type Patience } from "./send-patiently.ts";
import { serve } from "./testing/loopback.ts";
import { manualTimer } from "./testing/manual-timer.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";

/** A server, and a sender whose waiting time passes as soon as it waits. */
async function scene(answer: RequestListener) {
  const timer = manualTimer();
  const waits: number[] = [];
  const impatient = {
    now: timer.now,
    async wait(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      waits.push(ms);
      await timer.pass(ms);
    },
  };
  let requests = 0;
  const server = await serve((request, response) => {
    requests += 1;
    answer(request, response);
  });
  const health = createHostHealth(timer);
  const send = createPatientSender({
    outbound: outboundTo([server]),
    pace: createPace(timer),
    health,
    timer: impatient,
    random: () => 1,
  });
  const call = (more: Partial<OutboundRequest> = {}, patience: Partial<Patience> = {}) =>
    send({ url: server.origin, ...more }, { scope: "w", repeatable: true, ...patience });
  return { call, waits, timer, health, requests: () => requests };
}

describe("patient sending", () => {
  it("SR-80 repeats until the host is well again", async () => {
    let bad = 3;
    const { call, waits, requests } = await scene((_request, response) => {
      response.writeHead(bad-- > 0 ? 503 : 200).end("ok");
    });
    expect(await readText(await call())).toBe("ok");
    expect([requests(), waits]).toEqual([4, [1000, 2000, 4000]]);
  });

  it("SR-80 gives the fifth answer, and leaves the host alone after it", async () => {
    const { call, requests, timer } = await scene((_request, response) => response.writeHead(500).end("broken"));
    const last = await call();
    expect([last.status, await readText(last), requests()]).toEqual([500, "broken", 5]);
    await expect(call()).rejects.toMatchObject({ reason: "host-paused", sent: false, retryAt: expect.any(Date) });
    expect(requests()).toBe(5);
    expect((await call({}, { scope: "another workspace", repeatable: false })).status).toBe(500);
    await timer.pass(30_000);
    expect((await call({}, { repeatable: false })).status).toBe(500);
  });

  it("SR-81 sends once what is not repeatable, and what it cannot send again", async () => {
    const { call, requests } = await scene((request, response) => {
      request.resume().on("end", () => response.writeHead(503).end());
    });
    expect((await call({ method: "POST", body: "x" }, { repeatable: false })).status).toBe(503);
    const stream = (async function* () {
      yield Buffer.from("x");
    })();
    expect((await call({ method: "PUT", body: { stream } })).status).toBe(503);
    expect(requests()).toBe(2);
  });

  it("SR-81 sends once what was cut off after it was sent", async () => {
    const { call, requests } = await scene((request) => request.socket.destroy());
    await expect(call()).rejects.toMatchObject({ reason: "cut-off" });
    expect(requests()).toBe(1);
  });

  it("SR-80 waits as long as Retry-After says, and longer than 15 minutes not at all", async () => {
    const answers = ["60", "901"];
    const { call, waits } = await scene((_request, response) => {
      response.writeHead(429, { "retry-after": answers.shift() ?? "1" }).end();
    });
    const answer = await call();
    expect([answer.status, answer.headers.get("retry-after"), waits]).toEqual([429, "901", [61_000]]);
  });

  it("tells of each attempt as it ends, with the pause before the next", async () => {
    const statuses = [503, 429];
    const { call } = await scene((_request, response) => {
      response.writeHead(statuses.shift() ?? 200, { "retry-after": "2" }).end("ok");
    });
    const attempts: Attempt[] = [];
    const answer = await call({}, { onAttempt: (attempt) => attempts.push(attempt) });
    // Told before the body was read, which the caller may never do.
    const told = { at: expect.any(Date), tookMs: expect.any(Number) };
    expect(attempts).toEqual([
      { ...told, status: 503, waitMs: 3000 },
      { ...told, status: 429, waitMs: 4000 },
      { ...told, status: 200 },
    ]);
    await answer.body.cancel();
  });

  it("tells of attempts that were not answered, and of none that was not made", async () => {
    const { call } = await scene((request) => request.socket.destroy());
    const attempts: Attempt[] = [];
    const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
    await expect(call({}, { onAttempt })).rejects.toMatchObject({ reason: "cut-off" });
    expect(attempts).toEqual([
      { at: expect.any(Date), tookMs: expect.any(Number), failure: expect.stringContaining("connection ended") },
    ]);
    await expect(call({ url: "http://10.0.0.1/" }, { onAttempt })).rejects.toMatchObject({ code: "address_refused" });
    for (let failure = 0; failure < 4; failure++) await call().catch(() => {});
    await expect(call({}, { onAttempt })).rejects.toMatchObject({ reason: "host-paused" });
    expect(attempts).toHaveLength(1);
  });

  it("tells what is left of the allowance of a lane, and nothing of what others told", async () => {
    let left = 3;
    const { call } = await scene((_request, response) => {
      left -= 1;
      response.writeHead(
        left === 0 ? 503 : 200,
        left < 2 ? { "ratelimit-limit": "3", "ratelimit-remaining": left } : {},
      );
      response.end();
    });
    const attempts: Attempt[] = [];
    const lane = { key: "connection", rate: { requestsPerSecond: 100, atOnce: 1 } };
    const heard = { lane, repeatable: false, onAttempt: (attempt: Attempt) => void attempts.push(attempt) };
    for (const key of ["connection", "connection", "connection", "another"]) {
      left = Math.max(left, key === "another" ? 9 : 0);
      await (await call({}, { ...heard, lane: { ...lane, key } })).body.cancel();
    }
    expect(attempts.map(({ status, quota }) => [status, quota?.remaining])).toEqual([
      [200, undefined],
      [200, 1],
      [503, 0],
      [200, undefined],
    ]);
  });

  it("SR-80 repeats no refusal of ours", async () => {
    const { call, waits } = await scene((_request, response) => response.end());
    await expect(call({ url: "http://10.0.0.1/" })).rejects.toMatchObject({ code: "address_refused" });
    expect(waits).toEqual([]);
  });

  it("holds a turn until the body was read or cancelled", async () => {
    const { call } = await scene((_request, response) => response.end("body"));
    const lane = { key: "connection", rate: { requestsPerSecond: 100, atOnce: 1 } };
    const first = await call({}, { lane });
    let entered = false;
    const second = call({}, { lane }).then((response) => {
      entered = true;
      return response;
    });
    // The first answer is read through a whole request of somebody else, who has a lane of their own.
    await readText(await call());
    expect(entered).toBe(false);
    expect(await readText(first)).toBe("body");
    await (await second).body.cancel();
    expect(await readText(await call({}, { lane }))).toBe("body");
  });
});
