import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { CannotStartDatabase } from "./cannot-start.ts";

/** The user PostgreSQL runs as. */
export interface RunAs {
  name: string;
  uid: number;
  gid: number;
  /** We are root and step down to this user. */
  dropped: boolean;
  /** What `spawn` needs for it. */
  spawn: { uid?: number; gid?: number };
}

/** Where things go that an ordinary user must reach when we are root and our own folder is closed to others. */
export const sharedFolder = "/var/lib/hawser";

/**
 * PostgreSQL refuses to run as root. Where we are root it runs as the owner of the data that is there, else as
 * `postgres`, else as `nobody`.
 *
 * @param pgdata the data folder of PostgreSQL, which need not exist yet
 */
export function chooseUser(pgdata: string): RunAs {
  const uid = process.getuid?.() ?? -1;
  const gid = process.getgid?.() ?? -1;
  if (uid !== 0) return { name: process.env.USER ?? `user ${uid}`, uid, gid, dropped: false, spawn: {} };

  const owner = statSync(pgdata, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return stepDownTo(`user ${owner.uid}`, owner.uid, owner.gid);
  for (const name of ["postgres", "nobody"]) {
    const ids = [id("-u", name), id("-g", name)] as const;
    if (ids[0] !== undefined && ids[1] !== undefined) return stepDownTo(name, ids[0], ids[1]);
  }
  throw new CannotStartDatabase(
    "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody to run it as. " +
      "Start Hawser as an ordinary user, or use a PostgreSQL server (DATABASE_URL=postgresql://…).",
  );
}

/** Can this user enter the folder, through all the folders above it? */
export function canEnter(runAs: RunAs, folder: string): boolean {
  const asked = spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { ...runAs.spawn, cwd: "/", stdio: "ignore" });
  return asked.status === 0;
}

function stepDownTo(name: string, uid: number, gid: number): RunAs {
  return { name, uid, gid, dropped: true, spawn: { uid, gid } };
}

function id(what: "-u" | "-g", name: string): number | undefined {
  const asked = spawnSync("id", [what, name], { encoding: "utf8" });
  const number = Number.parseInt(asked.stdout, 10);
  return asked.status === 0 && Number.isInteger(number) ? number : undefined;
}
