// A process that puts one large object into a bucket and remembers how far it came, until it is killed. It says from where on
// it opened the source, how many pieces it took, and when the service has all of them.
import { existsSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#core/clock.ts";
import { bindStore } from "#domain/syncs/bind-store.ts";
import { callFor } from "#domain/syncs/testing/store-call.ts";
import type { ObjectStore, Provider } from "#provider-kit/provider.ts";
import { s3 } from "#providers/s3/index.ts";
import { supabaseStorage } from "#providers/supabase-storage/index.ts";
import { mirrorKey } from "../object-key.ts";
import { objectStoreDestination } from "../object-store.ts";
import type { BucketUpload } from "./bucket-upload.ts";
import { PIECE, pieceAt } from "./large-object.ts";

const { service, config, credential, partBytes, size, every, memory, pieces }: BucketUpload = JSON.parse(
  process.argv[2] ?? "",
);
const UNTIL_KILLED_MS = 60_000;
const say = (line: string) => void writeSync(1, `${line}\n`);
const provider = (service === "s3" ? s3() : supabaseStorage()) as Provider;
const bound = bindStore(provider.store as ObjectStore, await callFor(provider, { config, credential }));
const destination = objectStoreDestination({
  store: {
    ...bound,
    ...(partBytes !== undefined && { parts: { ...bound.parts, bytes: () => partBytes } }),
    async complete(...about) {
      const outcome = await bound.complete(...about);
      say("completed");
      await wait(UNTIL_KILLED_MS);
      return outcome;
    },
  },
  label: "Archive",
  folder: "large",
  clock: systemClock,
});
let taken = 0;
const open = async (from: number) => {
  say(`from ${from}`);
  return (async function* () {
    for (let at = from; at < size; at = at - (at % PIECE) + PIECE) {
      await wait(taken < pieces ? 1 : UNTIL_KILLED_MS);
      taken += 1;
      say(`piece ${taken}`);
      yield pieceAt(at - (at % PIECE)).subarray(at % PIECE, size - at + (at % PIECE));
    }
  })();
};
await destination.put(
  mirrorKey(["object"]),
  { open },
  {
    expectedSize: size,
    signal: new AbortController().signal,
    upload: {
      version: "1",
      every,
      state: existsSync(memory) ? JSON.parse(readFileSync(memory, "utf8")) : undefined,
      async save(state) {
        writeFileSync(`${memory}.new`, JSON.stringify(state));
        renameSync(`${memory}.new`, memory);
      },
    },
  },
);
