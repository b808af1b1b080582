// The commands and their options. What a command does is loaded when it is called, so that help answers at once.
import { Command, InvalidArgumentError, Option } from "commander";
import { version } from "./settings.ts";

export function createProgram(): Command {
  const hawser = new Command("hawser")
    .description("Keeps files in sync, calls APIs, publishes posts; every workspace apart.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(--help says more)")
    .addHelpText(
      "after",
      "\nSettings come from the environment and hawser.env.\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
    );
  defineStart(hawser);
  const sync = hawser.command("sync").description("add syncs, run them, watch and verify them");
  defineSync(sync);
  defineVerify(sync);
  defineCheck(hawser.command("check").description("test the database, connections and syncs"));
  defineSandbox(hawser.command("sandbox").description("pretend providers, to try everything without an account"));
  defineMigrate(hawser.command("migrate").description("bring the database up to date, or back"));
  defineKeys(hawser.command("keys").description("change the master keys that credentials are encrypted with"));
  defineAudit(hawser.command("audit").description("prove the audit log"));
  defineWorkspace(hawser.command("workspace").description("look at workspaces"));
  defineTransfer(hawser);
  defineBackup(hawser);
  return hawser;
}

function defineStart(hawser: Command): void {
  hawser
    .command("start")
    .description("run Hawser: portal, API and workers, on the embedded database or the one that DATABASE_URL names")
    .option("--role <role>", "api, worker or all")
    .option("--port <port>", "port of portal and API")
    .addHelpText("after", examples("hawser start", "DATABASE_URL=postgresql://… hawser start --role worker"))
    .action(async (options) => (await import("./start.ts")).start(options));
}

function defineSync(sync: Command): void {
  sync
    .command("add")
    .description("make a sync, and its connection where there is none")
    .requiredOption("--name <name>", "name of the sync")
    .option("--connection <name>", "an existing connection")
    .option(
      "--provider <key>",
      "connect this provider, local-folder for instance; a connection that fits is used again",
    )
    .option("--root <name>", "local-folder: one of HAWSER_SOURCE_ROOTS")
    .option("--path <path>", "local-folder: only this folder below the root")
    .option("--drive <name>", "which drive, where the connection has several")
    .option(
      "--destination <where>",
      "none (metadata only), or local-folder:ROOT/FOLDER with one of HAWSER_DESTINATION_ROOTS",
      "none",
    )
    .addOption(
      new Option("--layout <layout>", "names at the destination: as at the source, or ids that never change")
        .choices(["mirror", "ids"])
        .default("ids"),
    )
    .option("--schedule <when>", 'manual, every:15m, every:6h, every:1d, or "cron:0 3 * * * Europe/Oslo"', "manual")
    .option("--include <glob>", "only paths like this (repeatable)", gather)
    .option("--exclude <glob>", "no paths like this (repeatable)", gather)
    .option("--types <list>", "only these types: pdf,dwg or image/*", gatherList)
    .option("--rule <pattern>", "read metadata off folders: /{system}/{equipment}/** (repeatable)", gather)
    .addOption(
      new Option("--on-delete <what>", "when a file is gone at the source: mark it, or remove its copy")
        .choices(["mark", "remove"])
        .default("mark"),
    )
    .option("--max-files <number>", "at most so many files a run", positive)
    .option("--run", "start the first run at once")
    .option("--wait", "wait until that run is over")
    .addOption(workspace())
    .addOption(json())
    .addHelpText(
      "after",
      examples(
        "hawser sync add --name Drawings --provider local-folder --root documents \\\n" +
          "    --destination local-folder:files/Drawings --layout mirror --types pdf,dwg --run",
        'hawser sync add --name Nightly --connection Documents --schedule "cron:0 3 * * * Europe/Oslo"',
      ),
    )
    .action(async (options) => (await import("./commands/sync-add.ts")).add(options));
  sync
    .command("list")
    .description("show the syncs of a workspace")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser sync list", "hawser sync list --workspace harbour --json"))
    .action(async (options) => (await import("./commands/sync.ts")).list(options));
  sync
    .command("run")
    .description("run a sync now; where no Hawser process runs, this one does the work")
    .argument("<name>", "name or id of the sync")
    .option("--wait", "wait until the run is over; exit code 1 unless every file arrived")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser sync run Drawings", "hawser sync run Drawings --wait --json"))
    .action(async (name, options) => (await import("./commands/sync.ts")).run(name, options));
  sync
    .command("watch")
    .description("show how the runs of a sync go, until Ctrl-C; with --json one object a line")
    .argument("<name>", "name or id of the sync")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser sync watch Drawings", "hawser sync watch Drawings --json | jq .counts"))
    .action(async (name, options) => (await import("./commands/sync.ts")).watch(name, options));
  sync
    .command("pause")
    .description("stop the schedule and hold the open run where it is")
    .argument("<name>", "name or id of the sync")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser sync pause Drawings"))
    .action(async (name, options) => (await import("./commands/sync.ts")).pause(name, options));
  sync
    .command("resume")
    .description("take up schedule and held run again")
    .argument("<name>", "name or id of the sync")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser sync resume Drawings"))
    .action(async (name, options) => (await import("./commands/sync.ts")).resume(name, options));
}

