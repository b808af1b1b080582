import { setTimeout as wait } from "node:timers/promises";
import { toVerificationView } from "#api/views/sync.ts";
import { workVerification } from "#domain/syncs/verify/run-verification.ts";
import type { Difference, Verification } from "#domain/syncs/verify/verification.ts";
import { readVerification, verifySync } from "#domain/syncs/verify/verify-sync.ts";
import { type OutputOptions, print, table } from "../output.ts";
import { withRooms } from "../rooms.ts";
import { findSyncNamed } from "../run-sync.ts";
import { chooseWorkspace } from "../workspaces.ts";

const LOOK_EVERY_MS = 250;
/** After this without anybody taking it up, this process does it itself. */
const PATIENCE_MS = 2_000;
const MOST_SHOWN = 50;

export interface VerifyOptions extends OutputOptions {
  workspace?: string;
  bytes?: boolean;
}

export const verify = (name: string, options: VerifyOptions): Promise<void> =>
  withRooms(async ({ rooms, actor, signal }) => {
    const { id: workspace } = await chooseWorkspace(rooms.database, options.workspace);
    const sync = await findSyncNamed(rooms, workspace, name);
    const bytes = options.bytes ?? false;
    await verifySync(rooms, { workspace, actor }, sync.id, { bytes });
    const begun = performance.now();
    let found: Verification | undefined;
    while (found?.state !== "done" && found?.state !== "failed") {
      await wait(LOOK_EVERY_MS, undefined, { signal });
      found = await readVerification(rooms, workspace, sync.id);
      if (found?.state === "queued" && performance.now() - begun > PATIENCE_MS) {
        await workVerification(rooms, workspace, sync.id, { bytes }, signal);
      }
    }
    const ended = found;
    print(options, toVerificationView(ended), () => inWords(sync.name, ended));
    if (ended.state === "failed" || ended.different > 0) process.exitCode = 1;
  });

function inWords(name: string, { state, failure, checked, different, differences }: Verification): string[] {
  if (state === "failed") return [`${name} could not be verified: ${failure?.message ?? "unknown trouble"}`];
  const looked = `${checked} ${checked === 1 ? "file or folder" : "files and folders"} looked at`;
  if (different === 0) return [`${name} is what its source is: ${looked}, no difference.`];
  const shown = differences.slice(0, MOST_SHOWN);
  return [
    `${name} differs from its source: ${looked}, ${different} ${different === 1 ? "difference" : "differences"}.`,
    ...table(["WHAT", "WHERE", "HOW"], shown.map(rowOf), []),
    ...(different > shown.length ? [`… and ${different - shown.length} more; --json shows up to a thousand.`] : []),
  ];
}

const rowOf = ({ kind, path, name, detail }: Difference): string[] => [
  kind.replaceAll("_", " "),
  `${path}/${name}`,
  detail,
];
