import { expect, it } from "vitest";
import type { Attempt, SendPatiently } from "#outbound/send-patiently.ts";
import { metered, newMeter, quotaNow } from "./request-meter.ts";

const at = (second: number) => new Date(1_000 * second);
const quota = { remaining: 5, resetsAt: at(60), countedBy: "provider" as const };

/** What is known after these attempts, made by a run that another process has begun. */
async function after(...attempts: Omit<Attempt, "at" | "tookMs">[]) {
  const meter = newMeter(40);
  const heard: Attempt[] = [];
  const send: SendPatiently = async (_request, { onAttempt }) => {
    for (const attempt of attempts) onAttempt?.({ at: at(1), tookMs: 1, ...attempt });
    return new Response(null) as unknown as Awaited<ReturnType<SendPatiently>>;
  };
  await metered(send, meter)({} as Parameters<SendPatiently>[0], {
    scope: "yard",
    repeatable: true,
    onAttempt: (attempt) => heard.push(attempt),
  });
  expect(heard).toHaveLength(attempts.length);
  return meter;
}

it("counts what is sent, on from what was counted before, and knows what the last answer told", async () => {
  const told = { status: 200, quota };
  expect(await after(told, { failure: "cut off" }, { status: 500, quota })).toEqual({ requests: 43, quota });
  expect(await after(told, { failure: "cut off" })).toEqual({ requests: 42, quota });
  expect(await after(told, { status: 429 })).toEqual({ requests: 42, quota: undefined });
});

it("knows nothing any more once it is renewed", async () => {
  const meter = await after({ status: 200, quota });
  expect(quotaNow(meter, at(59))).toEqual(quota);
  expect(quotaNow(meter, at(60))).toBeUndefined();
  const { resetsAt: _, ...timeless } = quota;
  expect(quotaNow(await after({ status: 200, quota: timeless }), at(9_999))).toEqual(timeless);
});
