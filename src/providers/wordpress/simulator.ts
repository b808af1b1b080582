import { z } from "zod";
import { randomText } from "#provider-kit/sim/random.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answer } from "./simulated-api.ts";
import { newSite, type Site } from "./simulated-site.ts";

export interface WordPressSimulator extends SimulatedService {
  /** What whoever runs the site has made of it; it can be changed at any time. */
  readonly site: Site;
  revokeCredentials(): void;
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
      memory: { save: () => passwordsOf(site), restore: (saved) => setPasswords(site, saved) },
    },
    options,
  );
  const control = {
    site,
    revokeCredentials: () => {
      for (const user of site.users) user.applicationPasswords = [Array.from({ length: 6 }, () => random(4)).join(" ")];
    },
  };
  return Object.defineProperty(Object.assign(service, control), "notes", {
    get: () => [
      `Site: ${site.home}`,
      ...site.users.flatMap(({ login, applicationPasswords }) =>
        applicationPasswords.map((password) => `User name ${login}, application password: ${password}`),
      ),
    ],
  });
}

const savedPasswords = z.record(z.string(), z.array(z.string()));

const passwordsOf = ({ users }: Site) =>
  Object.fromEntries(users.map(({ login, applicationPasswords }) => [login, applicationPasswords]));

function setPasswords({ users }: Site, saved: unknown): void {
  const read = savedPasswords.safeParse(saved);
  for (const user of users) user.applicationPasswords = read.data?.[user.login] ?? user.applicationPasswords;
}
