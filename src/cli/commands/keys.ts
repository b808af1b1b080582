import { everyWorkspace } from "#domain/workspaces/every-workspace.ts";
import { type RotationReport, rotateMasterKey, rotationStatus } from "#vault/rotate.ts";
import { addMasterKey } from "../key-file.ts";
import { readKeyring } from "../keys.ts";
import { CommandFailed, Stopped } from "../outcome.ts";
import { counted, isInteractive, type OutputOptions, print, table } from "../output.ts";
import { startBar } from "../progress.ts";
import { withRooms } from "../rooms.ts";
import { loadConfig } from "../settings.ts";

export function add(options: OutputOptions): void {
  const config = loadConfig();
  if (config.masterKeys !== undefined) {
    throw new CommandFailed(
      "The master keys stand in HAWSER_MASTER_KEYS: put a new entry at the front of it, id:key. " +
        "A key is 32 random bytes, as openssl rand -base64 32 | tr '+/' '-_' | tr -d = makes them.",
    );
  }
  const id = addMasterKey(config.keyFile, new Date());
  print(options, { id, file: config.keyFile }, () => [
    `Added the master key ${id} at the front of ${config.keyFile}. The older keys are still there.`,
    "Now:",
    "  1. Keep a copy of the file in a safe place.",
    "  2. Give it to every machine that runs Hawser, and restart Hawser there.",
    "  3. hawser keys rotate",
  ]);
}

export const rotate = (options: OutputOptions): Promise<void> =>
  withRooms(async ({ config, rooms: { database }, signal }) => {
    const keyring = readKeyring(config);
    const total = (await Array.fromAsync(everyWorkspace(database))).length;
    const bar = startBar(isInteractive(options));
    bar.update({ done: 0, total, words: "workspaces" });
    let latest: RotationReport = { workspaces: 0, rewrapped: 0, failed: [] };
    try {
      latest = await rotateMasterKey(database, keyring, {
        signal,
        onProgress: (report) => {
          latest = report;
          bar.update({ done: report.workspaces, total, words: "workspaces" });
        },
      });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Stopped(
        `Stopped after ${counted(latest.workspaces, "workspace")}. What is done stays; "hawser keys rotate" goes on.`,
      );
    } finally {
      bar.stop();
    }
    const { workspaces, rewrapped, failed } = latest;
    const result = {
      writing: keyring.writing.id,
      workspaces,
      rewrapped,
      failed: failed.map(({ workspace, dataKey, reason }) => ({ workspace, data_key: dataKey, reason })),
    };
    print(options, result, () => [
      `${counted(rewrapped, "data key")} in ${counted(workspaces, "workspace")} brought under the master key ${keyring.writing.id}.`,
      ...failed.map(
        ({ workspace, dataKey, reason }) => `✗ ${workspace}: the data key ${dataKey} does not open (${reason}).`,
      ),
      ...(failed.length > 0 ? ["Their old master key must stay in the list."] : []),
    ]);
    if (failed.length > 0) process.exitCode = 1;
  });

export const status = (options: OutputOptions): Promise<void> =>
  withRooms(async ({ config, rooms: { database } }) => {
    const keyring = readKeyring(config);
    const { writing, dataKeys, missing } = await rotationStatus(database, keyring);
    const oldest = [...keyring.reading.keys()].at(-1);
    const keys = Object.entries(dataKeys).map(([id, data_keys]) => ({
      id,
      data_keys,
      state: id === writing ? ("writing" as const) : missing.includes(id) ? ("missing" as const) : ("reading" as const),
      /** Nothing needs it any more. */
      removable: id !== writing && data_keys === 0,
    }));
    const idle = keys.filter(({ removable }) => removable).map(({ id }) => id);
    const waiting = keys.some(({ state, data_keys }) => state === "reading" && data_keys > 0);
    print(options, { keys, rotated: !waiting && missing.length === 0 }, () => [
      ...table(
        ["MASTER KEY", "DATA KEYS", "STATE"],
        keys.map(({ id, data_keys, state, removable }) => [
          id,
          String(data_keys),
          removable ? "can be taken off" : states[state],
        ]),
        ["DATA KEYS"],
      ),
      ...(waiting ? ['Some data keys lie under older master keys: "hawser keys rotate" brings them over.'] : []),
      ...(oldest !== undefined && idle.includes(oldest)
        ? [`Taking off ${oldest} signs everybody out once: sessions are bound to the oldest key.`]
        : []),
      ...missing.map(
        (id) => `✗ The master key ${id} is not in the list, so what it wraps cannot be opened. Bring it back.`,
      ),
    ]);
    if (missing.length > 0) process.exitCode = 1;
  });

const states = { writing: "writes", reading: "only reads", missing: "missing" } as const;
