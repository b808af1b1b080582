import { expect, it } from "vitest";
import type { Attempt, Patience, SendPatiently } from "#outbound/send-patiently.ts";
import { type Slowed, watchPace } from "./watch-pace.ts";

const second = (n: number) => new Date(1_000 * n);

it("notes that the source wants to be left alone, and until when, once a second at most", async () => {
  const noted: Slowed[] = [];
  const attempts: Attempt[] = [
    { at: second(1), tookMs: 50, status: 200 },
    { at: second(2), tookMs: 50, status: 429, waitMs: 9_000 },
    { at: second(2), tookMs: 60, status: 429, waitMs: 9_000 },
    { at: second(4), tookMs: 10, status: 500, waitMs: 100 },
    { at: second(5), tookMs: 0, status: 503 },
  ];
  const heard: Attempt[] = [];
  const send: SendPatiently = async (_request, { onAttempt }: Patience) => {
    for (const attempt of attempts) onAttempt?.(attempt);
    return new Response(null) as unknown as Awaited<ReturnType<SendPatiently>>;
  };
  const watched = watchPace(send, async (slowed) => {
    noted.push(slowed);
    throw new Error("the database is away");
  });
  await watched({} as Parameters<SendPatiently>[0], {
    scope: "yard",
    repeatable: true,
    onAttempt: (attempt) => heard.push(attempt),
  });
  expect(noted).toEqual([
    { at: second(2), until: new Date(11_050) },
    { at: second(5), until: undefined },
  ]);
  expect(heard).toEqual(attempts);
});
