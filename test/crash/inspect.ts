// What is true of a sync at a moment when nobody works on it: its rows beside the bytes at the destination.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect } from "vitest";
import type { RemoteId } from "#core/ids.ts";
import { mirrorKey, type ObjectKey, withShortId } from "#destinations/object-key.ts";
import type { SourceFolder } from "./source-folder.ts";

export interface FileRow {
  id: string;
  remote_id: RemoteId;
  path: string;
  state: string;
  work: "copy" | "move" | null;
  object_key: ObjectKey | null;
  object_version: string | null;
  object_sha256: string | null;
}

export interface RunRow {
  id: string;
  status: string;
  found: number;
  created: number;
  updated: number;
  moved: number;
  unchanged: number;
  skipped: number;
  failed: number;
  remaining: number;
  deleted: number;
  held: number;
  failure: unknown;
}

/** Looks into the database with the superuser's eyes, which row security does not narrow. */
export async function query<Row extends object>(
  superuserUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const url = new URL(superuserUrl);
  url.pathname = "/hawser";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

export const lastRun = async (superuserUrl: string, sync: string): Promise<RunRow> => {
  const [row] = await query<RunRow>(
    superuserUrl,
    "select * from hawser.sync_runs where sync_id = $1 order by created_at desc limit 1",
    [sync],
  );
  if (!row) throw new Error("the sync has not run");
  return row;
};

const readFiles = (superuserUrl: string, sync: string): Promise<FileRow[]> =>
  query<FileRow>(
    superuserUrl,
    `select f.id, f.remote_id, ltrim(coalesce(p.path, '') || '/' || f.name, '/') as path, f.state, f.work,
            f.object_key, f.object_version, f.object_sha256
       from hawser.files f left join hawser.files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
      where f.sync_id = $1 and not f.is_folder`,
    [sync],
  );

/** Remembers from one look to the next, so that what was stored then can be known again. */
export interface Inspector {
  /** After a kill: nothing half-written, no row without its bytes, nothing written twice. */
  afterKill(superuserUrl: string): Promise<void>;
  /** After a run that nobody disturbed to its end: the destination is the source. */
  isReplica(superuserUrl: string): Promise<void>;
}

export function inspector(of: {
  sync: string;
  source: SourceFolder;
  /** The folder of this sync at the destination. */
  destination: string;
  layout: "ids" | "mirror";
}): Inspector {
  const { sync, source, destination, layout } = of;
  const hashes = new Map<string, string>();
  /** Which version of a file lies in which inode: the same one in another means that it was written twice. */
  const stored = new Map<string, { version: string; inode: bigint }>();

  const hashOf = (path: string): string => {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    const known = `${ino}.${size}.${mtimeNs}`;
    const hash = hashes.get(known) ?? createHash("sha256").update(readFileSync(path)).digest("hex");
    hashes.set(known, hash);
    return hash;
  };
  const objects = (): ObjectKey[] =>
    existsSync(destination)
      ? readdirSync(destination, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(destination.length + 1) as ObjectKey)
          .filter((key) => !key.startsWith(".hawser/"))
      : [];

  return {
    async afterKill(superuserUrl) {
      const rows = await readFiles(superuserUrl, sync);
      const there = new Map(objects().map((key) => [key, hashOf(join(destination, key))]));
      const halfWritten = [...there].filter(([, hash]) => !source.versions.has(hash)).map(([key]) => key);
      expect(halfWritten, "objects that are no version of any file").toEqual([]);

      const without = rows.filter(({ state, work, object_key, object_sha256 }) => {
        if (object_key === null) return state === "stored";
        const hash = there.get(object_key);
        // Moved already and not yet written down; the bytes of a replaced version are in place before their row.
        return work === "move" ? false : hash === undefined || (work === null && hash !== object_sha256);
      });
      expect(without, "rows without their bytes").toEqual([]);

      const twice = [];
      for (const { id, object_key, object_version, work, path } of rows) {
        if (object_key === null || object_version === null || work !== null) {
          stored.delete(id);
          continue;
        }
        const inode = statSync(join(destination, object_key), { bigint: true }).ino;
        const before = stored.get(id);
        if (before?.version === object_version && before.inode !== inode) twice.push(path);
        stored.set(id, { version: object_version, inode });
      }
      expect(twice, "files that were copied twice").toEqual([]);
    },

    async isReplica(superuserUrl) {
      await this.afterKill(superuserUrl);
      const rows = (await readFiles(superuserUrl, sync)).filter(({ state }) => state !== "removed");
      const hashesByPath = (entries: [string, string | null][]) => Object.fromEntries(entries.sort());
      expect(hashesByPath(rows.map(({ path, object_sha256 }) => [path, object_sha256]))).toEqual(
        hashesByPath([...source.files]),
      );
      expect(rows.filter(({ state, work }) => state !== "stored" || work !== null)).toEqual([]);
      expect(objects().sort()).toEqual(rows.map(({ object_key }) => object_key).sort());
      if (layout === "mirror") {
        const elsewhere = rows.filter(({ path, object_key, remote_id }) => {
          const [first = "", ...rest] = path.split("/");
          const key = mirrorKey([first, ...rest]);
          return object_key !== key && object_key !== withShortId(key, remote_id);
        });
        expect(elsewhere, "objects that do not lie where their files do").toEqual([]);
      }
      const temporaries = join(destination, ".hawser/temporary");
      expect(existsSync(temporaries) ? readdirSync(temporaries) : [], "what killed copies left behind").toEqual([]);
    },
  };
}
