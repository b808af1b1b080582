// How many copies are under way at once, with a service that says when it is too much.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { RemoteId } from "#core/ids.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import { serve } from "#outbound/testing/loopback.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { executeRun } from "./execute-run.ts";

let test: TestDatabase;
let sync: ASync;
beforeAll(async () => {
  test = await testDatabase();
});
afterEach(() => sync.end());
afterAll(() => test.close());

/** A service with so many files, all of them at the top, which lets no more than `bears` be read at once. */
async function aService(files: number, { bears, retryAfterS }: { bears: number; retryAfterS?: number }) {
  const seen = { most: 0, refused: 0, served: 0, earlyAfterRefusal: 0 };
  let open = 0;
  let restUntil = 0;
  const { origin, port } = await serve((request, reply) => {
    if (!request.url?.startsWith("/files/")) return void reply.end("{}");
    if (Date.now() < restUntil) seen.earlyAfterRefusal++;
    open += 1;
    seen.most = Math.max(seen.most, open);
    const isTooMuch = open > bears;
    reply.once("close", () => {
      open -= 1;
    });
    if (isTooMuch) {
      seen.refused++;
      // Some are on their way already when it says so.
      if (retryAfterS !== undefined) restUntil = Math.max(restUntil, Date.now() + retryAfterS * 1000 - 100);
      reply.writeHead(429, retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }).end();
    } else {
      seen.served++;
      setTimeout(() => reply.end(`bytes of ${request.url}`), 10);
    }
  });
  const file = (n: number) => ({
    id: `f${n}` as RemoteId,
    name: `${n}.txt`,
    isFolder: false,
    modifiedAt: new Date(0),
    size: `bytes of /files/f${n}`.length,
    version: "1",
    exports: [],
  });
  const provider: Provider = {
    key: "busy",
    name: "Busy",
    description: "Has little time.",
    category: "files",
    glyph: { letters: "BU", hue: "red" },
    addresses: () => [`${origin}/`],
    auth: () => [{ type: "none" }],
    pace: { requestsPerSecond: 1_000, atOnce: 32 },
    check: async () => ({ id: "1", label: "1" }),
    files: {
      drives: async () => ({ items: [{ id: "d" as RemoteId, name: "D" }] }),
      list: async () => ({ items: Array.from({ length: files }, (_, n) => file(n)) }),
      get: async (_call, { id }) => file(Number(id.slice(1))),
      async read(call, { id }) {
        const { body } = await call.http.stream({ url: `files/${id}` });
        return { bytes: body, mediaType: "text/plain", version: "1" };
      },
    },
  };
  return { seen, provider, exceptions: [`127.0.0.1:${port}`] };
}

async function run(service: Awaited<ReturnType<typeof aService>>) {
  const { provider, exceptions } = service;
  sync = await aSync(test.database, { provider });
  const deps = { ...sync.deps, ...connectionDeps(test.database, { providers: [provider], exceptions }) };
  const id = await sync.start();
  await executeRun(deps, sync.workspace, id, new AbortController().signal);
  return sync.row(id);
}

it("takes more at once than it began with where a service bears it, and no more than is allowed", async () => {
  const service = await aService(600, { bears: 1_000 });
  expect(await run(service)).toMatchObject({ status: "done", created: 600 });
  expect(service.seen.most).toBeGreaterThan(8);
  expect(service.seen.most).toBeLessThanOrEqual(32);
});

it("SR-80 gives way to a service that says that it is too much, at once, and brings everything all the same", async () => {
  const service = await aService(150, { bears: 6, retryAfterS: 1 });
  expect(await run(service)).toMatchObject({ status: "done", created: 150, failed: 0 });
  const { refused, earlyAfterRefusal } = service.seen;
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(30);
  // Those that were on their way when one was refused, of 150 and more.
  expect(earlyAfterRefusal).toBeLessThan(60);
});
