// kill -9 of the whole product while it hands files over: before the receiver has one, and before its answer is noted.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ConnectionLost } from "#provider-kit/sim/faults.ts";
import { documentProcessingSimulator } from "#providers/document-processing/simulator.ts";
import { serveOnLoopback } from "../../src/sandbox/serve.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const LONG = process.env.HAWSER_TEST_LONG === "1";
const FILES = 40;
/** Each is followed by a start of everything. */
const ROUNDS = LONG ? 3 : 1;
const KILLS = Array.from({ length: ROUNDS }, () => ["before", "after"] as const).flat();

it("SR-69 each file is worked on once, however often the sender is killed", { timeout: 300_000 }, async () => {
  const home = temporaryFolder();
  onTestFinished(() => removeFolder(home));
  const simulator = documentProcessingSimulator({ origin: "http://127.0.0.1/receiver", seed: 3 });
  let hawser: HawserProcess | undefined;
  let died: Promise<void> | undefined;
  const kills = [...KILLS];
  let documents = 0;
  const served = await serveOnLoopback(0, async (request) => {
    const isDocument = request.headers.get("webhook-id") !== "evt_00000000000000000000000000";
    const kill = isDocument && ++documents % 6 === 0 ? kills.shift() : undefined;
    if (kill === undefined) return simulator.fetch(request);
    if (kill === "after") await simulator.fetch(request);
    died = hawser?.killTree();
    throw new ConnectionLost("the sender was killed");
  });
  onTestFinished(() => served.close());

  const installation = await anInstallation(home, {
    HAWSER_PRIVATE_HOSTS: `127.0.0.1:${served.port}`,
    HAWSER_LEASE_SECONDS: "3",
  });
  onTestFinished(async () => hawser?.killTree());
  for (let number = 0; number < FILES; number++) writeFileSync(join(installation.source, `${number}.txt`), `${number}`);
  hawser = await startHawser(installation);
  const { ask, connect, sync } = await signUp(installation.url);
  const [tenant] = simulator.receiver.tenants;
  const receiver = await ask("POST", "/connections", {
    provider: "document-processing",
    name: "Digest",
    config: { base_url: `http://127.0.0.1:${served.port}/receiver/api`, tenant_id: tenant?.id },
    credential: { secret: tenant?.secrets[0] },
  });
  expect(receiver.status).toBe("active");
  const made = await sync(await connect("Documents"), "Drawings", {
    destination: { kind: "local-folder", root: "target", folder: "drawings", layout: "ids" },
    handoff: { connection_id: receiver.id },
  });
  await ask("POST", `/syncs/${made}/run`, {});

  const delivered = async () => (await ask("GET", `/syncs/${made}/handoffs`)).counts.delivered;
  for (let left = 240; left > 0 && (await delivered().catch(() => 0)) < FILES; left--) {
    if (died) {
      await died;
      died = undefined;
      hawser = await startHawser(installation);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(kills).toEqual([]);
  expect(await delivered()).toBe(FILES);
  const messages = [...simulator.receiver.messages.values()];
  expect(messages).toHaveLength(FILES);
  expect(messages.every(({ processed }) => processed === 1)).toBe(true);
  // Those that were with it when it was killed came once more, and were known by their ids.
  expect(Math.max(...messages.map(({ received }) => received))).toBeGreaterThan(1);
});
