import type { ResolvedJson, ResolvedText } from "#expressions/secret-handle.ts";
import type { Method } from "#outbound/client.ts";

/** A request that is ready but for its credential and for the values of the secrets in it. */
export interface PreparedRequest {
  method: Method;
  url: URL;
  headers: Readonly<Record<string, string | ResolvedText>>;
  query: Readonly<Record<string, string | ResolvedText>>;
  body?: PreparedBody | undefined;
  /** Sending it twice is harmless. */
  repeatable: boolean;
}

export type PreparedBody =
  | { json: ResolvedJson }
  | { form: Readonly<Record<string, string | ResolvedText>> }
  | { text: string; mediaType: string };

const repeatable: ReadonlySet<Method> = new Set<Method>(["GET", "HEAD", "PUT", "DELETE"]);

export const isRepeatable = (method: Method): boolean => repeatable.has(method);
