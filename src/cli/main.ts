#!/usr/bin/env node
import { CommanderError } from "commander";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  // commander has said what is wrong, or has shown the help that was asked for.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  (await import("./fail.ts")).failWith(error);
}
