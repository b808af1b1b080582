import type { CallId, ConnectionId } from "#core/ids.ts";
import type { Failure } from "../connection.ts";

/** A call that a person or a program made through a connection. Everything in it is redacted and bounded (SR-75). */
export interface Call {
  id: CallId;
  connection: ConnectionId;
  at: Date;
  /** Nothing for a request that was written by hand. */
  action?: string | undefined;
  actor: string;
  request?: ShownRequest | undefined;
  /** Nothing where no answer came. */
  response?: ShownResponse | undefined;
  failure?: Failure | undefined;
  tookMs: number;
  attempts: readonly CallAttempt[];
  cached: boolean;
}

/** One line of the list of calls. */
export interface CallSummary extends Omit<Call, "request" | "response" | "attempts"> {
  method?: string | undefined;
  url?: string | undefined;
  status?: number | undefined;
  attempts: number;
}

export interface ShownRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: ShownBody;
}

export interface ShownResponse {
  status: number;
  url: string;
  headers: Readonly<Record<string, string>>;
  mediaType: string | null;
  /** Length of the body as it came. */
  bytes: number;
  body: ShownBody;
  /** What the action makes of it. */
  output?: unknown;
}

export type ShownBody =
  | { kind: "none" }
  | { kind: "json"; value: unknown }
  | { kind: "text"; text: string; cut: boolean }
  | { kind: "binary"; note: string };

export interface CallAttempt {
  /** RFC 3339, as it stands in the row. */
  at: string;
  tookMs: number;
  status?: number | undefined;
  failure?: string | undefined;
  /** The pause before the next one. */
  waitMs?: number | undefined;
}
