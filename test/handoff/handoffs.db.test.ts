import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ConnectionId, type HandoffId, newId } from "#core/ids.ts";
import { deleteConnection } from "#domain/connections/delete-connection.ts";
import { setCredential } from "#domain/connections/set-credential.ts";
import { updateConnection } from "#domain/connections/update-connection.ts";
import { deleteSync } from "#domain/syncs/delete-sync.ts";
import { listHandoffs } from "#domain/syncs/handoffs/list-handoffs.ts";
import { handStoredOver, replayHandoffs } from "#domain/syncs/handoffs/replay.ts";
import { readHome } from "#domain/syncs/home.ts";
import { updateSync } from "#domain/syncs/update-sync.ts";
import { serve } from "#outbound/testing/loopback.ts";
import { s3 } from "#providers/s3/index.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aHandedSync, type HandedSync } from "./a-handed-sync.ts";

let test: TestDatabase;
const made: HandedSync[] = [];

beforeAll(async () => {
  test = await testDatabase();
});
afterEach(async () => {
  await Promise.all(made.splice(0).map((sync) => sync.end()));
});
afterAll(() => test.close());

async function make(options: Parameters<typeof aHandedSync>[1] = {}): Promise<HandedSync> {
  const sync = await aHandedSync(test.database, options);
  made.push(sync);
  return sync;
}

const documents = { "a.pdf": "one", "b.pdf": "two", "c.pdf": "three" };
const states = async (sync: HandedSync) => (await sync.handoffs()).map(({ state }) => state);

describe("the outbox", () => {
  it("has every stored version once, from the transaction that stored it", async () => {
    const sync = await make();
    await sync.write(documents);
    await sync.run();
    const [queued] = await sync.sql<{ together: number }>`
      select count(*)::int as together from handoffs h join files f on f.id = h.file_id
       where h.version = f.object_version and h.xmin = f.xmin`;
    expect(queued?.together).toBe(3);
    expect(await states(sync)).toEqual(["queued", "queued", "queued"]);

    await sync.run();
    expect(await sync.handoffs()).toHaveLength(3);
    await sync.write({ "a.pdf": "one, changed" });
    await sync.run();
    expect((await sync.handoffs()).map(({ name }) => name)).toEqual(["a.pdf", "a.pdf", "b.pdf", "c.pdf"]);
  });

  it("says nothing of a file that is only called otherwise, and nothing twice that is copied again", async () => {
    const sync = await make();
    await sync.write({ "a.pdf": "one" });
    await sync.run();
    await sync.deliver();
    // As after the object was lost: the same version is stored once more.
    await sync.sql`update files set state = 'failed', object_key = null where not is_folder`;
    await sync.run("retry");
    expect(await sync.stored()).toEqual({ "a.pdf": "one" });
    await sync.deliver();
    expect(await sync.handoffs()).toMatchObject([{ state: "delivered", attempts: 1 }]);
    expect(sync.messages()).toMatchObject([{ received: 1 }]);
  });

  it("goes back with the transaction, and queues nothing for a sync without a receiver", async () => {
    const sync = await make();
    await updateSync(sync.deps, sync.caller, sync.sync, { handoff: null });
    await sync.write(documents);
    await sync.run();
    expect(await sync.handoffs()).toEqual([]);
    await updateSync(sync.deps, sync.caller, sync.sync, { handoff: { connection_id: sync.receiver } });
    const before = await listHandoffs(sync.deps, sync.workspace, sync.sync, { limit: 10 });
    expect(before).toMatchObject({ items: [], counts: { unknown: 3 } });
    expect(await handStoredOver(sync.deps, sync.caller, sync.sync)).toBe(3);
    expect(await handStoredOver(sync.deps, sync.caller, sync.sync)).toBe(0);
    await sync.deliver();
    expect(sync.messages()).toHaveLength(3);
  });
});

