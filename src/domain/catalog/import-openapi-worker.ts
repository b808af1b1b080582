// Runs in a thread of its own: whatever a document does to it, nobody waits for it.
import { parentPort, workerData } from "node:worker_threads";
import { importOpenapi } from "#provider-kit/openapi/import-openapi.ts";
import { answerTo } from "./read-aside.ts";

parentPort?.postMessage(answerTo(workerData, importOpenapi));
