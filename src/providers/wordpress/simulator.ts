import type { GivesCredentials } from "#provider-kit/sim/given-credentials.ts";
import { randomText } from "#provider-kit/sim/random.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answer } from "./simulated-api.ts";
import { newSite, type Site } from "./simulated-site.ts";

export interface WordPressSimulator extends SimulatedService, GivesCredentials {
  /** What whoever runs the site has made of it; it can be changed at any time. */
  readonly site: Site;
}

/** A site in the folder `/api`, as WordPress may lie in any folder. */
export function wordpressSimulator(options: SimulatorOptions): WordPressSimulator {
  const site = newSite(`${options.origin}/api`);
  const random = randomText(options.seed);
  const service = simulatedService(
    {
      key: "wordpress",
      api: ({ request, path, url }) =>
        answer(site, { method: request.method, path, query: url.searchParams, headers: request.headers }),
    },
    options,
  );
  return Object.assign(service, {
    site,
    credentials: () =>
      site.users.flatMap(({ login, applicationPasswords }) =>
        applicationPasswords.map((password) => ({ account: login, fields: { username: login, password } })),
      ),
    revokeCredentials: () => {
      for (const user of site.users) user.applicationPasswords = [Array.from({ length: 6 }, () => random(4)).join(" ")];
    },
  });
}