function defineVerify(sync: Command): void {
  sync
    .command("verify")
    .description("hold what a sync keeps against its source and show the differences; 1 where there are any")
    .argument("<name>", "name or id of the sync")
    .option("--bytes", "read the stored objects again, too")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser sync verify Drawings", "hawser sync verify Drawings --bytes --json"))
    .action(async (name, options) => (await import("./commands/sync-verify.ts")).verify(name, options));
}

function defineCheck(check: Command): void {
  check
    .command("database")
    .description("is it reached, new enough, fast, and are roles and row security as they must be?")
    .addOption(json())
    .addHelpText("after", examples("hawser check database", "DATABASE_URL=postgresql://… hawser check database --json"))
    .action(async (options) => (await import("./commands/check-database.ts")).database(options));
  check
    .command("connection")
    .description("test connections: one, those of a provider, or all; says what to do about what is wrong")
    .argument("[name]", "name or id of a connection")
    .option("--provider <key>", "only those of this provider, google-drive for instance")
    .addOption(workspace("only this workspace"))
    .addOption(json())
    .addHelpText(
      "after",
      examples(
        "hawser check connection",
        "hawser check connection --provider google-drive",
        'hawser check connection "Yard drive" --workspace harbour --json',
      ),
    )
    .action(async (name, options) => (await import("./commands/check-connection.ts")).connection(name, options));
  check
    .command("sync")
    .description("test connection, drive, folders and destination of syncs; nothing is copied")
    .argument("[name]", "name or id of a sync")
    .option("--provider <key>", "only those of this provider, local-folder for instance")
    .addOption(workspace("only this workspace"))
    .addOption(json())
    .addHelpText(
      "after",
      examples("hawser check sync Drawings", "hawser check sync --provider local-folder --workspace harbour"),
    )
    .action(async (name, options) => (await import("./commands/check-connection.ts")).sync(name, options));
}

function defineSandbox(sandbox: Command): void {
  sandbox
    .command("start")
    .description("serve the simulators alone, until Ctrl-C; needs no database")
    .option(
      "--port <port>",
      "another port than HAWSER_SANDBOX_PORT; then nothing is remembered after the end",
      positive,
    )
    .addOption(json())
    .addHelpText("after", examples("hawser sandbox start", "hawser sandbox start --port 8091 --json"))
    .action(async (options) => (await import("./commands/sandbox.ts")).start(options));
}

function defineMigrate(migrate: Command): void {
  migrate
    .command("up")
    .description("apply what is missing: roles, tables, job queue")
    .option("--to <name>", "the last migration to apply")
    .addOption(json())
    .addHelpText("after", examples("hawser migrate up", "hawser migrate up --to 0001_foundation"))
    .action(async (options) => (await import("./commands/migrate.ts")).up(options));
  migrate
    .command("down")
    .description("take back the latest migrations, with everything in their tables")
    .option("--steps <number>", "how many", positive, 1)
    .option("--yes", "do not ask")
    .addOption(json())
    .addHelpText("after", examples("hawser migrate down", "hawser migrate down --steps 2 --yes"))
    .action(async (options) => (await import("./commands/migrate.ts")).down(options));
  migrate
    .command("status")
    .description("show which migrations are applied")
    .addOption(json())
    .addHelpText("after", examples("hawser migrate status"))
    .action(async (options) => (await import("./commands/migrate.ts")).status(options));
}

