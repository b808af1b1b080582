import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "#core/clock.ts";
import { localFolderDestination } from "./local-folder.ts";

const ROUNDS = 20;
const busyProcess = join(import.meta.dirname, "testing/busy-process.ts");

it("SR-86 has nothing half-written and nothing lost when its process is killed at any moment", async () => {
  const root = mkdtempSync(join(tmpdir(), "hawser-crash-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const said = new Map<number, string>();
  let broken = 0;

  for (let round = 0; round < ROUNDS; round++) {
    await runAndKill(root, round * 100_000, said);
    const objects = objectsBelow(join(root, "w"));
    const kept = existsSync(join(root, "w/.hawser/removed")) ? objectsBelow(join(root, "w/.hawser/removed")) : [];
    for (const path of [...objects, ...kept]) expect(isWhole(path), path).toBe(true);

    const [here, trashed] = [objects, kept].map((paths) =>
      Map.groupBy(paths, (path) => Number(path.split("/").at(-1))),
    );
    for (const [n, word] of said) {
      const places = (here?.get(n) ?? []).map((path) => path.slice(root.length + 3)[0]);
      const isKept = trashed?.has(n) ?? false;
      expect(places.length > 0 || isKept, `${word} ${n}`).toBe(true);
      if (word === "moved") expect(places, `moved ${n}`).not.toContain("a");
      if (word === "removed") expect(places, `removed ${n}`).toEqual([]);
    }
    broken += readdirSync(join(root, "w/.hawser/temporary")).length;
  }
  expect(said.size).toBeGreaterThan(ROUNDS);
  // Else no kill hit the middle of a put, and nothing was tested.
  expect(broken).toBeGreaterThan(0);

  const destination = localFolderDestination({
    roots: new Map([["root", root]]),
    root: "root",
    workspace: "w",
    folder: "",
    clock: systemClock,
  });
  await destination.collectTemporaries(new Date(Date.now() + 60_000));
  expect(readdirSync(join(root, "w/.hawser/temporary"))).toEqual([]);
});

/** Lets the process get to work, kills it some moments later, and notes the last it said about each object. */
async function runAndKill(root: string, start: number, said: Map<number, string>): Promise<void> {
  const child = spawn(process.execPath, [busyProcess, root, String(start)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  let left = 1 + Math.floor(Math.random() * 60);
  for await (const chunk of child.stdout) {
    output += chunk;
    left -= String(chunk).split("\n").length - 1;
    if (left <= 0) child.kill("SIGKILL");
  }
  await ended;
  for (const line of output.split("\n").slice(0, -1)) {
    const [word = "", n] = line.split(" ");
    said.set(Number(n), word);
  }
}

function objectsBelow(folder: string): string[] {
  const isTrash = folder.includes(".hawser");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => isTrash || !path.includes("/.hawser/"));
}

function isWhole(path: string): boolean {
  const bytes = readFileSync(path);
  return createHash("sha256").update(bytes.subarray(32)).digest().equals(bytes.subarray(0, 32));
}
