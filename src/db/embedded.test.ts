import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postgres15 } from "../../test/support/postgres-15.ts";
import { removeFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CannotStartDatabase, type EmbeddedDatabase, findEmbedded, startEmbedded } from "./embedded.ts";

let root: string;
let dataDir: string;
let started: EmbeddedDatabase[] = [];
let owners: ChildProcess[] = [];

beforeEach(() => {
  root = temporaryFolder();
  dataDir = join(root, "data");
});
afterEach(async () => {
  for (const owner of owners) owner.kill("SIGKILL");
  await Promise.all(started.map((database) => database.stop()));
  await until(() => serversIn(root).length === 0);
  started = [];
  owners = [];
  removeFolder(root);
});

const servers = [
  { name: "PostgreSQL 18", binDir: undefined },
  ...(existsSync(postgres15) ? [{ name: "PostgreSQL 15", binDir: postgres15 }] : []),
];

const start = async (folder = dataDir, binDir?: string) => {
  const database = await startEmbedded({ dataDir: folder, binDir });
  started.push(database);
  return database;
};
const startElsewhere = (binDir?: string) => ownerProcess(dataDir, binDir);

describe.each(servers)("$name", ({ binDir }) => {
  it("SR-99 keeps rows over a stop and a start, with fsync on, on a socket only and with a generated password", async () => {
    const first = await start(dataDir, binDir);
    await insertRow(first.ownerUrl, 1);
    await first.stop();
    const second = await start(dataDir, binDir);

    expect(await rows(second.ownerUrl)).toEqual([1]);
    expect(await settings(second.ownerUrl)).toEqual({ fsync: "on", full_page_writes: "on", listen_addresses: "" });
    const wrong = new URL(second.ownerUrl);
    wrong.password = "guessed";
    await expect(rows(wrong.href)).rejects.toThrow(/password authentication failed/);
    const secret = join(dataDir, "postgres", "hawser.password");
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  });

  it("SR-98 ends with its owner when that gets kill -9, and the next start finds every committed row", async () => {
    const owner = await startElsewhere(binDir);
    const written = await writeUntil(owner.ownerUrl, () => owner.process.kill("SIGKILL"));
    await until(() => serversIn(dataDir).length === 0);

    const next = await start(dataDir, binDir);

    expect(await rows(next.ownerUrl)).toEqual(expect.arrayContaining(written));
    expect(leftovers(dataDir)).toEqual([]);
  });

  it("SR-98 starts by itself after kill -9 of everything, in the middle of writing", async () => {
    const owner = await startElsewhere(binDir);
    const written = await writeUntil(owner.ownerUrl, () => killTree(owner.process.pid!));

    const next = await start(dataDir, binDir);

    expect(written.length).toBeGreaterThan(0);
    expect(await rows(next.ownerUrl)).toEqual(expect.arrayContaining(written));
    expect(leftovers(dataDir)).toEqual([]);
  });

  it("SR-98 takes over a server whose owner and watchdog were killed and which was not", async () => {
    const owner = await startElsewhere(binDir);
    await insertRow(owner.ownerUrl, 7);
    killAllBut(owner.process.pid!, owner.server);
    expect(serversIn(dataDir)).toContain(owner.server);

    const next = await start(dataDir, binDir);

    expect(await rows(next.ownerUrl)).toEqual([7]);
    expect(serversIn(dataDir)).not.toContain(owner.server);
  });
});