function defineKeys(keys: Command): void {
  keys
    .command("new")
    .description("put a new master key at the front of the key file; the older ones stay")
    .addOption(json())
    .addHelpText("after", examples("hawser keys new"))
    .action(async (options) => (await import("./commands/keys.ts")).add(options));
  keys
    .command("rotate")
    .description("bring every data key under the newest master key, while Hawser runs; may be stopped and run again")
    .addOption(json())
    .addHelpText("after", examples("hawser keys rotate"))
    .action(async (options) => (await import("./commands/keys.ts")).rotate(options));
  keys
    .command("status")
    .description("show what lies under which master key, and which one can be taken off")
    .addOption(json())
    .addHelpText("after", examples("hawser keys status"))
    .action(async (options) => (await import("./commands/keys.ts")).status(options));
}

function defineAudit(audit: Command): void {
  audit
    .command("verify")
    .description("compute the chain of the audit log again: finds what was changed, left out or moved")
    .addOption(workspace("only this workspace"))
    .addOption(json())
    .addHelpText("after", examples("hawser audit verify", "hawser audit verify --workspace harbour --json"))
    .action(async (options) => (await import("./commands/audit.ts")).verify(options));
}

function defineWorkspace(command: Command): void {
  command
    .command("list")
    .description("show all workspaces with the slug that --workspace takes")
    .addOption(json())
    .addHelpText("after", examples("hawser workspace list"))
    .action(async (options) => (await import("./commands/workspace.ts")).list(options));
}

function defineTransfer(hawser: Command): void {
  hawser
    .command("export")
    .description("write connections and custom providers of a workspace to a YAML file, without secrets")
    .argument("[to]", "a file that does not exist; standard output unless told")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser export harbour.yaml", "hawser export --workspace harbour > harbour.yaml"))
    .action(async (to, options) => (await import("./commands/transfer.ts")).exportTo(to, options));
  hawser
    .command("import")
    .description("show what a file of an export changes in a workspace, and change it")
    .argument("<from>", "a file that export has made")
    .option("--apply", "do it; nothing is done where a single entry is refused")
    .addOption(workspace())
    .addOption(json())
    .addHelpText("after", examples("hawser import harbour.yaml", "hawser import harbour.yaml --apply"))
    .action(async (from, options) => (await import("./commands/transfer.ts")).importFrom(from, options));
}

function defineBackup(hawser: Command): void {
  hawser
    .command("backup")
    .description("copy the embedded database, also while Hawser runs")
    .argument("<to>", "a folder that is empty or does not exist")
    .addOption(json())
    .addHelpText("after", examples("hawser backup /mnt/backup/$(date +%F)"))
    .action(async (to, options) => (await import("./commands/backup.ts")).backup(to, options));
  hawser
    .command("restore")
    .description("make the data folder (HAWSER_DATA) from a backup, and prove it")
    .argument("<from>", "a folder that backup has made")
    .addOption(json())
    .addHelpText("after", examples("HAWSER_DATA=/srv/hawser/data hawser restore /mnt/backup/2026-11-21"))
    .action(async (from, options) => (await import("./commands/backup.ts")).restore(from, options));
}

const workspace = (words = "slug of the workspace, where there is more than one") =>
  new Option("--workspace <slug>", words);

const json = () => new Option("--json", "for machines: JSON on standard output, nothing else");

const examples = (...lines: string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;

const gather = (value: string, before: string[] = []): string[] => [...before, value];

const gatherList = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(",").flatMap((entry) => entry.trim() || []),
];

function positive(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError("It must be a whole number above 0.");
  }
  return number;
}
