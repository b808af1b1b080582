import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { signRequest } from "#outbound/sign.ts";
import { Secret } from "#vault/secret.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { aHandedSync } from "./a-handed-sync.ts";

const example = join(import.meta.dirname, "../../docs/examples/receive-documents.mjs");
const secret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const other = `whsec_${Buffer.alloc(32, 3).toString("base64")}`;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

/** The example as its document says to start it. */
async function aReceiver(port: number, home: string, secrets = secret): Promise<ChildProcess> {
  const env = {
    TENANT: "yacht-042",
    SECRET: secrets,
    PREFIX: "yard-",
    STORE: join(home, "received.jsonl"),
    PORT: `${port}`,
  };
  const child = spawn(process.execPath, [example], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

function aHome(): string {
  const home = temporaryFolder();
  onTestFinished(() => removeFolder(home));
  return home;
}

it("the example takes what Hawser sends, once, also when it was killed in between", async () => {
  const [port, home] = [await freePort(), aHome()];
  const first = await aReceiver(port, home);
  const sync = await aHandedSync(test.database, { port, credential: { secret } });
  onTestFinished(() => sync.end());
  expect(await sync.connectionStatus()).toMatchObject({ status: "active" });
  await sync.write({ "a.pdf": "one", 'b "ü".pdf': "two" });
  await sync.run();
  await sync.deliver();
  const taken = await sync.handoffs();
  expect(taken).toMatchObject([
    { state: "delivered", answer: { status: 202, job: expect.stringMatching(/^job_/) } },
    { state: "delivered" },
  ]);

  first.kill("SIGKILL");
  await once(first, "exit");
  await sync.sql`update handoffs set state = 'queued', next_attempt_at = now()`;
  await sync.deliver();
  expect((await sync.handoffs()).map(({ state }) => state)).toEqual(["queued", "queued"]);
  await aReceiver(port, home, `${other} ${secret}`);
  await sync.later();
  await sync.deliver(sync.aProcess());
  expect(await sync.handoffs()).toMatchObject(
    taken.map(({ id, answer }) => ({
      id,
      state: "delivered",
      answer: { status: 200, duplicate: true, job: answer?.job },
    })),
  );
});

describe("the example refuses", () => {
  const id = "evt_01J8ZQ3K5T9W7V6M2N4P8R0S1A";
  const message = (more: object = {}) => ({
    type: "document.ready",
    tenant_id: "yacht-042",
    document: { storage: { path: "yard-1/a.pdf" } },
    ...more,
  });

  const sendTo = async (
    port: number,
    body: string,
    { key = secret, at = new Date(), tenant = "yacht-042", sent = body, type = "application/json" } = {},
  ) => {
    const url = new URL(`http://127.0.0.1:${port}/v1/documents`);
    const { headers } = signRequest(
      { url, headers: { "x-tenant-id": tenant, "content-type": type }, message: { id, payload: body } },
      { secret: new Secret(key), origins: [url.origin], place: { kind: "webhook-signature" } },
      at,
    );
    const answer = await fetch(url, { method: "POST", headers, body: sent });
    return [answer.status, (await answer.json()).error?.code];
  };

  it("what is forged, late, another tenant's, elsewhere, too large or different under the same id", async () => {
    const port = await freePort();
    await aReceiver(port, aHome());
    const body = JSON.stringify(message());
    const send = (text = body, more: Parameters<typeof sendTo>[2] = {}) => sendTo(port, text, more);
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);

    expect(await send(body, { key: other })).toEqual([401, "signature_invalid"]);
    expect(await send(body, { sent: body.replace("a.pdf", "b.pdf") })).toEqual([401, "signature_invalid"]);
    expect(await send(body, { tenant: "yacht-043" })).toEqual([401, "signature_invalid"]);
    expect(await send(body, { at: minutes(-6) })).toEqual([401, "timestamp_out_of_range"]);
    expect(await send(body, { at: minutes(6) })).toEqual([401, "timestamp_out_of_range"]);
    expect(await send(body, { type: "text/plain" })).toEqual([415, "unsupported_media_type"]);
    expect(await send(JSON.stringify(message({ tenant_id: "yacht-043" })))).toEqual([403, "tenant_mismatch"]);
    expect(await send(JSON.stringify(message({ document: {} })))).toEqual([422, "not_a_document"]);
    const elsewhere = { document: { storage: { path: "other/a.pdf" } } };
    expect(await send(JSON.stringify(message(elsewhere)))).toEqual([422, "foreign_storage"]);
    expect(await send(JSON.stringify(message({ more: "x".repeat(70_000) })))).toEqual([413, "too_large"]);
    expect(await send("{")).toEqual([403, "tenant_mismatch"]);

    expect(await send()).toEqual([202, undefined]);
    expect(await send()).toEqual([200, undefined]);
    expect(await send(JSON.stringify(message({ version: 1 })))).toEqual([409, "idempotency_conflict"]);
  });
});
