// Runs in a thread of its own: whatever a document does to it, nobody waits for it.
import { parentPort, workerData } from "node:worker_threads";
import { AppError, type FieldError } from "#core/errors.ts";
import { importOpenapi } from "#provider-kit/openapi/import-openapi.ts";

/** `imported` is JSON: text crosses over faster than objects do. */
export type WorkerAnswer = { imported: string } | { detail: string; errors: readonly FieldError[] };

parentPort?.postMessage(read(workerData));

function read(text: unknown): WorkerAnswer {
  try {
    return { imported: JSON.stringify(importOpenapi(String(text))) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { detail: error.message, errors: error.errors };
  }
}
