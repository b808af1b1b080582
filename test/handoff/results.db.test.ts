import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { FileId } from "#core/ids.ts";
import { makeResultAddress } from "#domain/syncs/handoffs/make-result-address.ts";
import { findHandoffOfFile } from "#domain/syncs/handoffs/queries.ts";
import { openResults } from "#domain/syncs/handoffs/take-result.ts";
import { reportTo } from "#providers/document-processing/simulated-results.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aServer, type TestServer } from "../support/server.ts";
import { aHandedSync, type HandedSync } from "./a-handed-sync.ts";

let test: TestDatabase;
let server: TestServer;
let sync: HandedSync;
let address: { url: string; secret: string };
let document: FileId;

beforeAll(async () => {
  test = await testDatabase();
  server = await aServer({ deps: { takeResult: (place, delivery) => openResults(sync.deps)(place, delivery) } });
});
beforeEach(async () => {
  sync = await aHandedSync(test.database);
  await sync.write({ "a.pdf": "one" });
  await sync.run();
  address = await makeResultAddress(sync.deps, sync.caller, sync.receiver);
  [document] = (await sync.sql<{ id: FileId }>`select id from files where not is_folder`).map(({ id }) => id) as [
    FileId,
  ];
});
afterEach(() => sync.end());
afterAll(async () => {
  await server.end();
  await test.close();
});

const processed = (more: object = {}) => ({
  type: "document.processed",
  document: { id: document },
  job_id: "job_1",
  result: { pages: 12 },
  ...more,
});

type About = Partial<Parameters<typeof reportTo>[1]> & { secret?: string; url?: string };

async function report({ secret = address.secret, url = address.url, ...about }: About = {}): Promise<number> {
  const usual = { tenant: "yacht-042", id: "evt_01J8ZQ3K5T9W7V6M2N4P8R0S1A", at: new Date(), report: processed() };
  return (await server.fetch(reportTo({ url, secret }, { ...usual, ...about }))).status;
}

const known = async () =>
  (await test.database.asWorkspace({ workspace: sync.workspace }, (tx) => findHandoffOfFile(tx, document)))?.result;

it("what the receiver made of a document stands with it", async () => {
  await sync.deliver();
  expect(await report()).toBe(202);
  expect(await known()).toMatchObject({ ok: true, job: "job_1", body: '{"pages":12}' });
  const failed = { type: "document.failed", error: { code: "unreadable", message: "No text.", retryable: false } };
  expect(await report({ at: new Date(Date.now() + 2_000), report: processed(failed) })).toBe(202);
  expect(await known()).toMatchObject({ ok: false, reason: "unreadable: No text." });
});

it("it may come before our own request has been answered, and not before we have told of the document", async () => {
  expect(await report()).toBe(404);
  await sync.sql`update handoffs set state = 'sending', attempts = 1, first_sent_at = now()`;
  expect(await report()).toBe(202);
  expect(await known()).toMatchObject({ ok: true });
});

it("SR-66 SR-67 what is forged, late, another tenant's or about nothing of ours is answered alike, and changes nothing", async () => {
  await sync.deliver();
  const stranger = await aHandedSync(test.database);
  const theirs = await makeResultAddress(stranger.deps, stranger.caller, stranger.receiver);
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  const other = `whsec_${Buffer.alloc(32, 4).toString("base64")}`;
  expect(await report({ secret: other })).toBe(404);
  expect(await report({ at: minutes(-6) })).toBe(404);
  expect(await report({ at: minutes(6) })).toBe(404);
  expect(await report({ tenant: "yacht-043" })).toBe(404);
  expect(await report({ claims: "yacht-043" })).toBe(404);
  expect(await report({ report: processed({ type: "document.guessed" }) })).toBe(404);
  expect(await report({ report: processed({ document: { id: "0198f5a4-0000-7000-8000-000000000001" } }) })).toBe(404);
  expect(await report({ report: processed({ document: { id: "nothing" } }) })).toBe(404);
  expect(await report({ url: `${address.url.slice(0, -3)}abc` })).toBe(404);
  // Somebody else's receiver may not speak of our documents, whatever it signs with.
  expect(await report(theirs)).toBe(404);
  expect(await report({ ...theirs, secret: address.secret })).toBe(404);
  const plain = new Request(address.url, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect((await server.fetch(plain)).status).toBe(404);
  expect(await known()).toBeUndefined();
  await stranger.end();
});

it("what is replayed, or comes late, does not take the place of what was said since", async () => {
  await sync.deliver();
  const first = new Date(Date.now() - 60_000);
  expect(await report({ at: first })).toBe(202);
  const failed = processed({ type: "document.failed", error: { message: "No." } });
  expect(await report({ report: failed })).toBe(202);
  expect(await report({ at: first })).toBe(202);
  expect(await known()).toMatchObject({ ok: false });
});

it("SR-7 SR-9 the address is told once, kept as a hash, and ends with the next one", async () => {
  await sync.deliver();
  const [kept] = await sync.sql<{ row: string }>`select row_to_json(p)::text as row from result_places p`;
  expect(kept?.row).not.toContain(address.secret);
  expect(kept?.row).not.toContain(address.url.split("/").at(-1));
  const next = await makeResultAddress(sync.deps, sync.caller, sync.receiver);
  expect(await report()).toBe(404);
  expect(await report(next)).toBe(202);
  expect(await makeResultAddress(sync.deps, sync.caller, sync.connection).catch(({ code }) => code)).toBe("conflict");
});