describe("delivering", () => {
  it("tells the receiver where each file is, signed, and keeps what it answered", async () => {
    const sync = await make();
    await sync.write(documents);
    await sync.run();
    await sync.deliver();
    const rows = await sync.handoffs();
    expect(rows).toMatchObject([
      { state: "delivered", attempts: 1, answer: { status: 202, job: expect.stringMatching(/^job_/) } },
      { state: "delivered" },
      { state: "delivered" },
    ]);
    expect(
      sync
        .messages()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(rows.map(({ id }) => id).toSorted());
    const [message] = sync.messages().filter(({ id }) => id === rows[0]?.id);
    expect(message?.payload).toMatchObject({
      type: "document.ready",
      tenant_id: "yacht-042",
      document: {
        filename: "a.pdf",
        size_bytes: 3,
        source: "local-folder",
        path: [],
        storage: { kind: "local-folder", bucket: "target", path: `yard-${sync.workspace}/copy/a.pdf` },
      },
    });
    expect((await listHandoffs(sync.deps, sync.workspace, sync.sync, { limit: 2 })).next).toBeDefined();
  });

  it("SR-69 sends once more after a kill between sending and noting, under the same id, and the work is done once", async () => {
    const sync = await make();
    await sync.write(documents);
    await sync.run();
    await sync.deliver();
    // As a process leaves it that was killed when the receiver had it and no row said so.
    await sync.sql`update handoffs set state = 'sending', next_attempt_at = clock_timestamp() + interval '4 minutes', payload = null`;
    await sync.deliver(sync.aProcess());
    expect(sync.messages().map(({ received }) => received)).toEqual([1, 1, 1]);
    await sync.later();
    await sync.deliver(sync.aProcess());
    expect(sync.messages().map(({ received, processed }) => [received, processed])).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
    ]);
    expect(await sync.handoffs()).toMatchObject([
      { state: "delivered", attempts: 2, answer: { duplicate: true } },
      { state: "delivered" },
      { state: "delivered" },
    ]);
  });

  it("takes an answer that was lost for none, and sends the same text again", async () => {
    const sync = await make();
    await sync.write({ "a.pdf": "one" });
    await sync.run();
    sync.simulator.faults.failNext({ loseAnswer: true }, { method: "POST" });
    await sync.deliver();
    expect(await sync.handoffs()).toMatchObject([{ state: "queued", attempts: 1, failures: 1, waits_s: 5 }]);
    await sync.later();
    await sync.deliver();
    // Another text under this id would have been answered by a conflict.
    expect(await sync.handoffs()).toMatchObject([{ state: "delivered", answer: { status: 200, duplicate: true } }]);
    expect(sync.messages()).toMatchObject([{ processed: 1, attempts: [1, 2] }]);
  });

  it("is done by several processes, each attempt by one of them", async () => {
    const sync = await make();
    await sync.write(Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`${number}.txt`, `${number}`])));
    await sync.run();
    await Promise.all([sync.aProcess(), sync.aProcess(), sync.aProcess()].map((by) => sync.deliver(by)));
    expect(sync.messages()).toHaveLength(40);
    expect(sync.messages().every(({ received }) => received === 1)).toBe(true);
    expect((await sync.handoffs()).every(({ state, attempts }) => state === "delivered" && attempts === 1)).toBe(true);
  });

  it("has at most eight under way at one receiver, over all processes", async () => {
    let now = 0;
    let most = 0;
    const server = await serve(async (_, reply) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now -= 1;
      reply.writeHead(202).end();
    });
    const sync = await make({ port: server.port });
    await sync.write(Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`${number}.txt`, `${number}`])));
    await sync.run();
    await Promise.all([sync.aProcess(), sync.aProcess()].map((by) => sync.deliver(by)));
    await sync.deliver();
    expect(new Set(await states(sync))).toEqual(new Set(["delivered"]));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it("writes down together what came together, and takes as many anew", async () => {
    const files = 48;
    let waiting: (() => void)[] = [];
    let taken = 0;
    // Answers eight at a time.
    const server = await serve((request, reply) => {
      const answer = () => void reply.writeHead(202).end();
      if (request.headers["webhook-id"] === "evt_00000000000000000000000000") return answer();
      waiting.push(answer);
      taken += 1;
      if (waiting.length < 8 && taken < files) return;
      for (const one of waiting) one();
      waiting = [];
    });
    const sync = await make({ port: server.port });
    await sync.write(Object.fromEntries(Array.from({ length: files }, (_, number) => [`${number}.txt`, `${number}`])));
    await sync.run();
    await sync.deliver();
    const [rows] = await sync.sql<{ delivered: number; commits: number }>`
      select count(*)::int as delivered, count(distinct xmin::text)::int as commits from handoffs where state = 'delivered'`;
    expect(rows?.delivered).toBe(files);
    expect(rows?.commits).toBeLessThanOrEqual(files / 2);
  });

  it("hands back what it had taken ahead when the receiver is to be left alone, without counting it", async () => {
    let asked = 0;
    const server = await serve((request, reply) => {
      const isDocument = request.headers["webhook-id"] !== "evt_00000000000000000000000000";
      if (isDocument) asked += 1;
      reply.writeHead(asked > 20 ? 401 : 202).end();
    });
    const sync = await make({ port: server.port });
    await sync.write(Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`${number}.txt`, `${number}`])));
    await sync.run();
    await sync.deliver();
    expect(await sync.connectionStatus()).toMatchObject({ status: "needs_authorization" });
    expect(asked).toBeLessThanOrEqual(28);
    const rows = await sync.handoffs();
    expect(rows.filter(({ state }) => state === "delivered")).toHaveLength(20);
    expect(rows.filter(({ state }) => state === "queued")).toHaveLength(40);
    expect(rows.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(asked);
  });

  it("does not send again what went well beside an attempt that cannot be written down", async () => {
    const sync = await make();
    await sync.write(documents);
    await sync.run();
    const [b] = await sync.sql<{ id: string }>`select id from files where name = 'b.pdf'`;
    const superuser = await test.superuser();
    await superuser.query(
      `create function hawser.refuse() returns trigger language plpgsql as 'begin raise exception ''refused''; end';
       create trigger refuse before update on hawser.handoffs for each row
         when (new.state = 'delivered' and new.file_id = '${b?.id}') execute function hawser.refuse()`,
    );
    try {
      await expect(sync.deliver()).rejects.toThrow("refused");
      expect(await states(sync)).toEqual(["delivered", "sending", "delivered"]);
    } finally {
      await superuser.query("drop trigger refuse on hawser.handoffs; drop function hawser.refuse()");
    }
    await sync.later();
    await sync.deliver();
    expect(await states(sync)).toEqual(["delivered", "delivered", "delivered"]);
    expect(
      sync
        .messages()
        .map(({ received }) => received)
        .toSorted(),
    ).toEqual([1, 1, 2]);
  });

  it("hands back at a stop what is under way, without counting it as failed", async () => {
    const sync = await make();
    await sync.write({ "a.pdf": "one" });
    await sync.run();
    sync.simulator.faults.failNext({ hang: true }, { method: "POST" });
    const stop = new AbortController();
    const delivering = sync.deliver(sync.deps, stop.signal);
    await expect.poll(() => states(sync)).toEqual(["sending"]);
    stop.abort(new Error("the process is stopping"));
    await expect(delivering).rejects.toThrow("stopping");
    expect(await sync.handoffs()).toMatchObject([{ state: "queued", failures: 0, waits_s: 0 }]);
    // The stop may have come before the request did, which the service then still waits for.
    sync.simulator.faults.clear();
    await sync.deliver();
    expect(await states(sync)).toEqual(["delivered"]);
  });

  it("passes over a version that is not there any more", async () => {
    const sync = await make();
    const others = ["d", "e", "f", "g", "h"].map((name) => [`${name}.txt`, name]);
    await sync.write({ ...documents, ...Object.fromEntries(others) });
    await sync.run();
    await sync.write({ "a.pdf": "one, changed" });
    await unlink(join(sync.source, "b.pdf"));
    await sync.run();
    await sync.deliver();
    const pdfs = (await sync.handoffs()).filter(({ name }) => name.endsWith(".pdf"));
    expect(pdfs.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
      "a.pdf delivered",
      "a.pdf outdated",
      "b.pdf outdated",
      "c.pdf delivered",
    ]);
  });
});

