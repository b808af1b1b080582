/** What goes wrong on the way, on purpose (SR-105). */

export interface Fault {
  /** Answered in place of the simulator. Without it the simulator answers, and what follows is done to that. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown;
  delayMs?: number;
  /** The body breaks off after so many bytes. */
  cutAfter?: number;
  /** The body ends after so many bytes as if that were all of it. */
  truncateAfter?: number;
  /** Another content type than the body is of. */
  mislabel?: string;
  /** Bytes of the body are changed. */
  corrupt?: boolean;
  /** No answer ever comes; the work is not done. */
  hang?: boolean;
  /** The work is done, and the connection breaks before the answer. */
  loseAnswer?: boolean;
}

/** Which requests; all where nothing is said. A path matches as its beginning. */
export interface Match {
  method?: string;
  path?: string;
}

interface Planned extends Match {
  fault: Fault;
  times: number;
}

export class Faults {
  #planned: Planned[] = [];

  failNext(fault: Fault, match: Match = {}, times = 1): void {
    this.#planned.push({ ...match, fault, times });
  }

  always(fault: Fault, match: Match = {}): void {
    this.failNext(fault, match, Number.POSITIVE_INFINITY);
  }

  clear(): void {
    this.#planned = [];
  }

  /** The fault of this request, and one less of its kind to come. */
  take(method: string, path: string): Fault | undefined {
    const planned = this.#planned.find((one) => (one.method ?? method) === method && path.startsWith(one.path ?? ""));
    if (!planned) return undefined;
    planned.times -= 1;
    if (planned.times <= 0) this.#planned = this.#planned.filter((one) => one !== planned);
    return planned.fault;
  }
}

/** Thrown where the connection is to break without an answer; whoever serves the simulator destroys the socket. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Answers through a fault. `answer` does the simulator's work. */
export async function throughFault(
  fault: Fault | undefined,
  signal: AbortSignal,
  answer: () => Promise<Response>,
): Promise<Response> {
  if (!fault) return answer();
  if (fault.delayMs !== undefined) await pause(fault.delayMs, signal);
  if (fault.hang) await pause(Number.POSITIVE_INFINITY, signal);
  if (fault.loseAnswer) {
    await answer();
    throw new ConnectionLost("the answer is lost");
  }
  const given = fault.status === undefined ? await answer() : replacementOf(fault, fault.status);
  return damaged(given, fault);
}

function replacementOf({ headers, body }: Fault, status: number): Response {
  const isText = typeof body === "string";
  const content = body === undefined || [204, 304].includes(status) ? null : isText ? body : JSON.stringify(body);
  return new Response(content, {
    status,
    headers: { ...(content !== null && { "content-type": isText ? "text/html" : "application/json" }), ...headers },
  });
}

async function damaged(given: Response, fault: Fault): Promise<Response> {
  const { cutAfter, truncateAfter, mislabel, corrupt } = fault;
  if (cutAfter === undefined && truncateAfter === undefined && mislabel === undefined && !corrupt) return given;
  const headers = new Headers(given.headers);
  if (mislabel !== undefined) headers.set("content-type", mislabel);
  const bytes = new Uint8Array(await given.arrayBuffer());
  if (corrupt) for (let at = 0; at < bytes.length; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0xa5;
  if (truncateAfter !== undefined) {
    headers.delete("content-length");
    return new Response(bytes.subarray(0, truncateAfter), { status: given.status, headers });
  }
  if (cutAfter === undefined) return new Response(bytes, { status: given.status, headers });
  // The length that was promised makes the missing rest a failure and not an end.
  headers.set("content-length", String(bytes.length));
  const beginning = bytes.subarray(0, cutAfter);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(beginning);
    },
    pull(controller) {
      controller.error(new ConnectionLost("the body breaks off"));
    },
  });
  return new Response(body, { status: given.status, headers });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    const stop = () => {
      clearTimeout(timer);
      reject(new ConnectionLost("nobody waits any more"));
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
