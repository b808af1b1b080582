import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "../config.ts";

export interface LogOptions {
  /** Secrets that this process holds. More may be added while it runs. */
  secrets?: ReadonlySet<string>;
  /** Standard error unless told. */
  to?: DestinationStream;
}

/**
 * One JSON object a line on standard error (SR-74). Of an error only what helps: drivers hang whole clients on theirs.
 * What looks like a secret, or is one of ours, is cut out of every line: the last net, should the others have a hole.
 */
export function createLog(level: Config["logLevel"], { secrets = new Set(), to }: LogOptions = {}): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: shortError, error: shortError },
      hooks: { streamWrite: (line) => withoutSecrets(line, secrets) },
    },
    to ?? pino.destination({ fd: 2, sync: true }),
  );
}

function shortError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { type: error.name, message: error.message, stack: error.stack, ...("code" in error && { code: error.code }) };
}

const shapes: readonly [RegExp, string][] = [
  // Our own tokens: sessions, API keys, invitations.
  [/\bhws[sri]_[\w-]+/g, "[secret]"],
  [/\b(Bearer|Basic) [\w.~+/=-]+/gi, "$1 [secret]"],
  // The password in an address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"\\]*:)[^\s@/"\\]+@/gi, "$1[secret]@"],
];
/** Shorter ones would be found everywhere by chance. */
const shortestSecret = 8;

function withoutSecrets(line: string, secrets: ReadonlySet<string>): string {
  let clean = line;
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    // As it stands in a line: in JSON.
    clean = clean.replaceAll(JSON.stringify(secret).slice(1, -1), "[secret]");
  }
  for (const [shape, instead] of shapes) clean = clean.replace(shape, instead);
  return clean;
}