describe("a place in a bucket", () => {
  it("is told by the bucket and the name that the object has there", async () => {
    const sync = await make();
    await sync.write({ "a b.pdf": "one" });
    await sync.run();
    const bucket = newId<ConnectionId>();
    await sync.sql`
      insert into connections (workspace_id, id, provider, name, config, status)
      values (${sync.workspace}, ${bucket}, 's3', 'Bucket', '{"bucket": "archive", "region": "eu-central-1"}', 'active')`;
    const destination = { kind: "store", connection_id: bucket, folder: "yacht-042/Drawings", layout: "mirror" };
    await sync.change({ destination: JSON.stringify(destination) });
    const providers = new Map([...sync.deps.providers, ["s3", s3()] as const]);
    await sync.deliver({ ...sync.deps, providers });
    expect(sync.messages()).toMatchObject([
      { payload: { document: { storage: { kind: "s3", bucket: "archive", path: "yacht-042/Drawings/a b.pdf" } } } },
    ]);
  });

  it("that cannot be told now holds only its own file back", async () => {
    const sync = await make();
    await sync.write({ "a.pdf": "one" });
    await sync.run();
    const destination = { kind: "store", connection_id: newId<ConnectionId>(), folder: "f", layout: "mirror" };
    await sync.change({ destination: JSON.stringify(destination) });
    await sync.deliver();
    expect(await sync.handoffs()).toMatchObject([{ state: "queued", attempts: 0, failures: 0, waits_s: 600 }]);
  });
});

