import { randomBytes } from "node:crypto";
import { systemClock } from "#core/clock.ts";
import type { Database } from "#db/database.ts";
import type { NewJob, Queue } from "#jobs/queue.ts";
import { createOutbound } from "#outbound/client.ts";
import { createHostHealth } from "#outbound/host-health.ts";
import { createPace } from "#outbound/pace.ts";
import { createPolicy } from "#outbound/policy.ts";
import { createPatientSender } from "#outbound/send-patiently.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { parseMasterKeys } from "#vault/keyring.ts";
import { createVault } from "#vault/seal.ts";
import { openUses } from "../health/uses.ts";
import type { ConnectionDeps } from "../open-connection.ts";
import { createFlights } from "../tokens/flights.ts";

/** What is sealed by one of several processes is opened by the others. */
export const aMasterKey = (): string => `test:${randomBytes(32).toString("base64url")}`;

const ofThisProcess = aMasterKey();

const queueOfNobody = (): Queue & { jobs: NewJob[] } => {
  const jobs: NewJob[] = [];
  return { jobs, enqueue: async (_tx, job) => void jobs.push(job) };
};

/** What one process would have: several of them on one database are several processes. */
export function connectionDeps(
  database: Database,
  options: { providers?: readonly Provider[]; exceptions?: readonly string[]; masterKey?: string } = {},
): ConnectionDeps {
  const outbound = createOutbound({ policy: createPolicy({ exceptions: options.exceptions ?? [] }) });
  const uses = openUses({ database });
  return {
    database,
    providers: new Map((options.providers ?? []).map((provider) => [provider.key, provider])),
    sandbox: undefined,
    operatorClients: new Map(),
    outbound,
    sendPatiently: createPatientSender({ outbound, pace: createPace(), health: createHostHealth() }),
    vault: createVault({ keyring: parseMasterKeys(options.masterKey ?? ofThisProcess), onRefusal: () => {} }),
    queue: queueOfNobody(),
    clock: systemClock,
    holder: crypto.randomUUID(),
    leaseSeconds: 30,
    publicUrl: "http://localhost:8080",
    uses,
    flights: createFlights(),
  };
}
