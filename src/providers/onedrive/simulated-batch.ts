/** Several requests in one: answered one by one, in an order of their own. */
import { z } from "zod";
import { badRequest } from "./simulated-error.ts";

const MOST = 20;

const batch = z.object({
  requests: z.array(
    z.object({
      id: z.string().min(1),
      method: z.string(),
      url: z.string().min(1),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      dependsOn: z.array(z.string()).optional(),
    }),
  ),
});

/** @param ask answers one of them; its path begins behind the version */
export async function answerBatch(
  request: Request,
  ask: (path: string, init: { method: string; headers: Record<string, string>; body?: string }) => Promise<Response>,
): Promise<Response> {
  const read = batch.safeParse(await request.json().catch(() => undefined));
  if (!read.success) return badRequest("Invalid batch payload format.");
  const { requests } = read.data;
  if (requests.length > MOST) return badRequest(`Number of batch request steps exceeds the maximum value of ${MOST}.`);
  const ids = requests.map(({ id }) => id.toLowerCase());
  if (new Set(ids).size < ids.length) return badRequest("The ids of the requests of a batch have to differ.");

  const statuses = new Map<string, number>();
  const responses: object[] = [];
  for (const { id, method, url, headers = {}, body, dependsOn = [] } of requests) {
    const fails = dependsOn.some((other) => (statuses.get(other.toLowerCase()) ?? 424) >= 400);
    const answer = fails
      ? Response.json(
          { error: { code: "FailedDependency", message: "A request it depends on has failed." } },
          { status: 424 },
        )
      : await ask(url.replace(/^\//, ""), {
          method,
          headers,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
    statuses.set(id.toLowerCase(), answer.status);
    const text = await answer.text();
    responses.unshift({
      id,
      status: answer.status,
      headers: Object.fromEntries([...answer.headers].map(([name, value]) => [canonical(name), value])),
      ...(text !== "" && { body: JSON.parse(text) }),
    });
  }
  return Response.json({ responses });
}

/** `retry-after` as `Retry-After`: the names stand in a text here, and nobody folds their case. */
const canonical = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
