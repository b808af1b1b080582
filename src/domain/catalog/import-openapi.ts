import { Worker } from "node:worker_threads";
import { AppError, invalidField } from "#core/errors.ts";
import type { Database } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Imported } from "#provider-kit/openapi/import-openapi.ts";
import type { CatalogCaller } from "./create-provider.ts";
import type { WorkerAnswer } from "./import-openapi-worker.ts";

const MOST_MS = 30_000;
/** YAML of 5 MiB takes a gigabyte while it is read. */
const MOST_AT_ONCE = 1;
const MOST_WAITING = 20;

let running = 0;
const waiting: (() => void)[] = [];

export type { Imported } from "#provider-kit/openapi/import-openapi.ts";

/**
 * Reads an OpenAPI document as the draft of a custom provider; nothing of it is stored and nothing is fetched. It is
 * read outside of the main thread, within 30 seconds and limited memory (SR-72).
 * @throws AppError invalid_request at /text, too_many_requests
 */
export async function importOpenapi(
  { database }: { database: Database },
  { workspace, actor, signal }: CatalogCaller & { signal: AbortSignal },
  text: string,
): Promise<Imported> {
  await takeTurn();
  let imported: Imported;
  try {
    imported = await readInWorker(text, signal);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
  const { title, actions, leftOut } = imported.report;
  await database.asWorkspace({ workspace }, (tx) =>
    audit(tx, {
      actor,
      action: "provider.openapi_read",
      target: { kind: "provider", label: title },
      after: { actions, left_out: leftOut.count },
    }),
  );
  return imported;
}

/** Whoever ends hands the turn over to the one that waits longest. */
async function takeTurn(): Promise<void> {
  if (running < MOST_AT_ONCE) {
    running++;
    return;
  }
  if (waiting.length >= MOST_WAITING) {
    throw new AppError("too_many_requests", "Other documents are being read. Try again soon.", { retryAfterS: 10 });
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function readInWorker(text: string, signal: AbortSignal): Promise<Imported> {
  const { promise, resolve, reject } = Promise.withResolvers<Imported>();
  const worker = new Worker(new URL("./import-openapi-worker.ts", import.meta.url), {
    workerData: text,
    // Nothing of the settings or of the command line is in there.
    env: {},
    argv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1536, stackSizeMb: 4 },
  });
  const tooMuch = () => reject(invalidField("/text", "The document is too much to be read. Take parts of it out."));
  const timer = setTimeout(tooMuch, MOST_MS);
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  worker.once("message", (answer: WorkerAnswer) => {
    if ("imported" in answer) resolve(JSON.parse(answer.imported));
    else reject(new AppError("invalid_request", answer.detail, { errors: answer.errors }));
  });
  // Out of memory, or a mistake of ours; the document is what was too much for it.
  worker.once("error", tooMuch);
  worker.once("exit", tooMuch);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    void worker.terminate();
  });
}
