import { readFileSync, writeFileSync } from "node:fs";
import { providerChanged } from "#domain/connections/provider-changed.ts";
import { exportWorkspace } from "#domain/transfer/export-workspace.ts";
import { importWorkspace } from "#domain/transfer/import-workspace.ts";
import type { ImportChange } from "#domain/transfer/plan-import.ts";
import { counted, type OutputOptions, print } from "../output.ts";
import { withRooms } from "../rooms.ts";
import { policyOf } from "../settings.ts";
import { chooseWorkspace } from "../workspaces.ts";

interface TransferOptions extends OutputOptions {
  workspace?: string;
}

/** Custom providers and connections of a workspace as a YAML file; without `to` on standard output. */
export const exportTo = (to: string | undefined, options: TransferOptions): Promise<void> =>
  withRooms(async ({ rooms }) => {
    const { id } = await chooseWorkspace(rooms.database, options.workspace);
    const { yaml, leftOut } = await exportWorkspace(rooms, id);
    if (to !== undefined) writeFileSync(to, yaml, { flag: "wx", mode: 0o600 });
    print(options, { ...(to === undefined ? { yaml } : { file: to }), left_out: leftOut }, () =>
      to === undefined ? [yaml.trimEnd()] : [`✓ ${to}`],
    );
    // Apart from the file, which may stand on standard output.
    if (!options.json) {
      for (const { kind, name, reasons } of leftOut) {
        console.error(`! left out: ${kind} ${name}: ${reasons[0]?.pointer}: ${reasons[0]?.detail}`);
      }
    }
    if (leftOut.length > 0) process.exitCode = 1;
  });

/** Shows what a file changes in a workspace, and with `--apply` does it. */
export const importFrom = (from: string, options: TransferOptions & { apply?: boolean }): Promise<void> =>
  withRooms(async ({ rooms, config, actor, signal }) => {
    const yaml = readFileSync(from, "utf8");
    const { id } = await chooseWorkspace(rooms.database, options.workspace);
    const { applied, changes } = await importWorkspace(
      { ...rooms, policy: policyOf(config), providerMoved: (tx, key) => providerChanged(tx, rooms, key) },
      { workspace: id, actor, signal },
      { yaml, apply: options.apply ?? false },
    );
    print(options, { applied, changes }, () => [
      ...changes.map(lineOf),
      applied ? "All of it is done." : "Nothing was changed yet; --apply does it.",
    ]);
    if (changes.some(({ change }) => change === "refuse")) process.exitCode = 1;
  });

const signs: Record<ImportChange["change"], string> = {
  create: "+ ",
  update: "~ ",
  none: "= ",
  refuse: "✗ ",
  missing: "! ",
};

const needsInWords = { sign_in: "a sign-in", credential: "its credential", test: "a test" } as const;

function lineOf({ kind, name, change, fields, reasons, needs }: ImportChange): string {
  const line = `${signs[change]}${kind} ${name}`;
  if (change === "refuse") {
    const [first] = reasons;
    const more = reasons.length > 1 ? ` (and ${counted(reasons.length - 1, "other reason")})` : "";
    return `${line}: ${first?.pointer}: ${first?.detail}${more}`;
  }
  if (change === "missing") return `${line}: enter it in the portal`;
  const what = change === "update" ? `: ${fields.join(", ")}` : "";
  return needs && change !== "none" ? `${line}${what}; needs ${needsInWords[needs]}` : `${line}${what}`;
}
