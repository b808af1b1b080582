import { type Clock, systemClock } from "#core/clock.ts";
import { OutboundError } from "./outbound-error.ts";
import { longestWaitMs } from "./retry.ts";
import { systemTimer, type Timer } from "./timer.ts";

/** How fast one account of a provider may be called from this process. */
export interface Rate {
  requestsPerSecond: number;
  atOnce: number;
}

export interface Pace {
  /**
   * Waits for a turn of this key, first come first served, and gives back how to say that it is over. Rejects with the
   * signal's reason, and with OutboundError `host-paused` (and `retryAt`) when the key is held for over 15 minutes.
   */
  enter(key: string, rate: Rate, signal?: AbortSignal): Promise<() => void>;
  /** Nobody gets a turn of this key for so long: the other side asked for it with Retry-After. */
  hold(key: string, ms: number): void;
}

interface Lane {
  /** Turns that may be taken now; grows with time up to a second's worth. */
  tokens: number;
  countedAt: number;
  heldUntil: number;
  inside: number;
  waiting: Waiter[];
  /** What wakes the first of those who wait for time to pass. */
  alarm: AbortController | undefined;
}

interface Waiter {
  rate: Rate;
  enter(): void;
  giveUp(reason: unknown): void;
}

/**
 * A token bucket and a limit of requests at once for each key, in this process. Quiet keys are forgotten, so that keys
 * may come and go (a connection's id is a good one).
 */
export function createPace(timer: Timer = systemTimer, clock: Clock = systemClock): Pace {
  const lanes = new Map<string, Lane>();

  const laneOf = (key: string, tokens: number): Lane => {
    let lane = lanes.get(key);
    if (!lane) {
      lane = { tokens, countedAt: timer.now(), heldUntil: 0, inside: 0, waiting: [], alarm: undefined };
      lanes.set(key, lane);
    }
    return lane;
  };

  // Lets in who may go now, and sets the alarm for the next one.
  const advance = (key: string, lane: Lane): void => {
    lane.alarm?.abort();
    lane.alarm = undefined;
    const heldMs = lane.heldUntil - timer.now();
    if (heldMs > longestWaitMs) for (const waiter of lane.waiting) waiter.giveUp(pausedFor(heldMs));
    for (let next = lane.waiting[0]; next; next = lane.waiting[0]) {
      const now = timer.now();
      const { requestsPerSecond, atOnce } = next.rate;
      lane.tokens = Math.min(burst(next.rate), lane.tokens + ((now - lane.countedAt) / 1000) * requestsPerSecond);
      lane.countedAt = now;
      if (lane.inside >= atOnce) return;
      const forToken = lane.tokens >= 1 ? 0 : ((1 - lane.tokens) / requestsPerSecond) * 1000;
      const waitMs = Math.max(lane.heldUntil - now, forToken);
      if (waitMs > 0) {
        wakeIn(key, lane, waitMs);
        return;
      }
      lane.tokens -= 1;
      lane.inside += 1;
      lane.waiting.shift();
      next.enter();
    }
    forgetQuietLanes();
  };

  const wakeIn = (key: string, lane: Lane, ms: number): void => {
    const alarm = new AbortController();
    lane.alarm = alarm;
    timer.wait(Math.ceil(ms), alarm.signal).then(
      () => advance(key, lane),
      // Set anew, by whoever stopped it.
      () => {},
    );
  };

  const pausedFor = (ms: number): OutboundError =>
    new OutboundError("host-paused", "The host asked to be left alone for a while.", {
      sent: false,
      retryAt: new Date(clock.now().getTime() + ms),
    });

  // A lane nobody is in says nothing once its bucket is full again and its hold is over.
  let sweepAt = 1_000;
  const forgetQuietLanes = (): void => {
    if (lanes.size < sweepAt) return;
    const now = timer.now();
    for (const [key, lane] of lanes) {
      const isQuiet = lane.inside === 0 && lane.waiting.length === 0;
      if (isQuiet && now > lane.heldUntil && now - lane.countedAt > 60_000) lanes.delete(key);
    }
    sweepAt = Math.max(1_000, lanes.size * 2);
  };

  return {
    enter(key, rate, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const lane = laneOf(key, burst(rate));
        const stop = () => {
          waiter.giveUp(signal?.reason);
          advance(key, lane);
        };
        const waiter: Waiter = {
          rate,
          giveUp(reason) {
            signal?.removeEventListener("abort", stop);
            lane.waiting = lane.waiting.filter((other) => other !== waiter);
            reject(reason);
          },
          enter() {
            signal?.removeEventListener("abort", stop);
            let over = false;
            resolve(() => {
              if (over) return;
              over = true;
              lane.inside -= 1;
              advance(key, lane);
            });
          },
        };
        signal?.addEventListener("abort", stop, { once: true });
        lane.waiting.push(waiter);
        advance(key, lane);
      });
    },
    hold(key, ms) {
      const lane = laneOf(key, 1);
      lane.heldUntil = Math.max(lane.heldUntil, timer.now() + ms);
      advance(key, lane);
    },
  };
}

/** A second's worth may go at once, at least one. */
const burst = ({ requestsPerSecond }: Rate): number => Math.max(1, requestsPerSecond);
