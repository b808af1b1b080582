import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { EVERY, PIECE, pieceAt, SIZE } from "./testing/large-object.ts";

const KILLS = 8;
const uploadingProcess = join(import.meta.dirname, "testing/uploading-process.ts");

it("SR-86 goes on with a large object after each kill -9, and takes no more than the last chunk again", async () => {
  const home = mkdtempSync(join(tmpdir(), "hawser-upload-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const root = join(home, "root");
  mkdirSync(root);
  let reached = 0;
  let wentOn = 0;
  let said: string[] = [];
  for (let round = 0; round < 50; round++) {
    // A few pieces more in each round, at a random place; in the end it is let be.
    const most = round < KILLS ? 20 + Math.floor(Math.random() * 60) : Number.POSITIVE_INFINITY;
    said = await putUntilKilled(root, join(home, "memory.json"), most);
    const from = Number(/from (\d+)/.exec(said[0] ?? "")?.[1] ?? Number.NaN);
    // The chunk that was under way, and what had been read ahead of it.
    expect(from).toBeGreaterThanOrEqual(reached - EVERY - 16 * PIECE);
    if (from > 0) wentOn++;
    const took = said.filter((line) => line.startsWith("took ")).map((line) => Number(line.slice(5)));
    reached = Math.max(from, (took.at(-1) ?? from) + PIECE);
    if (said.at(-1)?.startsWith("stored ")) break;
  }
  const hash = createHash("sha256");
  for (let at = 0; at < SIZE; at += PIECE) hash.update(pieceAt(at));
  const expected = hash.digest("hex");
  expect(said.at(-1)).toBe(`stored ${expected}`);
  expect(
    createHash("sha256")
      .update(readFileSync(join(root, "w/large")))
      .digest("hex"),
  ).toBe(expected);
  expect(readdirSync(join(root, "w/.hawser/temporary"))).toEqual([]);
  // Else every kill came before the first chunk, and nothing was tested.
  expect(wentOn).toBeGreaterThan(1);
});

/** What the process said, up to its end; it is killed when it has taken so many pieces. */
async function putUntilKilled(root: string, memory: string, most: number): Promise<string[]> {
  const child = spawn(process.execPath, [uploadingProcess, root, memory], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    if (output.split("\n").length > most) child.kill("SIGKILL");
  }
  await ended;
  return output.split("\n").slice(0, -1);
}
