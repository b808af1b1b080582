import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { descendantsOf } from "../support/hawser-process.ts";

const EVERY_MS = 200;

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) / 1024;
}

/** Memory of all processes below one, in MB; what they share is counted once where the system tells (Linux). */
export function descendantsMb(pid: number): number {
  return descendantsOf(pid).reduce((sum, one) => sum + (proportionalMb(one) ?? residentMb(one)), 0);
}

function proportionalMb(pid: number): number | undefined {
  const rollup = `/proc/${pid}/smaps_rollup`;
  const kilobytes = existsSync(rollup) && /^Pss:\s+(\d+)/m.exec(readFileSync(rollup, "utf8"))?.[1];
  return kilobytes ? Number(kilobytes) / 1024 : undefined;
}

/** Does the work and answers the most memory that the process had meanwhile, in MB. */
export async function peakMb(pid: number, work: () => Promise<void>): Promise<number> {
  let peak = residentMb(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, EVERY_MS);
  await work().finally(() => clearInterval(timer));
  return Math.max(peak, residentMb(pid));
}
