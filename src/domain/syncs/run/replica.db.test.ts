import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { decideRemovals } from "./control.ts";
import { executeRun } from "./execute-run.ts";

// The long run takes a new seed each time, which a failure prints; HAWSER_TEST_SEED repeats one.
const long = process.env.HAWSER_TEST_LONG !== undefined;
const seed = Number(process.env.HAWSER_TEST_SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_121));
const stories = long ? 1_000 : 10;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

type Step =
  | { do: "write"; path: string; text: string }
  | { do: "save as editors do"; path: string; text: string }
  | { do: "move"; from: string; to: string }
  | { do: "swap"; one: string; other: string }
  | { do: "delete"; path: string }
  | { do: "run"; interruptedAfterMs: readonly number[] };

const folder = fc.constantFrom("", "x", "y", "x/z", "Y");
const name = fc.constantFrom("a.txt", "b.txt", "A.txt", "ä.txt", "a\u0308.txt", "c", "con.txt", "x");
const path = fc.tuple(folder, name).map(([folder, name]) => (folder ? `${folder}/${name}` : name));
const place = fc.oneof({ weight: 3, arbitrary: path }, { weight: 1, arbitrary: folder.filter((one) => one !== "") });
const text = fc.string({ maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), path, text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("save as editors do" as const), path, text }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("move" as const), from: place, to: place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("swap" as const), one: path, other: path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), path: place }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      interruptedAfterMs: fc.array(fc.nat(25), { maxLength: 3 }),
    }),
  },
);

describe.each(["mirror", "ids"] as const)("a destination in the layout %s", (layout) => {
  it("F5 SR-88 equals its source after every run, whatever was done there and wherever runs were interrupted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (story) => {
        const sync = await aSync(test.database, { layout, onDelete: "remove" });
        try {
          for (const one of story) {
            if (one.do === "run") await run(sync, one.interruptedAfterMs);
            else act(sync.source, one);
          }
          await run(sync, []);
          // Nothing has happened since: nothing is done again.
          expect(await sync.run()).toMatchObject({
            created: 0,
            updated: 0,
            moved: 0,
            deleted: 0,
            failed: 0,
            bytes: "0",
          });
          await expectReplica(sync);
        } finally {
          await sync.end();
        }
      }),
      { numRuns: stories, seed, endOnFailure: true },
    );
  }, 3_600_000);
});

async function run(sync: ASync, interruptedAfterMs: readonly number[]): Promise<void> {
  const id = await sync.start();
  for (const ms of interruptedAfterMs) {
    const stopping = AbortSignal.timeout(ms);
    await executeRun(sync.deps, sync.workspace, id, stopping).catch((reason: unknown) => {
      if (!stopping.aborted) throw reason;
    });
  }
  await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
  const row = await sync.row(id);
  expect(row).toMatchObject({ remaining: 0 });
  if (Number(row.held) > 0) {
    await test.database.asWorkspace({ workspace: sync.workspace }, (tx) =>
      decideRemovals(tx, sync.deps.queue, sync.sync, "approve", undefined),
    );
    expect(await sync.run("removals")).toMatchObject({ status: "done" });
    // A folder that was held may have stood where a file is to be now; the next run has room for it.
    if (Number(row.failed) > 0) expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  } else {
    expect(row).toMatchObject({ status: "done" });
  }
  await expectReplica(sync);
}

async function expectReplica(sync: ASync): Promise<void> {
  const source = filesBelow(sync.source);
  const stored = await sync.stored();
  const rows = (await sync.files()).filter(({ state }) => state !== "removed");
  expect(rows.every(({ state }) => state === "stored")).toBe(true);
  const replica = rows.map(({ path, name, object_key }) => [
    `${path.slice(1)}${path ? "/" : ""}${name}`,
    stored[object_key ?? ""],
  ]);
  expect(Object.fromEntries(replica)).toEqual(source);
  // Every object belongs to a row: none was left behind.
  expect(Object.keys(stored).sort()).toEqual(rows.map(({ object_key }) => object_key).sort());
}

function act(source: string, step: Exclude<Step, { do: "run" }>): void {
  const at = (path: string) => join(source, path);
  const isFile = (path: string) => existsSync(at(path)) && statSync(at(path)).isFile();
  // A file in the way of a folder, or the other way round: the step cannot be done, as on a real disk.
  const make = (path: string) => {
    try {
      mkdirSync(dirname(at(path)), { recursive: true });
      return !existsSync(at(path)) || isFile(path);
    } catch {
      return false;
    }
  };
  switch (step.do) {
    case "write":
      if (make(step.path)) writeFileSync(at(step.path), step.text);
      return;
    case "save as editors do":
      if (!make(step.path)) return;
      writeFileSync(at(".new"), step.text);
      renameSync(at(".new"), at(step.path));
      return;
    case "move":
      if (
        !existsSync(at(step.from)) ||
        existsSync(at(step.to)) ||
        `${step.to}/`.startsWith(`${step.from}/`) ||
        !make(step.to)
      )
        return;
      renameSync(at(step.from), at(step.to));
      return;
    case "swap":
      if (!isFile(step.one) || !isFile(step.other) || step.one === step.other) return;
      renameSync(at(step.one), at(".swap"));
      renameSync(at(step.other), at(step.one));
      renameSync(at(".swap"), at(step.other));
      return;
    case "delete":
      rmSync(at(step.path), { recursive: true, force: true });
  }
}

function filesBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
    }),
  );
}
