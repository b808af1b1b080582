import type { Config } from "../config.ts";
import { answersWith, SANDBOX_MARK } from "../sandbox/serve.ts";

/** The sandbox that another process of this machine serves, while it is allowed here. */
export async function findSandbox({ sandbox, sandboxPort }: Config) {
  if (!sandbox || !(await answersWith(SANDBOX_MARK, sandboxPort))) return undefined;
  // Loaded only where it is needed: it brings every simulator.
  return (await import("../sandbox/sandbox.ts")).describeSandbox(sandboxPort);
}