describe("the bytes", () => {
  it("come along in the inline mode, as they are stored", async () => {
    const sync = await make({ config: { mode: "inline" } });
    await sync.write({ "a.pdf": "test", 'b "quoted" é.bin': new Uint8Array(300_000).fill(7), "c.txt": "" });
    await sync.run();
    await sync.deliver();
    // The receiver has compared hash and size of each with what was announced.
    expect(await states(sync)).toEqual(["delivered", "delivered", "delivered"]);
    expect(JSON.stringify(sync.messages())).not.toContain("storage");
  });

  it("are told of by reference to a receiver that does not take so many, once", async () => {
    const sync = await make({ config: { mode: "inline" } });
    sync.simulator.receiver.mostInlineBytes = 1_000;
    await sync.write({ "a.bin": new Uint8Array(5_000), "b.txt": "b" });
    await sync.run();
    await sync.deliver();
    expect(await states(sync)).toEqual(["delivered", "delivered"]);
    const types = sync.messages().map(({ payload }) => (payload as { type: string }).type);
    expect(types.toSorted()).toEqual(["document.inline", "document.ready"]);
  });

  it("go to an older receiver in its own form, with either signature", async () => {
    for (const formula of ["sha256-concat", "hmac-sha256"] as const) {
      const credential = { secret: `simulated-salt-${"x".repeat(8)}` };
      const simulated = { config: { mode: "compatible", legacy_signature: formula }, credential };
      const sync = await make(simulated);
      sync.tenant.salt = credential.secret;
      sync.simulator.receiver.older_signature = { formula, key: "text" };
      await sync.sql`update connections set status = 'active', account_id = 'yacht-042', failure = null where id = ${sync.receiver}`;
      await sync.write({ "a.pdf": "test" });
      await sync.run();
      await sync.deliver();
      expect(await sync.handoffs()).toMatchObject([{ state: "delivered", answer: { status: 200 } }]);
      expect(sync.simulator.receiver.older).toMatchObject([
        { filename: "a.pdf", data: { yacht_id: "yacht-042", source: "nas", doc_type: "general" } },
      ]);
    }
  });

  it("that are not there are no reason to give up at once", async () => {
    const sync = await make({ config: { mode: "inline" } });
    await sync.write({ "a.pdf": "test" });
    await sync.run();
    await unlink(join(sync.destination, "a.pdf"));
    await sync.deliver();
    expect(await sync.handoffs()).toMatchObject([
      { state: "queued", failures: 1, answer: { reason: "The stored file is not where it was stored." } },
    ]);
  });
});

