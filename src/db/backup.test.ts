import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { postgres15 } from "../../test/support/postgres-15.ts";
import { removeFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { backup } from "./backup.ts";
import { printManifest, readManifest } from "./backup-manifest.ts";
import { type EmbeddedDatabase, startEmbedded } from "./embedded.ts";
import { restore } from "./restore.ts";

// Many small files are made durable one by one; a slow disk takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let root: string;
let dataDir: string;
let to: string;
let started: EmbeddedDatabase[] = [];
const now = new Date("2026-11-21T06:00:00Z");

beforeEach(() => {
  root = temporaryFolder();
  dataDir = join(root, "data");
  to = join(root, "backup");
});
afterEach(async () => {
  await Promise.all(started.map((database) => database.stop()));
  started = [];
  removeFolder(root);
});

const servers = [
  { name: "PostgreSQL 18", binDir: undefined },
  ...(existsSync(postgres15) ? [{ name: "PostgreSQL 15", binDir: postgres15 }] : []),
];

describe.each(servers)("with $name", ({ binDir }) => {
  const start = async (folder: string) => {
    const database = await startEmbedded({ dataDir: folder, binDir });
    started.push(database);
    return database;
  };

  it("SR-99 copies one moment of a database that is being written to, and restores it", async () => {
    const { ownerUrl, stop } = await start(dataDir);
    const { atMost, atLeast, sum } = await whileMoving(ownerUrl, () => backup({ dataDir, to, now, binDir }));
    await stop();
    const target = join(root, "restored");

    await restore({ from: to, dataDir: target, binDir });

    const restored = await start(target);
    const moves = (await query(restored.ownerUrl, "select n from moves order by n")).map((row) => row.n);
    expect(moves).toEqual(moves.map((_, index) => index));
    expect(moves.length).toBeGreaterThanOrEqual(atLeast);
    expect(moves.length).toBeLessThanOrEqual(atMost);
    expect(await query(restored.ownerUrl, "select sum(amount)::int as sum from accounts")).toEqual([{ sum }]);
    expect(await query(restored.ownerUrl, "select last from accounts where id = 1")).toEqual([{ last: moves.at(-1) }]);
  });
});

it("SR-99 restore leaves nothing behind when the database of a backup does not start", async () => {
  await (await start()).stop();
  await backup({ dataDir, to, now });
  const manifest = await readManifest(to);
  const withoutLog = manifest.files.filter(({ path }) => !path.startsWith("pg_wal/"));
  const { text, checksum } = printManifest({ ...manifest, files: withoutLog });
  writeFileSync(join(to, "manifest.json"), text);
  writeFileSync(join(to, "manifest.json.sha256"), checksum);
  const target = join(root, "restored");

  await expect(restore({ from: to, dataDir: target })).rejects.toThrow(/its database does not start/);

  expect(readdirSync(target)).toEqual([]);
});

it("SR-99 copies a database that nobody runs, and leaves it as it was", async () => {
  const { ownerUrl, stop } = await start();
  await query(ownerUrl, "create table kept as select 1 as n");
  await stop();

  await backup({ dataDir, to, now });
  await restore({ from: to, dataDir: join(root, "restored") });

  for (const folder of [dataDir, join(root, "restored")]) {
    expect(await query((await start(folder)).ownerUrl, "select n from kept")).toEqual([{ n: 1 }]);
  }
});

it("refuses a folder that holds something, on both ways, and leaves that alone", async () => {
  await (await start()).stop();
  await backup({ dataDir, to, now });

  await expect(backup({ dataDir, to, now })).rejects.toThrow(/is not empty/);
  await expect(restore({ from: to, dataDir })).rejects.toThrow(/is not empty/);
  await restore({ from: to, dataDir: join(root, "restored") });
});

describe("SR-99 restore refuses a backup that is not what was made, and leaves nothing behind", () => {
  const damages: [string, (backup: string) => void, RegExp][] = [
    [
      "a changed byte",
      (at) => flipByte(join(at, "postgres", "global", "pg_control"), 100),
      /pg_control is not what was backed up/,
    ],
    [
      "a file cut short",
      (at) => truncateSync(join(at, "postgres", "global", "pg_control"), 512),
      /is not what was backed up/,
    ],
    ["a missing file", (at) => rmSync(join(at, "postgres", "backup_label")), /ENOENT.*backup_label/],
    ["a changed manifest", (at) => flipByte(join(at, "manifest.json"), 200), /manifest .* changed or damaged/],
    ["no manifest", (at) => rmSync(join(at, "manifest.json")), /is not a whole backup/],
  ];
  const good = temporaryFolder();
  beforeAll(async () => {
    await (await startEmbedded({ dataDir: join(good, "data") })).stop();
    await backup({ dataDir: join(good, "data"), to: join(good, "backup"), now });
  });
  afterAll(() => removeFolder(good));

  it.each(damages)("%s", async (_, damage, message) => {
    cpSync(join(good, "backup"), to, { recursive: true });
    damage(to);
    const target = join(root, "restored");

    await expect(restore({ from: to, dataDir: target })).rejects.toThrow(message);

    expect(existsSync(target) ? readdirSync(target) : []).toEqual([]);
  });
});

async function start(folder = dataDir): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir: folder });
  started.push(database);
  return database;
}

async function query(url: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Moves amounts between accounts, one transaction after the other, while the work goes on. Wide rows, so that most
 * pages change while they are copied.
 */
async function whileMoving(url: string, work: () => Promise<unknown>) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    create table moves (n int primary key);
    create table accounts (id int primary key, amount int not null, last int, filler text not null);
    insert into accounts select id, 100, null, repeat(md5(id::text), 60) from generate_series(1, 2000) as id`);
  let done = 0;
  let working = true;
  const move = async () => {
    await client.query("begin");
    await client.query("insert into moves values ($1)", [done]);
    await client.query("update accounts set amount = amount - 7, last = $1 where id = 1", [done]);
    await client.query("update accounts set amount = amount + 7 where id = $1", [2 + (done % 1999)]);
    await client.query("commit");
    done += 1;
  };
  while (done < 50) await move();
  const moving = (async () => {
    while (working) await move();
  })();
  const atLeast = done;
  await work();
  working = false;
  await moving;
  await client.end();
  return { atLeast, atMost: done, sum: 2000 * 100 };
}

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}
