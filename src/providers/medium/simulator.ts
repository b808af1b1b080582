import { z } from "zod";
import { randomText } from "#provider-kit/sim/random.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answer, type MediumState, newMedium } from "./simulated-api.ts";

export interface MediumSimulator extends SimulatedService {
  /** Authors, their tokens, and the guard in front; it can be changed at any time. */
  readonly medium: MediumState;
  revokeCredentials(): void;
}

export function mediumSimulator(options: SimulatorOptions): MediumSimulator {
  const medium = newMedium();
  const random = randomText(options.seed);
  const service = simulatedService(
    {
      key: "medium",
      api: ({ request, path, url }) =>
        answer(medium, { method: request.method, path, query: url.searchParams, headers: request.headers }),
      memory: { save: () => tokensOf(medium), restore: (saved) => setTokens(medium, saved) },
    },
    options,
  );
  const control = {
    medium,
    revokeCredentials: () => {
      for (const author of medium.authors) {
        author.tokens = author.tokens.map(({ scopes }) => ({ token: `simulated-${random(32)}`, scopes }));
      }
    },
  };
  return Object.defineProperty(Object.assign(service, control), "notes", {
    get: () =>
      medium.authors.flatMap(({ username, tokens }) =>
        tokens.map(({ token }) => `Integration token of @${username}: ${token}`),
      ),
  });
}

const savedTokens = z.record(z.string(), z.array(z.object({ token: z.string(), scopes: z.array(z.string()) })));

const tokensOf = ({ authors }: MediumState) => Object.fromEntries(authors.map(({ id, tokens }) => [id, tokens]));

function setTokens({ authors }: MediumState, saved: unknown): void {
  const read = savedTokens.safeParse(saved);
  for (const author of authors) author.tokens = read.data?.[author.id] ?? author.tokens;
}