describe("an answer", () => {
  it("of no ends the hand-off of this file alone, with its reason, until somebody sends it again", async () => {
    const sync = await make();
    sync.simulator.receiver.refuse = (payload) =>
      JSON.stringify(payload).includes("b.pdf") ? { code: "unreadable", message: "No text in it." } : undefined;
    await sync.write(documents);
    await sync.run();
    await sync.deliver();
    const rows = await sync.handoffs();
    expect(rows.map(({ state }) => state)).toEqual(["delivered", "rejected", "delivered"]);
    expect(rows[1]?.answer).toMatchObject({
      status: 422,
      reason: expect.stringContaining("unreadable: No text in it"),
    });

    const { attention } = await readHome(sync.deps, sync.workspace);
    expect(attention).toMatchObject([
      { kind: "handoffs_failed", title: '1 file of "Drawings" was not taken by the receiver', sync: sync.sync },
    ]);

    sync.simulator.receiver.refuse = undefined;
    expect(await replayHandoffs(sync.deps, sync.caller, sync.sync, undefined)).toBe(1);
    await sync.deliver();
    expect(await sync.handoffs()).toMatchObject([{}, { id: rows[1]?.id, state: "delivered", attempts: 2 }, {}]);
    expect((await audited(sync)).at(-1)).toMatchObject({ action: "sync.handoffs_replayed", after: { handoffs: 1 } });
  });

  it("SR-69 that is none for long leads to the end of the plan, then to a person", async () => {
    const sync = await make();
    await sync.write({ "a.pdf": "one" });
    await sync.run();
    const waits: (number | null)[] = [];
    for (let round = 0; round < 10; round++) {
      sync.simulator.faults.failNext({ status: 503 }, { method: "POST" });
      // A process of its own each time: one remembers a host that fails, and rests.
      await sync.deliver(sync.aProcess());
      waits.push((await sync.handoffs())[0]?.waits_s ?? null);
      await sync.later();
    }
    expect(waits).toEqual([5, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400, null]);
    const [dead] = await sync.handoffs();
    expect(dead).toMatchObject({ state: "failed", attempts: 10, answer: { status: 503 } });
    await sync.deliver(sync.aProcess());
    expect(sync.messages()).toEqual([]);

    expect(await replayHandoffs(sync.deps, sync.caller, sync.sync, [dead?.id as HandoffId])).toBe(1);
    await sync.deliver(sync.aProcess());
    expect(await sync.handoffs()).toMatchObject([{ id: dead?.id, state: "delivered" }]);
  });

  it("says itself when to come back, an hour ahead at most", async () => {
    const sync = await make();
    await sync.write({ "a.pdf": "one" });
    await sync.run();
    for (const [asked, waited] of [
      ["120", 120],
      ["86400", 3600],
      [new Date(Date.now() + 600_000).toUTCString(), 600],
    ] as const) {
      sync.simulator.faults.failNext({ status: 503, headers: { "retry-after": asked } }, { method: "POST" });
      await sync.deliver(sync.aProcess());
      expect(await sync.handoffs()).toMatchObject([{ state: "queued", waits_s: waited }]);
      await sync.later();
    }
  });

  it("of a receiver that is down is not asked for by all files in turn", async () => {
    const sync = await make();
    await sync.write(Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`${number}.txt`, `${number}`])));
    await sync.run();
    sync.simulator.setDown("all");
    sync.simulator.log.clear();
    await sync.deliver();
    const asked = sync.simulator.log.entries.length;
    expect(asked).toBeLessThanOrEqual(16);
    await sync.deliver();
    expect(sync.simulator.log.entries).toHaveLength(asked);
    const rows = await sync.handoffs();
    expect(rows.reduce((sum, { failures }) => sum + failures, 0)).toBe(asked);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["queued"]));

    sync.simulator.setDown();
    await sync.later();
    await sync.deliver(sync.aProcess());
    expect(sync.messages()).toHaveLength(60);
  });

  it.each([
    [401, "needs_authorization", "does not accept the signature"],
    [403, "error", "does not let this tenant in"],
    [404, "error", "nobody takes documents at this address"],
    [405, "error", "nobody takes documents at this address"],
    [410, "error", "gone for good"],
    [307, "error", "follows nobody"],
  ])(
    "%i holds all files back, costs none of them an attempt of the plan, and is told",
    async (status, state, words) => {
      const sync = await make();
      await sync.write(documents);
      await sync.run();
      const location = "http://127.0.0.1:1/elsewhere";
      sync.simulator.faults.always({ status, headers: status === 307 ? { location } : {} }, { method: "POST" });
      await sync.deliver();
      expect(await sync.connectionStatus()).toMatchObject({
        status: state,
        failure: { message: expect.stringContaining(words) },
      });
      expect((await sync.handoffs()).map(({ state, failures }) => [state, failures])).toEqual(
        Array.from({ length: 3 }, () => ["queued", 0]),
      );
      sync.simulator.log.clear();
      await sync.deliver();
      expect(sync.simulator.log.entries).toEqual([]);

      sync.simulator.faults.clear();
      const secret = sync.tenant.secrets[0]!;
      await setCredential(sync.deps, sync.caller, sync.receiver, { credential: { secret }, otherAccount: false });
      await sync.deliver();
      expect(await states(sync)).toEqual(["delivered", "delivered", "delivered"]);
    },
  );

  it("is taken for what its status says, however long or odd its body", async () => {
    let answered = 0;
    const big = Buffer.alloc(10 * 1024 * 1024, "x");
    const server = await serve((request, reply) => {
      request.resume();
      answered += 1;
      if (answered === 1) reply.writeHead(200).end();
      else if (answered === 2) reply.writeHead(202, { "content-type": "text/html" }).end(big);
      else if (answered === 3) reply.writeHead(422).end(big);
      else if (answered === 4) reply.writeHead(202, { "content-length": "1000" }).write("half", () => reply.destroy());
      else reply.writeHead(200).end("<h1>\0\u0007\u202eok</h1>");
    });
    const sync = await make({ port: server.port });
    await sync.write({ "a.txt": "a", "b.txt": "b", "c.txt": "c", "d.txt": "d" });
    await sync.run();
    await sync.deliver();
    const rows = await sync.handoffs();
    expect(rows.map(({ state }) => state).toSorted()).toEqual(["delivered", "delivered", "delivered", "rejected"]);
    expect(Math.max(...rows.map(({ answer }) => answer?.body?.length ?? 0))).toBe(2000);
    expect(JSON.stringify(rows)).not.toMatch(/\\u0000|\\u0007/);
  });

  it("SR-75 shows no secret that the receiver sends back", async () => {
    const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
    const server = await serve((request, reply) => {
      request.resume();
      const asks = request.headers["webhook-id"] === "evt_00000000000000000000000000";
      reply.writeHead(asks ? 200 : 422, { "content-type": "application/json" });
      reply.end(JSON.stringify({ error: { code: "bad", message: `your secret is ${secret}` } }));
    });
    const sync = await make({ port: server.port, credential: { secret } });
    await sync.write({ "a.txt": "a" });
    await sync.run();
    await sync.deliver();
    const rows = JSON.stringify(await sync.handoffs());
    expect(rows).toContain("[secret]");
    expect(rows).not.toContain(secret);
  });
});

