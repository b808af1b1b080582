// How a command can end other than well. fail.ts says it and chooses the exit code.

/** It was called in a way that it does not understand: exit code 2. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** It could not do what it was asked for: one or two sentences for a person, exit code 1. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** SIGINT or SIGTERM ended it, in order: exit code 130. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}
