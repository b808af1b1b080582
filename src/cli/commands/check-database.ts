import { checkDatabase, type Finding } from "#db/check-database.ts";
import { wordsFor } from "../fail.ts";
import { type OutputOptions, print } from "../output.ts";
import { withInstallation } from "../rooms.ts";

export const database = (options: OutputOptions): Promise<void> =>
  withInstallation(async ({ installation }) => {
    const findings = await checkDatabase(installation.ownerUrl, installation).catch((error: unknown): Finding[] => {
      const words = error instanceof Error ? wordsFor(error) : undefined;
      if (words === undefined) throw error;
      return [{ check: "reachable", ok: false, found: words }];
    });
    const ok = findings.every((finding) => finding.ok);
    print(options, { ok, findings }, () =>
      findings.flatMap(({ ok, found, advice }) => [`${ok ? "✓" : "✗"} ${found}`, ...(advice ? [`  ${advice}`] : [])]),
    );
    if (!ok) process.exitCode = 1;
  });
