import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { CommandFailed } from "./outcome.ts";

/**
 * Puts a new master key at the front of a key file. The file is replaced in one step, by one with the same owner that
 * nobody else can read; every older key stays in it.
 *
 * @returns the id of the new key
 * @throws KeyringError when the file is not one that Hawser would start with
 */
export function addMasterKey(keyFile: string, now: Date): string {
  const path = realpathSync(keyFile);
  const next = `${path}.new`;
  const file = openNext(next);
  try {
    // Read only now: whoever holds the `.new` file is the only one who changes the other.
    const { mode, uid, gid } = statSync(path);
    const before = readFileSync(path, "utf8");
    const known = parseKeyFile({ path, mode, text: before }).reading;
    const id = freeId(now, known);
    const [entry = ""] = newKeyFileText(now)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const lines = before.split("\n");
    const front = lines.findIndex((line) => line.trim() !== "" && !line.trim().startsWith("#"));
    const text = lines.toSpliced(front, 0, `${id}:${entry.slice(entry.indexOf(":") + 1)}`).join("\n");
    const after = parseKeyFile({ path: next, mode: 0o600, text });
    if (after.writing.id !== id || [...known.keys()].some((old) => !after.reading.has(old))) {
      throw new Error("the new key file would not hold all keys");
    }
    writeSync(file, text);
    fchownSync(file, uid, gid);
    fsyncSync(file);
    renameSync(next, path);
    syncFolder(dirname(path));
    return id;
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function openNext(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw new CommandFailed(
      `${path} is there already: another "hawser keys new" is at work, or was cut off. In that case delete it and try again.`,
    );
  }
}

/** The day, and a number behind it from the second key of a day on. */
function freeId(now: Date, taken: ReadonlyMap<string, unknown>): string {
  const day = now.toISOString().slice(0, 10);
  for (let number = 1; ; number++) {
    const id = number === 1 ? day : `${day}-${number}`;
    if (!taken.has(id)) return id;
  }
}

/** Without it a power cut could bring the old file back. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
