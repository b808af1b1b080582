import { expect, it } from "vitest";
import { createHawser, type LiveEvent } from "./index.ts";

const stream = (...chunks: string[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  );

const changed = 'data: {"type":"changed","what":"syncs"}\n\n';

const clientOf = (answer: () => Promise<Response>) =>
  createHawser({ baseUrl: "https://hawser.test", token: "k", fetch: answer });

it("reads events however the network cuts them, and leaves comments and unknown kinds out", async () => {
  const text = `: hello\r\n\r\nid: 1\r\ndata: {"type":"changed","what":"files"}\r\n\r\ndata: {"type":"new"}\n\n${changed}`;
  const hawser = clientOf(async () => stream(...text));
  const stop = new AbortController();
  const events: LiveEvent[] = [];
  for await (const event of hawser.live({ workspace: "w" }, { signal: stop.signal })) {
    events.push(event);
    if (events.length === 2) stop.abort();
  }
  expect(events).toEqual([
    { type: "changed", what: "files" },
    { type: "changed", what: "syncs" },
  ]);
});

it("comes back after a lost connection and says that something may have been missed", async () => {
  const answers = [stream(changed), stream(changed)];
  const hawser = clientOf(async () => answers.shift() ?? Promise.reject(new TypeError("gone")));
  const stop = new AbortController();
  const states: string[] = [];
  const types: string[] = [];
  const options = { signal: stop.signal, onState: (state: string) => void states.push(state) };
  for await (const event of hawser.live({ workspace: "w" }, options)) {
    types.push(event.type);
    if (types.length === 3) stop.abort();
  }
  expect(types).toEqual(["changed", "resync", "changed"]);
  expect(states).toEqual(["connected", "lost", "connected"]);
});

it("ends with an error when the server refuses", async () => {
  const problem = { code: "not_found", detail: "There is nothing here.", request_id: "r" };
  const hawser = clientOf(async () => new Response(JSON.stringify(problem), { status: 404 }));
  await expect(hawser.live({ workspace: "w" }).next()).rejects.toMatchObject({ code: "not_found" });
});

it("closes the connection when nobody listens any more", async () => {
  let closed = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(changed)),
    cancel() {
      closed = true;
    },
  });
  const hawser = clientOf(async () => new Response(body));
  for await (const _ of hawser.live({ workspace: "w" })) break;
  expect(closed).toBe(true);
});
