// Both directions against the public library of Standard Webhooks: nobody here wrote it, and receivers use it.
import { buffer } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { FileId } from "#core/ids.ts";
import { setCredential } from "#domain/connections/set-credential.ts";
import { makeResultAddress } from "#domain/syncs/handoffs/make-result-address.ts";
import { findHandoffOfFile } from "#domain/syncs/handoffs/queries.ts";
import { openResults } from "#domain/syncs/handoffs/take-result.ts";
import { serve } from "#outbound/testing/loopback.ts";
import { readForm } from "#provider-kit/sim/multipart.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aServer } from "../support/server.ts";
import { aHandedSync } from "./a-handed-sync.ts";

const former = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const present = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const name = 'Schaltplan "ü".pdf';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

interface Taken {
  headers: Record<string, string>;
  body: Buffer;
}

/** A sync with one file for a receiver that takes all and keeps it as it came over the wire. */
async function aHandedFile(config: Record<string, unknown> = {}) {
  const taken: Taken[] = [];
  const server = await serve(async (request, reply) => {
    taken.push({ headers: request.headers as Record<string, string>, body: await buffer(request) });
    reply.writeHead(202, { "content-type": "application/json" }).end("{}");
  });
  const sync = await aHandedSync(test.database, {
    port: server.port,
    credential: { secret: former },
    config,
  });
  onTestFinished(() => sync.end());
  await sync.write({ [name]: "test" });
  await sync.run();
  return { sync, taken };
}

it.each([
  ["by reference", "reference", ({ body }: Taken) => body],
  [
    "with its bytes",
    "inline",
    ({ headers, body }: Taken) =>
      Buffer.from(readForm(body, headers["content-type"] ?? "")?.find((part) => part.name === "meta")?.bytes ?? ""),
  ],
] as const)(
  "SR-69 what was handed over %s is genuine to the public library, and nothing else is",
  async (_, mode, signed) => {
    const { sync, taken } = await aHandedFile({ mode });
    await setCredential(sync.deps, sync.caller, sync.receiver, {
      credential: { secret: present, previous_secret: former },
      otherAccount: false,
    });
    taken.length = 0;
    await sync.deliver();
    expect(taken).toHaveLength(1);
    const [{ headers, body }] = taken as [Taken];
    const payload = signed({ headers, body });
    for (const secret of [present, former]) {
      expect(new Webhook(secret).verify(payload, headers)).toMatchObject({
        tenant_id: sync.tenant.id,
        document: { filename: name, size_bytes: 4 },
      });
    }
    const verify = (bytes: Buffer, more: object = {}, secret = present) =>
      new Webhook(secret).verify(bytes, { ...headers, ...more });
    expect(() => verify(Buffer.concat([payload, Buffer.from(" ")]))).toThrow("No matching signature");
    expect(() => verify(payload, { "webhook-id": "evt_01J8ZQ3K5T9W7V6M2N4P8R0S1A" })).toThrow("No matching signature");
    expect(() => verify(payload, { "webhook-timestamp": `${Number(headers["webhook-timestamp"]) - 1}` })).toThrow(
      "No matching signature",
    );
    expect(() => verify(payload, {}, `whsec_${Buffer.alloc(32, 6).toString("base64")}`)).toThrow(
      "No matching signature",
    );
  },
);

it("SR-66 what the public library signs is taken as a result, and nothing of it may be changed", async () => {
  const { sync } = await aHandedFile();
  await sync.deliver();
  const server = await aServer({ deps: { takeResult: openResults(sync.deps) } });
  onTestFinished(() => server.end());
  const address = await makeResultAddress(sync.deps, sync.caller, sync.receiver);
  const [file] = await sync.sql<{ id: FileId }>`select id from files where not is_folder`;
  const id = file?.id as FileId;
  const payload = JSON.stringify({
    type: "document.processed",
    tenant_id: sync.tenant.id,
    document: { id },
    job_id: "job_1",
    result: { title: "Schaltplan ü" },
  });
  const report = async ({ at = new Date(), body = payload, secret = address.secret } = {}) => {
    const message = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
    const headers = {
      "content-type": "application/json",
      "x-tenant-id": sync.tenant.id,
      "webhook-id": message,
      "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
      "webhook-signature": new Webhook(secret).sign(message, at, payload),
    };
    return (await server.fetch(new Request(address.url, { method: "POST", headers, body }))).status;
  };
  expect(await report({ body: payload.replace("job_1", "job_2") })).toBe(404);
  expect(await report({ secret: former })).toBe(404);
  expect(await report({ at: new Date(Date.now() - 400_000) })).toBe(404);
  expect(await report()).toBe(202);
  const known = await test.database.asWorkspace({ workspace: sync.workspace }, (tx) => findHandoffOfFile(tx, id));
  expect(known?.result).toMatchObject({ ok: true, job: "job_1", body: '{"title":"Schaltplan ü"}' });
});