describe("keys and places", () => {
  it("are replaced while hand-offs wait, and all of them arrive", async () => {
    const sync = await make();
    await sync.write(documents);
    await sync.run();
    const old = sync.tenant.secrets[0]!;
    const next = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
    await setCredential(sync.deps, sync.caller, sync.receiver, {
      credential: { secret: next, previous_secret: old },
      otherAccount: false,
    });
    await sync.write({ "d.pdf": "four" });
    await sync.run();
    sync.tenant.secrets = [next];
    await sync.deliver();
    expect(sync.messages()).toHaveLength(4);
  });

  it("SR-16 that are private are refused, whatever listens there, and the connection says so", async () => {
    const server = await serve((_, reply) => reply.writeHead(202).end());
    const sync = await make({ port: server.port, exceptions: [] });
    await sync.sql`update connections set status = 'active', account_id = 'yacht-042', failure = null where id = ${sync.receiver}`;
    await sync.write({ "a.txt": "a" });
    await sync.run();
    await sync.deliver();
    expect(server.connections()).toBe(0);
    expect(await sync.handoffs()).toMatchObject([{ state: "queued", failures: 0 }]);
    expect(await sync.connectionStatus()).toMatchObject({ status: "error" });
  });

  it("SR-6 that are new get nothing until somebody has entered the secret for them", async () => {
    const sync = await make();
    await sync.write({ "a.txt": "a" });
    await sync.run();
    const other = await serve((_, reply) => reply.writeHead(202).end());
    const config = { base_url: other.origin, tenant_id: "yacht-042" };
    await updateConnection(sync.deps, sync.caller, sync.receiver, { config }).catch(() => {});
    await sync.sql`
      update connections set status = 'active', failure = null, config = ${JSON.stringify(config)}::jsonb
       where id = ${sync.receiver}`;
    await sync.deliver();
    expect(other.connections()).toBe(0);
    expect(await states(sync)).toEqual(["queued"]);
  });
});

