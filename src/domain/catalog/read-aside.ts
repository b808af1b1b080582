// Documents of others are read in a thread of their own, so that nobody waits for what a large one does to it (SR-72).
import { Worker } from "node:worker_threads";
import { AppError, type FieldError } from "#core/errors.ts";

const MOST_MS = 30_000;
/** YAML of 5 MiB takes a gigabyte while it is read. */
const MOST_AT_ONCE = 1;
const MOST_WAITING = 20;

let running = 0;
const waiting: (() => void)[] = [];

/** `value` is JSON: text crosses over faster than objects do. */
export type WorkerAnswer = { value: string } | { detail: string; errors: readonly FieldError[] };

/**
 * What a worker reads out of a text, within 30 seconds and limited memory; `file` posts what `answerTo` gives.
 * @throws AppError as the reader does, `tooMuch` beyond the limits, too_many_requests while others are read
 */
export async function readAside<T>(
  file: URL,
  text: string,
  about: { signal: AbortSignal; tooMuch: AppError },
): Promise<T> {
  await takeTurn();
  try {
    // Whoever has left while others were read is not waited for.
    about.signal.throwIfAborted();
    return await readInWorker<T>(file, text, about);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
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

function readInWorker<T>(
  file: URL,
  text: string,
  { signal, tooMuch }: { signal: AbortSignal; tooMuch: AppError },
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const worker = new Worker(file, {
    workerData: text,
    // Nothing of the settings or of the command line is in there.
    env: {},
    argv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1536, stackSizeMb: 4 },
  });
  const refuse = () => reject(tooMuch);
  const timer = setTimeout(refuse, MOST_MS);
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  worker.once("message", (answer: WorkerAnswer) => {
    if ("value" in answer) resolve(JSON.parse(answer.value));
    else reject(new AppError("invalid_request", answer.detail, { errors: answer.errors }));
  });
  // Out of memory, or a mistake of ours; the document is what was too much for it.
  worker.once("error", refuse);
  worker.once("exit", refuse);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    void worker.terminate();
  });
}

/** In the worker: what `read` makes of the text, or what it refuses. */
export function answerTo(text: unknown, read: (text: string) => unknown): WorkerAnswer {
  try {
    return { value: JSON.stringify(read(String(text))) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { detail: error.message, errors: error.errors };
  }
}
