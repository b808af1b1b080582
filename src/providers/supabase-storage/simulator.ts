import { randomText } from "#provider-kit/sim/random.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answer } from "./simulated-api.ts";
import { SimulatedStorage } from "./simulated-storage.ts";

export interface SupabaseSimulator extends SimulatedService {
  readonly storage: SimulatedStorage;
  readonly secretKey: string;
  revokeCredentials(): void;
}

/** A pretend project with a bucket, below `/api`. What is stored is held in memory, and gone when it stops. */
export function supabaseSimulator(options: SimulatorOptions): SupabaseSimulator {
  const random = randomText(options.seed);
  const storage = new SimulatedStorage();
  storage.add("archive");
  const newKey = () => `sb_secret_${random(31)}`;
  const project = { storage, secretKey: newKey() };
  const service = simulatedService(
    {
      key: "supabase-storage",
      api: (call) => answer(project, call),
      memory: {
        save: () => ({ secretKey: project.secretKey }),
        restore(saved) {
          if (typeof saved !== "object" || saved === null || !("secretKey" in saved)) return;
          if (typeof saved.secretKey === "string") project.secretKey = saved.secretKey;
        },
      },
    },
    options,
  );
  const control = {
    storage,
    revokeCredentials: () => {
      project.secretKey = newKey();
    },
  };
  return Object.defineProperties(Object.assign(service, control), {
    secretKey: { get: () => project.secretKey },
    notes: {
      get: () => [`Project URL: ${options.origin}/api`, `Bucket: archive. Secret key: ${project.secretKey}`],
    },
  }) as SupabaseSimulator;
}
