import type { OutboundResponse } from "#outbound/client.ts";
import { redactor } from "#outbound/redact.ts";
import type { Auth } from "#provider-kit/auth.ts";
import type { Secret } from "#vault/secret.ts";
import type { Signing } from "./access.ts";

/** Takes out of texts every secret that has been seen by then: what it was sent, the other side may send back (SR-25). */
export interface Redaction {
  redact(text: string): string;
  see(secrets: readonly Secret[]): void;
}

export function openRedaction(): Redaction {
  const seen: Secret[] = [];
  // Made when it is first needed: most of what is sent is answered well, and nobody looks at the text.
  let redactSeen: ((text: string) => string) | undefined;
  return {
    redact(text) {
      redactSeen ??= redactor(seen);
      return redactSeen(text);
    },
    see(secrets) {
      seen.push(...secrets);
      redactSeen = undefined;
    },
  };
}

/** An answer that is text, without the secrets in it: its words may be shown, logged and kept (SR-75). */
export async function redactAnswer(
  answer: OutboundResponse,
  redact: (text: string) => string,
  /** A body that breaks off, or is too large, is taken as far as it came, whatever the status. */
  { partly = false }: { partly?: boolean } = {},
): Promise<{ body: string; headers: Headers }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    // What there is of a failure may still tell why; of anything else a part is of no use.
    if (answer.status < 400 && !partly) throw error;
  }
  const headers = new Headers([...answer.headers].map(([name, value]): [string, string] => [name, redact(value)]));
  headers.delete("content-length");
  return { body: redact(text + decoder.decode()), headers };
}

/** What must not be seen of a way of signing. A user name is no secret, unless it is the key and there is no password. */
export function secretsOf({ credential, secrets }: Signing, auth: Auth | undefined): Secret[] {
  const place = credential?.place;
  const isKey = auth?.type === "basic" && auth.passwordLabel === undefined;
  return [
    ...(credential ? [credential.secret] : []),
    ...(isKey && place?.kind === "basic" && typeof place.userName !== "string" ? [place.userName] : []),
    ...(place?.kind === "webhook-signature" && place.previous ? [place.previous] : []),
    ...[...(secrets?.values() ?? [])].map(({ secret }) => secret),
  ];
}
