/** How much a pretend Graph lets itself be asked: resource units in a while, and longer waits for whoever does not wait. */
import type { Budget, MicrosoftState } from "./simulated-microsoft.ts";

export class Throttle {
  readonly #state: MicrosoftState;
  #begun = 0;
  #used = 0;
  #closedUntil = 0;

  constructor(state: MicrosoftState) {
    this.#state = state;
  }

  /** Takes so many units; what is given back is the answer of somebody who may not. */
  take(units: number, now: number): Response | undefined {
    const budget = this.#state.budget;
    if (!budget) return undefined;
    if (now < this.#closedUntil) {
      // Asking while one is to wait makes the wait longer.
      this.#closedUntil += 1000;
      return tooMany(budget, this.#closedUntil, now);
    }
    if (now - this.#begun >= budget.windowS * 1000) {
      this.#begun = now;
      this.#used = 0;
    }
    this.#used += units;
    if (this.#used <= budget.units) return undefined;
    this.#closedUntil = now + budget.retryAfterS * 1000;
    return tooMany(budget, this.#closedUntil, now);
  }

  /** What an app is told from four fifths on. */
  headers(now: number): Record<string, string> {
    const budget = this.#state.budget;
    if (!budget || this.#used < budget.units * 0.8) return {};
    return {
      "ratelimit-limit": String(budget.units),
      "ratelimit-remaining": String(Math.max(0, budget.units - this.#used)),
      "ratelimit-reset": String(Math.max(0, Math.ceil((this.#begun + budget.windowS * 1000 - now) / 1000))),
    };
  }
}

function tooMany({ as, status }: Budget, until: number, now: number): Response {
  const retryAfter = as === "date" ? new Date(until).toUTCString() : String(Math.ceil((until - now) / 1000));
  const error =
    status === 429
      ? {
          code: "activityLimitReached",
          message: "The request has been throttled",
          innerError: { code: "throttledRequest" },
        }
      : { code: "serviceNotAvailable", message: "The server is busy" };
  return Response.json({ error }, { status, headers: { "retry-after": retryAfter } });
}
