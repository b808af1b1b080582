/** The batch endpoint of the pretend Drive: up to 100 requests in one (RFC 2046 5.1). */
import { DriveRefusal } from "./simulated-failure.ts";

const MOST = 100;
const BOUNDARY = "batch_hawser";

/** @param answer one of the requests; its failure is its own */
export async function answerBatch(request: Request, answer: (inner: Request) => Promise<Response>): Promise<Response> {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers.get("content-type") ?? "")?.[1];
  if (boundary === undefined) throw new DriveRefusal(400, "badRequest", "Failed to parse batch request");
  const text = await request.text();
  const parts = text.split(`--${boundary}`).slice(1, -1);
  if (parts.length === 0) throw new DriveRefusal(400, "badRequest", "Failed to parse batch request");
  if (parts.length > MOST) {
    throw new DriveRefusal(400, "badRequest", `The batch request exceeds the limit of ${MOST} calls.`);
  }
  const answers = await Promise.all(parts.map((part) => answerPart(part, request, answer)));
  // Nobody promises an order.
  const body = answers.toReversed().join("");
  return new Response(`${body}--${BOUNDARY}--\r\n`, {
    headers: { "content-type": `multipart/mixed; boundary=${BOUNDARY}` },
  });
}

async function answerPart(
  part: string,
  outer: Request,
  answer: (inner: Request) => Promise<Response>,
): Promise<string> {
  const [head = "", rest = ""] = cut(part.replace(/^\r?\n/, ""));
  const [start = "", body] = cut(rest);
  const [line = "", ...lines] = start.split(/\r?\n/);
  const [, method, target] = /^([A-Z]+) (\S+)(?: HTTP\/1\.1)?\s*$/.exec(line) ?? [];
  const id = /^content-id:\s*<?([^>\r\n]*)>?/im.exec(head)?.[1];
  const reply =
    method === undefined || target === undefined
      ? new DriveRefusal(400, "badRequest", "Failed to parse batch request").answer
      : await answer(innerRequest(method, target, lines, body, outer));
  const inner = [
    `HTTP/1.1 ${reply.status}`,
    ...[...reply.headers].map(([name, value]) => `${name}: ${value}`),
    "",
    await reply.text(),
  ].join("\r\n");
  const about = ["Content-Type: application/http", ...(id === undefined ? [] : [`Content-ID: <response-${id}>`])];
  return `--${BOUNDARY}\r\n${about.join("\r\n")}\r\n\r\n${inner}\r\n`;
}

function innerRequest(method: string, target: string, lines: string[], body: string | undefined, outer: Request) {
  const headers = new Headers();
  const authorization = outer.headers.get("authorization");
  if (authorization !== null) headers.set("authorization", authorization);
  for (const line of lines) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.set(name, value);
  }
  const url = new URL(target, outer.url);
  return new Request(url, { method, headers, ...(method === "POST" && { body: body?.trim() ?? "" }) });
}

/** The part before the first blank line, and the part behind it. */
function cut(text: string): [string, string] {
  const blank = /\r?\n\r?\n/.exec(text);
  return blank ? [text.slice(0, blank.index), text.slice(blank.index + blank[0].length)] : [text, ""];
}
