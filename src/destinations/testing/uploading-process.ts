// A process that puts one large object and remembers how far it came, until it is killed or done. It says from where on it
// opened the source, and how many bytes it took.
import { existsSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#core/clock.ts";
import { localFolderDestination } from "../local-folder.ts";
import { mirrorKey } from "../object-key.ts";
import { EVERY, PIECE, pieceAt, SIZE } from "./large-object.ts";

const [root = "", memory = ""] = process.argv.slice(2);
const say = (line: string) => void writeSync(1, `${line}\n`);
const destination = localFolderDestination({
  roots: new Map([["root", join(root)]]),
  root: "root",
  workspace: "w",
  folder: "",
  clock: systemClock,
});
const open = async (from: number) => {
  say(`from ${from}`);
  return (async function* () {
    for (let at = from; at < SIZE; at += PIECE) {
      await wait(1);
      say(`took ${at}`);
      yield pieceAt(at);
    }
  })();
};
const stored = await destination.put(
  mirrorKey(["large"]),
  { open },
  {
    expectedSize: SIZE,
    signal: new AbortController().signal,
    upload: {
      version: "1",
      every: EVERY,
      state: existsSync(memory) ? JSON.parse(readFileSync(memory, "utf8")) : undefined,
      async save(state) {
        writeFileSync(`${memory}.new`, JSON.stringify(state));
        renameSync(`${memory}.new`, memory);
      },
    },
  },
);
say(`stored ${stored.sha256}`);