describe("a sync's receiver", () => {
  it("is one of this workspace that takes documents, and only where files are stored", async () => {
    const sync = await make();
    const stranger = await make();
    const to = (connection: string) =>
      updateSync(sync.deps, sync.caller, sync.sync, { handoff: { connection_id: connection } });
    const refusal = (pointer: string) =>
      expect.objectContaining({ code: "invalid_request", errors: [expect.objectContaining({ pointer })] });
    await expect(to(stranger.receiver)).rejects.toEqual(refusal("/handoff/connection_id"));
    await expect(to("0198f5a4-0000-7000-8000-000000000001")).rejects.toEqual(refusal("/handoff/connection_id"));
    await expect(to("nothing")).rejects.toEqual(refusal("/handoff/connection_id"));
    await expect(to(sync.connection)).rejects.toEqual(refusal("/handoff/connection_id"));
    await sync.change({ destination: JSON.stringify({ kind: "none" }) });
    await expect(to(sync.receiver)).rejects.toEqual(refusal("/handoff"));
    await expect(listHandoffs(sync.deps, stranger.workspace, sync.sync, { limit: 1 })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(replayHandoffs(stranger.deps, stranger.caller, sync.sync, undefined)).rejects.toMatchObject({
      code: "not_found",
    });
    // Nor can a row from plain SQL name somebody else's.
    const handoff = JSON.stringify({ connection_id: stranger.receiver });
    await expect(sync.change({ handoff })).rejects.toThrow("syncs_handoff_connection_fkey");
  });

  it("is not deleted while the sync has it, and what waits goes to the next one or to nobody", async () => {
    const sync = await make();
    await sync.write(documents);
    await sync.run();
    await expect(deleteConnection(sync.deps, sync.caller, sync.receiver)).rejects.toMatchObject({
      code: "connection_in_use",
    });
    await updateSync(sync.deps, sync.caller, sync.sync, { handoff: null });
    expect(await states(sync)).toEqual(["cancelled", "cancelled", "cancelled"]);
    await sync.deliver();
    expect(sync.messages()).toEqual([]);
    await expect(replayHandoffs(sync.deps, sync.caller, sync.sync, undefined)).rejects.toMatchObject({
      code: "conflict",
    });
    await updateSync(sync.deps, sync.caller, sync.sync, { handoff: { connection_id: sync.receiver } });
    const [first] = await sync.handoffs();
    expect(await replayHandoffs(sync.deps, sync.caller, sync.sync, [first?.id as HandoffId])).toBe(1);
    await deleteSync(sync.deps, sync.caller, sync.sync);
    await sync.deliver();
    expect(sync.messages()).toEqual([]);
    expect(await states(sync)).toEqual(["cancelled", "cancelled", "cancelled"]);
  });
});

const audited = (sync: HandedSync) =>
  sync.sql<{ action: string; after: unknown }>`select action, after from audit_entries order by sequence`;
