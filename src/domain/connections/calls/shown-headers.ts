const LONGEST_VALUE = 4_096;
const MOST = 100;

/** What may sign somebody in, by itself or together with something else, is not shown. */
const telling =
  /cookie|^authorization$|^proxy-auth|^authentication-info$|token|secret|password|api-?key|signature|session|credential/i;

/** Headers of an answer as they are shown: without those that may sign somebody in, redacted, of bounded length. */
export function showHeaders(headers: Headers, redact: (text: string) => string): Record<string, string> {
  const shown: Record<string, string> = Object.create(null);
  for (const [name, value] of [...headers].filter(([name]) => !telling.test(name)).slice(0, MOST)) {
    shown[redact(name)] = redact(value).slice(0, LONGEST_VALUE);
  }
  return shown;
}
