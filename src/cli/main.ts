#!/usr/bin/env node
import { Command } from "commander";
import { failWith } from "./fail.ts";
import { version } from "./settings.ts";

const hawser = new Command("hawser")
  .description("Keeps files in sync, calls APIs, publishes posts; every workspace apart.")
  .version(version);

hawser
  .command("start")
  .description("run Hawser: portal, API and workers, on the embedded database or the one that DATABASE_URL names")
  .option("--role <role>", "api, worker or all")
  .option("--port <port>", "port of portal and API")
  .addHelpText("after", "\nExamples:\n  hawser start\n  DATABASE_URL=postgresql://… hawser start --role worker")
  .action(async (options) => (await import("./start.ts")).start(options));

hawser.parseAsync().catch(failWith);