it("gives its owner everything in its database and nothing of the server", async () => {
  const { ownerUrl } = await start();

  const [me] = await query(
    ownerUrl,
    `select current_user as name, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
            pg_get_userbyid(datdba) as owner, datname as database
       from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
  );

  expect(me).toEqual({
    name: "hawser_owner",
    rolsuper: false,
    rolcreaterole: true,
    rolcreatedb: true,
    rolbypassrls: false,
    owner: "hawser_owner",
    database: "hawser",
  });
});

it("SR-98 refuses a folder that another process has, and names that process", async () => {
  const owner = await startElsewhere();
  await insertRow(owner.ownerUrl, 3);

  const second = startEmbedded({ dataDir });

  await expect(second).rejects.toThrow(CannotStartDatabase);
  await expect(second).rejects.toThrow(`in use by process ${owner.process.pid}`);
  expect(await rows(owner.ownerUrl)).toEqual([3]);
});

it("SR-98 tells another process of the machine how to join, as long as there is something to join", async () => {
  expect(await findEmbedded(dataDir)).toBeUndefined();
  const owner = await startElsewhere();

  expect(await findEmbedded(dataDir)).toMatchObject({ ownerUrl: owner.ownerUrl });

  killTree(owner.process.pid!);
  await until(() => serversIn(dataDir).length === 0);
  expect(await findEmbedded(dataDir)).toBeUndefined();
});

it("SR-98 has one owner when several start on an empty folder at the same time", async () => {
  const attempts = await Promise.allSettled([startElsewhere(), startElsewhere(), startElsewhere(), start()]);

  const winners = attempts.filter((attempt) => attempt.status === "fulfilled");
  const refusals = attempts.flatMap((attempt) => (attempt.status === "rejected" ? [String(attempt.reason)] : []));
  expect(winners).toHaveLength(1);
  for (const refusal of refusals) expect(refusal).toMatch(/in use by process \d+/);
  await insertRow(winners[0]!.value.ownerUrl, 1);
  expect(leftovers(dataDir)).toEqual([]);
});

it("SR-98 clears a lock whose number now belongs to another process", async () => {
  const first = await start();
  await insertRow(first.ownerUrl, 5);
  await first.stop();
  const lock = join(dataDir, "postgres", "postmaster.pid");
  const stranger = spawn("sleep", ["60"], ownerOf(join(dataDir, "postgres")));
  writeFileSync(lock, `${stranger.pid}\n${join(dataDir, "postgres")}\n1\n5432\n/tmp\n\n  0 0\nready\n`);

  const next = await start();
  stranger.kill();

  expect(await rows(next.ownerUrl)).toEqual([5]);
});

it("leaves nothing of a start that was killed while it made the cluster", async () => {
  mkdirSync(join(dataDir, ".unfinished-999999999-aaaaaa", "postgres"), { recursive: true });

  await start();

  expect(leftovers(dataDir)).toEqual([]);
});

it("tells when the server has ended under us", async () => {
  const database = await start();

  process.kill(database.pid, "SIGKILL");

  await database.ended;
  const next = await start();
  expect(await rows(next.ownerUrl)).toEqual([]);
});

it("uses a short path for its socket where that of the folder is too long for one", async () => {
  const deep = join(root, "a-folder-with-a-long-name".repeat(4), "data");

  const { ownerUrl, stop } = await start(deep);

  const socket = new URL(ownerUrl).searchParams.get("host")!;
  expect(socket.startsWith(deep)).toBe(false);
  expect(statSync(socket).mode & 0o777).toBe(0o700);
  expect(await rows(ownerUrl)).toEqual([]);
  await stop();
  expect(existsSync(socket)).toBe(false);
});

it("says what to do about a cluster of another version", async () => {
  await (await start()).stop();
  const version = join(dataDir, "postgres", "PG_VERSION");
  writeFileSync(version, "14\n");

  await expect(start()).rejects.toThrow(/made by PostgreSQL 14, and this is PostgreSQL 1[58]/);
});

it.runIf(process.getuid?.() === 0)("works as root below a folder that is closed to others", async () => {
  const closed = join(root, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0o700);
  const folder = join(closed, "data");

  const first = await start(folder);
  await insertRow(first.ownerUrl, 4);
  await first.stop();
  const second = await start(folder);

  expect(await rows(second.ownerUrl)).toEqual([4]);
  await second.stop();
  rmSync(join(readlinkSync(join(folder, "postgres")), ".."), { recursive: true });
});

interface Owner {
  process: ChildProcess;
  ownerUrl: string;
  server: number;
}

async function ownerProcess(folder: string, binDir = ""): Promise<Owner> {
  const script = join(import.meta.dirname, "../../test/support/embedded-owner.ts");
  const child = spawn(process.execPath, [script, folder, binDir], { stdio: ["ignore", "pipe", "pipe"] });
  owners.push(child);
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const line = await Promise.race([
    once(createInterface(child.stdout), "line").then(([text]) => String(text)),
    once(child, "close").then(() => undefined),
  ]);
  if (line === undefined) throw new Error(said);
  return { process: child, ...(JSON.parse(line) as { ownerUrl: string; server: number }) };
}

async function query(url: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

const makeTable = (url: string) => query(url, "create table if not exists kept (n int primary key)");

async function insertRow(url: string, n: number) {
  await makeTable(url);
  await query(url, "insert into kept values ($1)", [n]);
}

async function rows(url: string): Promise<number[]> {
  await makeTable(url);
  return (await query(url, "select n from kept order by n")).map((row) => row.n);
}

async function settings(url: string) {
  const found = await query(
    url,
    "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'listen_addresses')",
  );
  return Object.fromEntries(found.map((row) => [row.name, row.setting]));
}

/** Writes rows one by one, kills in the middle, and returns those whose commit was confirmed. */
async function writeUntil(url: string, kill: () => unknown): Promise<number[]> {
  await makeTable(url);
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const confirmed: number[] = [];
  try {
    for (let n = 0; ; n++) {
      if (n === 50) kill();
      await client.query("insert into kept values ($1)", [n]);
      confirmed.push(n);
    }
  } catch {
    return confirmed;
  } finally {
    await client.end().catch(() => {});
  }
}

interface Process {
  pid: number;
  parent: number;
  state: string;
  command: string;
}

function processes(): Process[] {
  const lines = execFileSync("ps", ["-eww", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state: state!, command }];
  });
}

/** Servers and watchdogs whose data folder is here or below, by what their command line says. */
const serversIn = (folder: string) =>
  processes()
    .filter(
      ({ state, command }) =>
        !state.startsWith("Z") && command.includes(` -D ${folder}`) && !command.includes("initdb"),
    )
    .map(({ pid }) => pid);

function treeOf(pid: number): number[] {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter((process) => process.parent === parent).flatMap(({ pid: child }) => [child, ...below(child)]);
  return [pid, ...below(pid)];
}

const killEach = (pids: number[]) => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended by itself because its parent did.
    }
  }
};
const killTree = (pid: number) => killEach(treeOf(pid));
const killAllBut = (pid: number, spared: number) => {
  const sparedToo = new Set(treeOf(spared));
  // The watchdog before the owner, whose end it would act upon.
  killEach(
    treeOf(pid)
      .filter((each) => !sparedToo.has(each))
      .toReversed(),
  );
};

/** Polls for what another process does. */
async function until(reached: () => boolean): Promise<void> {
  for (let tries = 0; !reached(); tries++) {
    if (tries > 500) throw new Error("It did not come to this in 10 s");
    await pause(20);
  }
}

/** What lies in a data folder beside the cluster and the socket of the server that runs. */
const leftovers = (folder: string) => {
  const sockets = readdirSync(folder).filter((name) => name.startsWith(".s-"));
  return [...readdirSync(folder).filter((name) => name !== "postgres" && !sockets.includes(name)), ...sockets.slice(1)];
};

const ownerOf = (path: string) => {
  const { uid, gid } = statSync(path);
  return process.getuid?.() === 0 ? { uid, gid } : {};
};
