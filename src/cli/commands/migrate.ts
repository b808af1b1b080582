import { migrateDown, migrationStatus } from "#db/migrate.ts";
import { confirm } from "../confirm.ts";
import { prepareDatabase } from "../installation.ts";
import { counted, minuteOf, type OutputOptions, print } from "../output.ts";
import { withInstallation } from "../rooms.ts";

/** Roles, tables and queues as this version needs them, or as they were up to a migration. */
export const up = (options: OutputOptions & { to?: string }): Promise<void> =>
  withInstallation(
    async ({ installation }) => {
      const applied = await prepareDatabase(installation, options);
      print(options, { applied }, () =>
        applied.length === 0
          ? ["Nothing to do."]
          : [...applied.map((name) => `✓ ${name}`), `${counted(applied.length, "migration")} applied.`],
      );
    },
    { make: true },
  );

export const down = (options: OutputOptions & { steps: number; yes?: boolean }): Promise<void> =>
  withInstallation(async ({ installation: { ownerUrl } }) => {
    const applied = (await migrationStatus(ownerUrl)).filter(({ appliedAt }) => appliedAt !== undefined);
    const names = applied.slice(-options.steps).map(({ name }) => name);
    if (names.length > 0) {
      await confirm(
        `This takes back ${names.toReversed().join(", ")}, with everything that stands in their tables.`,
        options,
      );
    }
    const undone = names.length > 0 ? await migrateDown(ownerUrl, { steps: names.length }) : [];
    print(options, { undone }, () =>
      undone.length === 0 ? ["Nothing to take back."] : undone.map((name) => `✓ ${name} taken back`),
    );
  });

export const status = (options: OutputOptions): Promise<void> =>
  withInstallation(async ({ installation }) => {
    const migrations = await migrationStatus(installation.ownerUrl);
    const found = migrations.map(({ name, appliedAt, problem }) => ({
      name,
      applied_at: appliedAt?.toISOString() ?? null,
      problem: problem ?? null,
    }));
    const pending = migrations.filter(({ appliedAt }) => appliedAt === undefined).length;
    print(options, { migrations: found, pending }, () => [
      ...migrations.map(({ name, appliedAt, problem }) =>
        [
          problem ? "✗" : appliedAt ? "✓" : "·",
          name,
          appliedAt ? `applied ${minuteOf(appliedAt)}` : "not applied yet",
          ...(problem ? [problems[problem]] : []),
        ].join("  "),
      ),
      pending === 0 ? "The database is up to date." : `${counted(pending, "migration")} to apply: hawser migrate up`,
    ]);
    if (migrations.some(({ problem }) => problem)) process.exitCode = 1;
  });

const problems = {
  changed: "its file has changed since: put it back as it was",
  missing: "this version does not know it: use the newer version that made it",
} as const;
