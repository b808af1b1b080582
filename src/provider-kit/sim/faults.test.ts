import { describe, expect, it } from "vitest";
import { ConnectionLost, Faults, throughFault } from "./faults.ts";

const good = async () => Response.json({ ok: true });
const open = new AbortController().signal;

describe("which requests a fault hits", () => {
  it("is the next one that fits by method and beginning of the path, and no other", () => {
    const faults = new Faults();
    faults.failNext({ status: 500 }, { method: "POST", path: "/token" });
    expect(faults.take("GET", "/token")).toBeUndefined();
    expect(faults.take("POST", "/api/token")).toBeUndefined();
    expect(faults.take("POST", "/token/a")).toEqual({ status: 500 });
    expect(faults.take("POST", "/token")).toBeUndefined();
  });

  it("is as many as were asked for, in the order in which they were", () => {
    const faults = new Faults();
    faults.failNext({ status: 500 }, {}, 2);
    faults.failNext({ status: 503 });
    const taken = [1, 2, 3, 4].map(() => faults.take("GET", "/")?.status);
    expect(taken).toEqual([500, 500, 503, undefined]);
  });

  it("is every one until faults are cleared", () => {
    const faults = new Faults();
    faults.always({ status: 503 }, { path: "/api" });
    for (let times = 0; times < 50; times++) expect(faults.take("GET", "/api/x")?.status).toBe(503);
    faults.clear();
    expect(faults.take("GET", "/api/x")).toBeUndefined();
  });
});

describe("SR-105 what a fault does", () => {
  it.each([200, 204, 301, 304, 400, 401, 403, 404, 418, 425, 429, 451, 500, 502, 503, 504, 599])(
    "answers %i in place of the simulator, which does nothing",
    async (status) => {
      let asked = 0;
      const reply = await throughFault({ status, headers: { "retry-after": "7" } }, open, async () => {
        asked++;
        return good();
      });
      expect([reply.status, reply.headers.get("retry-after"), asked]).toEqual([status, "7", 0]);
    },
  );

  it("sends a text as a page and everything else as JSON", async () => {
    const page = await throughFault({ status: 502, body: "<h1>Bad gateway</h1>" }, open, good);
    expect([page.headers.get("content-type"), await page.text()]).toEqual(["text/html", "<h1>Bad gateway</h1>"]);
    const json = await throughFault({ status: 400, body: { error: "slow_down" } }, open, good);
    expect([json.headers.get("content-type"), await json.json()]).toEqual(["application/json", { error: "slow_down" }]);
  });

  it("does the work and loses the answer", async () => {
    let done = 0;
    const lost = throughFault({ loseAnswer: true }, open, async () => {
      done++;
      return good();
    });
    await expect(lost).rejects.toBeInstanceOf(ConnectionLost);
    expect(done).toBe(1);
  });

  it("hangs without doing the work, until nobody waits any more", async () => {
    const leaving = new AbortController();
    let done = 0;
    const hanging = throughFault({ hang: true }, leaving.signal, async () => {
      done++;
      return good();
    });
    leaving.abort();
    await expect(hanging).rejects.toBeInstanceOf(ConnectionLost);
    expect(done).toBe(0);
  });

  it("breaks a body off after so many bytes, having promised all of them", async () => {
    const reply = await throughFault({ cutAfter: 5 }, open, good);
    expect(reply.headers.get("content-length")).toBe(String('{"ok":true}'.length));
    const reader = reply.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('{"ok"');
    await expect(reader?.read()).rejects.toBeInstanceOf(ConnectionLost);
  });

  it("ends a body early as if that were all of it", async () => {
    const reply = await throughFault({ truncateAfter: 5 }, open, good);
    expect([await reply.text(), reply.headers.get("content-length")]).toEqual(['{"ok"', null]);
  });

  it("changes bytes and leaves their number", async () => {
    const reply = await throughFault({ corrupt: true }, open, good);
    const bytes = new Uint8Array(await reply.arrayBuffer());
    expect(bytes.length).toBe('{"ok":true}'.length);
    expect(new TextDecoder().decode(bytes)).not.toBe('{"ok":true}');
  });

  it("calls a body what it is not", async () => {
    const reply = await throughFault({ mislabel: "text/html" }, open, good);
    expect([reply.headers.get("content-type"), await reply.json()]).toEqual(["text/html", { ok: true }]);
  });
});
