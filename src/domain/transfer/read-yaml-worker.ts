// Runs in a thread of its own: whatever a file does to it, nobody waits for it.
import { parentPort, workerData } from "node:worker_threads";
import { answerTo } from "#domain/catalog/read-aside.ts";
import { readYaml } from "./yaml.ts";

parentPort?.postMessage(answerTo(workerData, readYaml));
