import type { GivesCredentials } from "#provider-kit/sim/given-credentials.ts";
import { randomText } from "#provider-kit/sim/random.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answer, type MediumState, newMedium } from "./simulated-api.ts";

export interface MediumSimulator extends SimulatedService, GivesCredentials {
  /** Authors, their tokens, and the guard in front; it can be changed at any time. */
  readonly medium: MediumState;
}

export function mediumSimulator(options: SimulatorOptions): MediumSimulator {
  const medium = newMedium();
  const random = randomText(options.seed);
  const service = simulatedService(
    {
      key: "medium",
      api: ({ request, path, url }) =>
        answer(medium, { method: request.method, path, query: url.searchParams, headers: request.headers }),
    },
    options,
  );
  return Object.assign(service, {
    medium,
    credentials: () =>
      medium.authors.flatMap(({ username, tokens }) =>
        tokens.map(({ token }) => ({ account: `@${username}`, fields: { token } })),
      ),
    revokeCredentials: () => {
      for (const author of medium.authors) {
        author.tokens = author.tokens.map(({ scopes }) => ({ token: `simulated-${random(32)}`, scopes }));
      }
    },
  });
}
