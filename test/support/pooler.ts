// A real PgBouncer that works by transaction, as Supabase's pooler does: a server connection belongs to a client for one
// transaction. Like that one it takes no start-up parameters beyond what it knows.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { chooseUser } from "#db/embedded/run-as.ts";
import { removeFolder, temporaryFolder } from "./temporary-folder.ts";

const program = [
  "/usr/sbin/pgbouncer",
  "/usr/bin/pgbouncer",
  "/usr/local/bin/pgbouncer",
  "/opt/homebrew/bin/pgbouncer",
].find((path) => existsSync(path));
export const hasPooler = program !== undefined;

export interface Pooler {
  /** The same role and database through the pooler. */
  through(url: string): string;
  close(): Promise<void>;
}

/** Stands before the server of these addresses, and knows their roles. `servers`: connections for each role. */
export async function startPooler(urls: readonly string[], { servers = 3 } = {}): Promise<Pooler> {
  const folder = temporaryFolder();
  const [first = ""] = urls;
  const host = new URL(first).searchParams.get("host") ?? "";
  const settings = join(folder, "pgbouncer.ini");
  const people = join(folder, "people.txt");
  writeFileSync(
    settings,
    `[databases]
* = host=${host}
[pgbouncer]
listen_addr =
unix_socket_dir = ${folder}
listen_port = 6543
auth_type = plain
auth_file = ${people}
pool_mode = transaction
default_pool_size = ${servers}
max_client_conn = 200
server_check_query =
`,
  );
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  writeFileSync(
    people,
    urls
      .map(
        (url) =>
          `${quoted(decodeURIComponent(new URL(url).username))} ${quoted(decodeURIComponent(new URL(url).password))}\n`,
      )
      .join(""),
  );
  // It refuses to be root, as PostgreSQL does.
  const runAs = chooseUser(folder);
  for (const path of [folder, settings, people]) if (runAs.dropped) chownSync(path, runAs.uid, runAs.gid);
  const child = spawn(program ?? "pgbouncer", [settings], { ...runAs.spawn, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const through = (url: string) => {
    const other = new URL(url);
    other.searchParams.set("host", folder);
    other.port = "6543";
    return other.href;
  };
  try {
    await untilReady(child, through(first));
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error(`PgBouncer did not start. It said:\n${said}`, { cause });
  }
  return {
    through,
    async close() {
      const ended = once(child, "close");
      child.kill("SIGINT");
      child.kill("SIGTERM");
      await ended;
      removeFolder(folder);
    },
  };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (failure) {
      if (child.exitCode !== null || attempt === 100) throw failure;
      await pause(50);
    }
  }
}
