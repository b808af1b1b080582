// A process that stores, moves and removes objects below the folder it is given until it is killed. It says what is
// done, one line each; what it says must outlive it.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { systemClock } from "#core/clock.ts";
import { localFolderDestination } from "../local-folder.ts";
import { mirrorKey } from "../object-key.ts";

const [root = "", start = "0"] = process.argv.slice(2);
const destination = localFolderDestination({
  roots: new Map([["root", root]]),
  root: "root",
  workspace: "w",
  folder: "",
  clock: systemClock,
});
const { signal } = new AbortController();
const say = (line: string) => void writeSync(1, `${line}\n`);

/** An object that shows whether it is whole: its hash, then what was hashed. */
async function* wholeObject(n: number): AsyncGenerator<Uint8Array> {
  const body = Buffer.alloc(1 + ((n * 7919) % 400_000), String(n));
  yield createHash("sha256").update(body).digest();
  for (let at = 0; at < body.length; at += 10_000) yield body.subarray(at, at + 10_000);
}

let next = Number(start);
async function work(): Promise<void> {
  for (let n = next++; ; n = next++) {
    const [first, second] = [mirrorKey(["a", String(n % 5), String(n)]), mirrorKey(["b", String(n % 3), String(n)])];
    await destination.put(first, { open: async () => wholeObject(n) }, { signal });
    say(`put ${n}`);
    if (n % 2 > 0) continue;
    await destination.move(first, second);
    say(`moved ${n}`);
    if (n % 4 > 0) continue;
    await destination.remove(second);
    say(`removed ${n}`);
  }
}
await Promise.all(Array.from({ length: 6 }, work));
