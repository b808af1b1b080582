import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { seededRandom } from "../../../../test/support/random.ts";
import { retryFailed } from "../operate-sync.ts";
import { executeRun } from "../run/execute-run.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { act } from "../testing/cloud-story.ts";
import { treeSource } from "../testing/tree-source.ts";
import { workVerification } from "./run-verification.ts";
import { readVerification, verifySync } from "./verify-sync.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const actor: Actor = { kind: "system", label: "test" };
const signal = new AbortController().signal;

async function verify({ deps, workspace, sync }: ASync, bytes = false) {
  await verifySync(deps, { workspace, actor }, sync, { bytes });
  await workVerification(deps, workspace, sync, { bytes }, signal);
  const found = await readVerification(deps, workspace, sync);
  if (!found) throw new Error("there is none");
  return found;
}

it("F5 shows no difference after a run, and each one that somebody makes at the source", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const sync = await aSync(test.database, {
    provider: source.provider,
    layout: "none",
    columns: { drive_id: source.drive.id },
  });
  const { tree, drive } = source;
  const hull = tree.addFolder(drive.top, "Hull");
  const files = Array.from({ length: 30 }, (_, n) =>
    tree.addFile(hull, `plan ${n}.pdf`, { kind: "noise", seed: n, size: 10 }),
  );
  const [edited, renamed, moved, gone] = files;
  if (!edited || !renamed || !moved || !gone) throw new Error("there are files");
  await sync.run();
  expect(await verify(sync)).toMatchObject({ state: "done", checked: 31, different: 0, differences: [] });

  tree.edit(edited, { kind: "noise", seed: 99, size: 10 });
  tree.rename(renamed, "other.pdf");
  tree.move(moved, drive.top);
  tree.trash(gone);
  tree.addFile(hull, "new.pdf", { kind: "noise", seed: 5, size: 10 });
  const found = await verify(sync);
  expect(found).toMatchObject({ state: "done", different: 5 });
  expect(found.differences.map(({ kind, name, path }) => [kind, `${path}/${name}`]).sort()).toEqual([
    ["different", "/Hull/other.pdf"],
    ["different", "/Hull/plan 0.pdf"],
    ["different", "/plan 2.pdf"],
    ["missing_at_source", "/Hull/plan 3.pdf"],
    ["missing_here", "/Hull/new.pdf"],
  ]);
  await sync.run();
  expect(await verify(sync)).toMatchObject({ different: 0 });
  await sync.end();
});

it("SR-90 shows what cannot be asked for by itself, or read again, beside everything else", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const sync = await aSync(test.database, {
    provider: source.provider,
    layout: "mirror",
    columns: { drive_id: drive.id },
  });
  const files = Array.from({ length: 6 }, (_, n) =>
    tree.addFile(drive.top, `plan ${n}.pdf`, { kind: "noise", seed: n, size: 10 }),
  );
  await sync.run();
  for (const file of files.slice(0, 2)) tree.edit(file, { kind: "noise", seed: 99, size: 10 });
  // A folder where a copy was.
  await rm(join(sync.destination, "plan 5.pdf"));
  await mkdir(join(sync.destination, "plan 5.pdf"));
  let asked = 0;
  source.onRequest = (request) => {
    if (request === "get" && ++asked === 1) throw new ProviderError("forbidden", "Not for you");
  };
  const found = await verify(sync, true);
  expect(found).toMatchObject({ state: "done", different: 3 });
  expect(found.differences.map(({ kind, name }) => [kind, name]).sort()).toEqual([
    ["bytes_missing", "plan 5.pdf"],
    ["different", "plan 0.pdf"],
    ["different", "plan 1.pdf"],
  ]);
  source.onRequest = () => {
    throw new ProviderError("reauthorize", "Who are you");
  };
  expect(await verify(sync)).toMatchObject({ state: "failed", failure: { kind: "reauthorize" } });
  source.onRequest = undefined;
  await sync.change({ destination: JSON.stringify({ kind: "ftp" }) });
  expect(await verify(sync)).toMatchObject({ state: "failed", failure: { kind: "settings_not_usable" } });
  await sync.end();
});

it("takes what changes while it looks for no difference", async () => {
  const random = seededRandom(7);
  const source = treeSource(1, { feed: true, whole: false });
  source.quirks.pageSize = 3;
  const sync = await aSync(test.database, {
    provider: source.provider,
    layout: "none",
    columns: { drive_id: source.drive.id },
  });
  const story = { source, sync, database: test.database, random, keepsBytes: false, done: [] };
  for (let n = 0; n < 60; n++) act(story);
  await sync.run();
  let requests = 0;
  source.onRequest = (request) => {
    requests += 1;
    // A move there and back while it is being listed.
    const [file] = [...source.tree.nodes.values()].filter((node) => !node.isFolder && node.parent && !node.trashed);
    if (request === "list" && file && requests % 2 === 0) source.tree.touch(file);
  };
  expect(await verify(sync)).toMatchObject({ state: "done", different: 0 });
  await sync.end();
});

it("reads the stored objects again where that is asked for, and what is lost is copied anew", async () => {
  const sync = await aSync(test.database, { layout: "mirror" });
  for (const name of ["a.txt", "b.txt", "c.txt"]) await writeFile(join(sync.source, name), name);
  await sync.run();
  expect(await verify(sync, true)).toMatchObject({ state: "done", different: 0 });
  await rm(join(sync.destination, "a.txt"));
  await writeFile(join(sync.destination, "b.txt"), "something else");
  expect(await verify(sync)).toMatchObject({ different: 0 });
  // What is missing at the source beside them is told, too.
  await rename(join(sync.source, "c.txt"), `${sync.source} c.txt`);
  const found = await verify(sync, true);
  expect(found.differences.map(({ kind, name }) => [kind, name]).sort()).toEqual([
    ["bytes_missing", "a.txt"],
    ["bytes_missing", "b.txt"],
    ["missing_at_source", "c.txt"],
  ]);

  await rename(`${sync.source} c.txt`, join(sync.source, "c.txt"));
  const lost = found.differences.filter(({ kind }) => kind === "bytes_missing");
  const files = lost.flatMap(({ fileId }) => fileId ?? []);
  const { id } = await retryFailed(sync.deps, { workspace: sync.workspace, actor }, sync.sync, files);
  await executeRun(sync.deps, sync.workspace, id, signal);
  expect(await verify(sync, true)).toMatchObject({ state: "done", different: 0 });
  await sync.end();
});

it("says why it cannot look, and does not begin twice", async () => {
  const sync = await aSync(test.database, { layout: "none" });
  await sync.run();
  await verifySync(sync.deps, { workspace: sync.workspace, actor }, sync.sync, { bytes: false });
  await expect(verify(sync)).rejects.toMatchObject({ code: "conflict" });
  await workVerification(sync.deps, sync.workspace, sync.sync, { bytes: false }, signal);
  await rename(sync.source, `${sync.source} away`);
  expect(await verify(sync)).toMatchObject({ state: "failed", failure: { message: expect.any(String) } });
  await sync.end();
});
