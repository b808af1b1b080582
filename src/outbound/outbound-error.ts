import { errors } from "undici";
import { AppError } from "#core/errors.ts";

/** What went wrong on the way out or back. The other side's own "no" is an answer and not among them. */
export type OutboundFailure =
  | "connect-failed"
  | "timed-out"
  | "cut-off"
  | "too-large"
  | "bad-answer"
  | "too-many-redirects"
  | "host-paused";

/** A request brought no usable answer. The message is for people: no address, no text of the other side (SR-75). */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  readonly reason: OutboundFailure;
  /** False only when it is certain that the other side got nothing of the request. */
  readonly sent: boolean;
  /** When the host may be tried again, for `host-paused`. */
  readonly retryAt?: Date;

  constructor(
    reason: OutboundFailure,
    message: string,
    more: { sent?: boolean; retryAt?: Date; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.reason = reason;
    this.sent = more.sent ?? true;
    if (more.retryAt) this.retryAt = more.retryAt;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** What a connection that did not come about is reported as. Refusals pass as they are. */
export function readConnectFailure(error: unknown): Error {
  if (error instanceof AppError || error instanceof OutboundError) return error;
  const code = codeOf(error);
  const message = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/.test(code)
    ? "The host does not speak https at this port."
    : /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO/.test(code)
      ? "The host has no valid certificate for its name."
      : "The host did not accept a connection.";
  return new OutboundError("connect-failed", message, { sent: false, cause: error });
}

/** What a failure after connecting is reported as; unknown ones, our own mistakes, stay what they are. */
export function readFailure(error: unknown): unknown {
  if (error instanceof AppError || error instanceof OutboundError) return error;
  const code = codeOf(error);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return new OutboundError("timed-out", "The host took too long to answer.", { cause: error });
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return new OutboundError("too-large", "The headers of the answer are too large.", { cause: error });
  }
  // Z_, ERR__ and ERR_BROTLI: decompression.
  if (error instanceof errors.HTTPParserError || /^(Z_|ERR__|ERR_BROTLI)/.test(code)) {
    return new OutboundError("bad-answer", "The answer is not valid HTTP.", { cause: error });
  }
  const cutOff =
    /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|UND_ERR_ABORTED|ERR_STREAM_PREMATURE_CLOSE|ECONN|EPIPE|ETIMEDOUT)/;
  if (cutOff.test(code)) {
    return new OutboundError("cut-off", "The connection ended before the answer was complete.", { cause: error });
  }
  return error;
}
