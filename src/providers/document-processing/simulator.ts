import { z } from "zod";
import { randomText } from "#provider-kit/sim/random.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answer, type ReceiverState } from "./simulated-receiver.ts";

export interface ReceiverSimulator extends SimulatedService {
  /** Its tenants, what it got and how it behaves; it can be changed at any time. */
  readonly receiver: ReceiverState;
  revokeCredentials(): void;
}

const MOST_INLINE = 25 * 1024 * 1024;

export function documentProcessingSimulator(options: SimulatorOptions): ReceiverSimulator {
  const random = randomText(options.seed);
  const newSecret = () => `whsec_${Buffer.from(random(32)).toString("base64")}`;
  const receiver: ReceiverState = {
    // The empty prefix takes every place: in a sandbox the folders are what somebody has called them.
    tenants: [{ id: "yacht-042", prefix: "", secrets: [newSecret()], salt: `simulated-salt-${random(16)}` }],
    messages: new Map(),
    older: [],
    older_signature: { formula: "sha256-concat", key: "text" },
    clockOffsetS: 0,
    mostInlineBytes: MOST_INLINE,
    inProgress: new Set(),
    refuse: undefined,
  };
  const service = simulatedService(
    {
      key: "document-processing",
      api: ({ request, path, now }) => answer(receiver, request, path, now),
      memory: { save: () => keysOf(receiver), restore: (saved) => setKeys(receiver, saved) },
    },
    options,
  );
  const control = {
    receiver,
    revokeCredentials: () => {
      for (const tenant of receiver.tenants) tenant.secrets = [newSecret()];
    },
  };
  return Object.defineProperty(Object.assign(service, control), "notes", {
    get: () =>
      receiver.tenants.flatMap(({ id, secrets, salt }) => [
        `Tenant: ${id}`,
        `Signing secret of ${id}: ${secrets[0]}`,
        `Salt of ${id} in compatible mode: ${salt}`,
        `Documents of ${id}: ${[...receiver.messages.values()].filter(({ tenant }) => tenant === id).length}`,
      ]),
  });
}

const savedKeys = z.record(z.string(), z.object({ secrets: z.array(z.string()), salt: z.string() }));

const keysOf = ({ tenants }: ReceiverState) =>
  Object.fromEntries(tenants.map(({ id, secrets, salt }) => [id, { secrets, salt }]));

function setKeys({ tenants }: ReceiverState, saved: unknown): void {
  const read = savedKeys.safeParse(saved);
  for (const tenant of tenants) Object.assign(tenant, read.data?.[tenant.id]);
}
