// A folder of files that changes as people change it, and that knows what must become of it at the destination.
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Random } from "../support/random.ts";

export interface SourceFolder {
  /** Path below the folder → SHA-256 of what is there now. */
  readonly files: ReadonlyMap<string, string>;
  /** SHA-256 of everything that was ever in a file of it. */
  readonly versions: ReadonlySet<string>;
  /** Makes files: many small ones in nested folders, some large, empty, alike, and with odd names. */
  fill(count: number): void;
  /** Files written anew in place, edited and moved at once, renamed, added, deleted. Answers how many of each. */
  change(share: number): Changes;
  /** Writes every file anew in its place. */
  rewrite(): void;
}

export interface Changes {
  edited: number;
  moved: number;
  added: number;
  deleted: number;
}

const oddNames = [
  "empty",
  "Ünïcödé.txt",
  "u\u0308ni.txt",
  "üni.txt",
  "con.txt",
  "ends with a dot.",
  "ends with a space ",
  "%41 percent.txt",
  ".hidden",
  "back\\slash.txt",
  "new\nline.txt",
  "Case.txt",
  "CASE.txt",
  "⚓ anchor.pdf",
  `${"long".repeat(62)}.txt`,
  "~0123456789ab.txt",
];
const LARGE = 8;
const megabyte = 1024 * 1024;

export function sourceFolder(root: string, random: Random): SourceFolder {
  const files = new Map<string, string>();
  const versions = new Set<string>();
  let made = 0;

  const write = (path: string, bytes: Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
    const hash = createHash("sha256").update(bytes).digest("hex");
    files.set(path, hash);
    versions.add(hash);
  };
  const move = (from: string, to: string) => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    renameSync(join(root, from), join(root, to));
    files.set(to, files.get(from) ?? "");
    files.delete(from);
  };
  const newPath = () => {
    const number = made++;
    const folder = `deck ${number % 12}/room ${number % 60}/shelf ${number % 150}`;
    return number % 25 === 0 ? `at the top ${number}.txt` : `${folder}/file ${number}.txt`;
  };
  // Long enough that no two are alike by accident: a file may be known by what is in it.
  const newBytes = () => random.bytes(random.between(16, 6_000));

  return {
    files,
    versions,
    fill(count) {
      for (const name of oddNames) write(`odd/${name}`, name === "empty" ? Buffer.alloc(0) : newBytes());
      for (let n = 0; n < LARGE; n++) write(`large/plan ${n}.bin`, random.bytes(random.between(2, 6) * megabyte));
      const alike = newBytes();
      while (files.size < count) write(newPath(), made % 20 === 0 ? alike : newBytes());
    },
    change(share) {
      const paths = [...files.keys()].filter((path) => !path.startsWith("odd/"));
      const each = Math.floor((paths.length * share) / 4);
      const take = () => {
        const path = random.of(paths);
        paths.splice(paths.indexOf(path), 1);
        return path;
      };
      const changes: Changes = { edited: 0, moved: 0, added: 0, deleted: 0 };
      for (let n = 0; n < each; n++) {
        const edited = take();
        write(edited, newBytes());
        changes.edited++;
        // What a rotated log does: edited, moved away, and another file takes its old place.
        if (n % 3 === 0) {
          move(edited, newPath());
          if (n % 2 === 0) {
            write(edited, newBytes());
            changes.added++;
          }
        }
        move(take(), newPath());
        changes.moved++;
        write(newPath(), newBytes());
        changes.added++;
        const gone = take();
        rmSync(join(root, gone));
        files.delete(gone);
        changes.deleted++;
      }
      return changes;
    },
    rewrite() {
      for (const path of files.keys()) write(path, path.startsWith("large/") ? random.bytes(3 * megabyte) : newBytes());
    },
  };
}
