import { type Logger, pino } from "pino";
import type { Config } from "../config.ts";

/** One JSON object a line on standard error (SR-74). Of an error only what helps: drivers hang whole clients on theirs. */
export function createLog(level: Config["logLevel"]): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: shortError, error: shortError },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

function shortError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { type: error.name, message: error.message, stack: error.stack, ...("code" in error && { code: error.code }) };
}
