/** The sandbox: simulators of the providers on one loopback port, so that everything can be tried with no account. */
import type { Clock } from "#core/clock.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { page } from "#provider-kit/sim/consent-page.ts";
import type { SimulatedService } from "#provider-kit/sim/service.ts";
import { builtInProviders } from "#providers/index.ts";
import { simulators } from "#providers/simulators.ts";
import { control } from "./control.ts";
import { pretendApi } from "./pretend-api.ts";
import { answersWith, notifyOnLoopback, SANDBOX_MARK, type Served, serveOnLoopback } from "./serve.ts";

/** Where what the simulators remember is kept, so that their connections still work after a restart. */
export interface SandboxStorage {
  load(): unknown;
  save(state: unknown): void;
}

export interface OpenSandbox {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** The exact `host:port` that outbound may call while the sandbox is on (SR-19). */
  hostAndPort: string;
  /** The providers as they are in the sandbox, by their keys. */
  providers: ReadonlyMap<string, Provider>;
  /** The OAuth clients that the simulators know. */
  clients: ReadonlyMap<string, { id: string; secret: string }>;
  /** By key; empty where another process of this machine serves them. */
  services: ReadonlyMap<string, SimulatedService>;
  close(): Promise<void>;
}

const SAVE_EVERY_MS = 2_000;

/**
 * Opens the sandbox. Where another process of this machine serves one on the same port, that one is used.
 * Rejects where something else listens there.
 */
export async function openSandbox(options: {
  port: number;
  clock?: Clock;
  seed?: number;
  storage?: SandboxStorage;
}): Promise<OpenSandbox> {
  const services = new Map<string, SimulatedService>();
  let served: Served;
  try {
    served = await serveOnLoopback(options.port, (request) => answer(services, request));
  } catch (error) {
    if (!isTaken(error) || !(await answersWith(SANDBOX_MARK, options.port))) throw error;
    return { ...describeSandbox(options.port), services, close: async () => {} };
  }
  const about = describeSandbox(served.port);
  const { clock, seed } = options;
  for (const { key, open } of [...simulators, { key: "api", open: pretendApi }]) {
    services.set(key, open({ origin: `${about.origin}/${key}`, clock, seed, notify: notifyOnLoopback }));
  }
  const keeping = options.storage && keep(services, options.storage);
  return {
    ...about,
    services,
    async close() {
      keeping?.stop();
      await served.close();
    },
  };
}

/** What is known of a sandbox by its port, whoever serves it. */
export function describeSandbox(port: number): Pick<OpenSandbox, "origin" | "hostAndPort" | "providers" | "clients"> {
  const hostAndPort = `127.0.0.1:${port}`;
  const origin = `http://${hostAndPort}`;
  const known = new Set(simulators.map(({ key }) => key));
  const addressesOf = (key: string) => {
    const root = `${origin}/${key}`;
    const usual = {
      api: `${root}/api`,
      authorize: `${root}/authorize`,
      token: `${root}/token`,
      revoke: `${root}/revoke`,
    };
    return { ...usual, ...simulators.find((one) => one.key === key)?.addresses?.(root) };
  };
  const all = builtInProviders({ localFolders: new Map(), addressesOf });
  return {
    origin,
    hostAndPort,
    providers: new Map(all.filter(({ key }) => known.has(key)).map((provider) => [provider.key, provider])),
    clients: new Map(simulators.flatMap(({ key, client }) => (client ? [[key, client]] : []))),
  };
}

async function answer(services: ReadonlyMap<string, SimulatedService>, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const service = services.get(path.split("/")[1] ?? "");
  if (service) return service.fetch(request);
  const response = path === "/" ? await control(services, request) : page(404, "Nothing is here", "");
  response.headers.set(SANDBOX_MARK, "1");
  return response;
}

const isTaken = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EADDRINUSE";

/** Restores what the services remembered, and writes it down while it changes. */
function keep(services: ReadonlyMap<string, SimulatedService>, storage: SandboxStorage): { stop(): void } {
  const state = storage.load();
  if (typeof state === "object" && state !== null) {
    for (const [key, saved] of Object.entries(state)) services.get(key)?.restore(saved);
  }
  let written = "";
  const save = () => {
    const now = Object.fromEntries([...services].map(([key, service]) => [key, service.save()]));
    const text = JSON.stringify(now);
    if (text === written) return;
    written = text;
    storage.save(now);
  };
  const timer = setInterval(save, SAVE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      save();
    },
  };
}
