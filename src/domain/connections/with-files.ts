import { AppError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { Call, FileSource } from "#provider-kit/provider.ts";
import { secretUse } from "./access.ts";
import type { Caller } from "./connection.ts";
import { type ConnectionDeps, openConnection } from "./open-connection.ts";
import { withinTime } from "./within-time.ts";

const TIME_TO_ANSWER_MS = 20_000;

/** Asks the files of a connection for somebody who waits. Failures of the provider pass as they are. */
export async function withFiles<T>(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  work: (files: FileSource, call: Call) => Promise<T>,
): Promise<T> {
  return withinTime({ name: "The source", ms: TIME_TO_ANSWER_MS, signal }, async (until) => {
    const { provider, call } = await openConnection(deps, workspace, id, {
      use: secretUse(actor, "browse"),
      signal: until,
    });
    if (!provider.files) throw new AppError("invalid_request", `${provider.name} has no files.`);
    return work(provider.files, call);
  });
}
