// The pretend providers in a process of their own, with very many files, for `npm run bench`. The parent speaks to it by
// messages: it is asked to delay answers, to work at a drive, and how many requests there were.
import type { SimulatedFiles } from "#provider-kit/sim/files.ts";
import { plantMany } from "#provider-kit/sim/plant.ts";
import { hashesOfNode, type SimDrive, type SimNode } from "#provider-kit/sim/tree.ts";
import { openSandbox } from "../../src/sandbox/sandbox.ts";

export interface Order {
  id: number;
  service: string;
  do: "delay" | "edit" | "count" | "plant" | "move";
  /** Milliseconds, or how many. */
  amount?: number;
  drive?: string;
  kind?: "listing" | "mixed" | "large";
}

const sandbox = await openSandbox({ port: Number(process.argv[2]) });
const counts = new Map<string, number>();
for (const [key, service] of sandbox.services) {
  const { fetch } = service;
  service.fetch = (request) => {
    if (new URL(request.url).pathname.includes("/api/")) counts.set(key, (counts.get(key) ?? 0) + 1);
    return fetch.call(service, request);
  };
}

process.on("message", (order: Order) => {
  process.send?.({ id: order.id, answer: obey(order) });
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });

function obey({ service: key, do: act, amount = 0, drive, kind }: Order): number {
  const service = sandbox.services.get(key) as SimulatedFiles;
  if (act === "count") {
    const count = counts.get(key) ?? 0;
    counts.set(key, 0);
    return count;
  }
  if (act === "delay") {
    service.faults.clear();
    if (amount > 0) service.faults.always({ delayMs: amount }, { path: "/api" });
    return 0;
  }
  const place = drive === undefined ? service.drive : named(service, drive);
  if (act === "plant") {
    plant(service, place, amount, kind ?? "listing");
    return 0;
  }
  const files = [...service.tree.nodes.values()].filter((node) => node.drive === place && !node.isFolder);
  if (act === "edit") {
    for (let n = 0; n < amount; n++) {
      const file = files[Math.floor((n * files.length) / amount)] as SimNode;
      service.tree.edit(file, { kind: "noise", seed: 1_000 + n, size: 4_096 });
    }
    return 0;
  }
  const [folder, target] = [...(place.top.children ?? [])].filter(({ isFolder }) => isFolder);
  if (folder && target) service.tree.move(folder, target);
  return 0;
}

const named = (service: SimulatedFiles, name: string): SimDrive =>
  [...service.tree.drives.values()].find((one) => one.name === name) ?? service.tree.addDrive(name);

function plant(service: SimulatedFiles, drive: SimDrive, amount: number, kind: "listing" | "mixed" | "large"): void {
  if (kind === "large") {
    service.tree.addFile(drive.top, "film.bin", { kind: "noise", seed: 1, size: amount });
    workOut(service);
    return;
  }
  plantMany(service.tree, drive.top, {
    files: amount,
    perFolder: kind === "mixed" ? 50 : 100,
    content: (n) => ({ kind: "noise", seed: n % 64, size: kind === "mixed" ? mixedSize(n) : 4_096 + (n % 64) }),
  });
  workOut(service);
}

/** A provider knows the hashes of its files, before anybody measures. */
function workOut(service: SimulatedFiles): void {
  for (const node of service.tree.nodes.values()) if (node.content) hashesOfNode(node);
}

/** From 4 KB to 4 MB, each power of two as often as the others. */
const mixedSize = (n: number): number => 4_096 * 2 ** (n % 11);
