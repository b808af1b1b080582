import { openSandbox } from "../../sandbox/sandbox.ts";
import { untilInterrupted } from "../interrupt.ts";
import { CommandFailed } from "../outcome.ts";
import { type OutputOptions, print, table } from "../output.ts";
import { storageIn } from "../sandbox.ts";
import { loadConfig } from "../settings.ts";

/** Serves the simulators and nothing else, until it is told to stop. No database is needed. */
export async function start(options: OutputOptions & { port?: number }): Promise<void> {
  const config = loadConfig();
  if (config.production) throw new CommandFailed("The sandbox is not for production (HAWSER_ENV).");
  const signal = untilInterrupted();
  const port = options.port ?? config.sandboxPort;
  const own = port === config.sandboxPort;
  const sandbox = await openSandbox({ port, ...(own && { storage: storageIn(config.dataDir) }) }).catch(
    (error: unknown): never => {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
      throw new CommandFailed(
        `Something else has port ${port}. Name another one with --port, or in HAWSER_SANDBOX_PORT.`,
      );
    },
  );
  if (sandbox.services.size === 0) {
    throw new CommandFailed(`Another process of this machine serves the sandbox already, at ${sandbox.origin}.`);
  }
  const services = [...sandbox.services.keys()].map((key) => ({
    key,
    address: `${sandbox.origin}/${key}`,
    client: sandbox.clients.get(key) ?? null,
  }));
  print(options, { origin: sandbox.origin, services }, () => [
    `The sandbox is at ${sandbox.origin}: open it to play the providers. Ctrl-C ends it.`,
    "",
    ...table(
      ["SERVICE", "ADDRESS", "CLIENT ID", "CLIENT SECRET"],
      services.map(({ key, address, client }) => [key, address, client?.id ?? "-", client?.secret ?? "-"]),
    ),
  ]);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await sandbox.close();
}
