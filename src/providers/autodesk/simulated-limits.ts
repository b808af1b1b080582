import { quotaExceeded } from "./simulated-refusals.ts";

/** How many requests a minute each endpoint takes of one app, whoever is signed in. */
const perMinute: readonly (readonly [RegExp, number])[] = [
  [/^\/project\/v1\/hubs(\/[^/]+)?$/, 50],
  [/^\/project\/v1\/hubs\/[^/]+\/projects(\/[^/]+)?$/, 50],
  [/\/topFolders$/, 300],
  [/\/folders\/[^/]+$/, 300],
  [/\/folders\/[^/]+\/(?:contents|search)$/, 300],
  [/\/folders\/[^/]+\/(?:parent|refs)$/, 50],
  [/\/items\/[^/]+$/, 300],
  [/\/items\/[^/]+\/(?:tip|parent)$/, 50],
  [/\/items\/[^/]+\/versions$/, 800],
  [/\/versions\/[^/]+$/, 300],
  [/\/versions\/[^/]+\/(?:item|downloadFormats)$/, 50],
  [/\/commands$/, 300],
  [/^\/oss\//, 1000],
];

export class SimulatedLimits {
  readonly #counted = new Map<string, { minute: number; requests: number }>();

  refuse(client: string, path: string, now: Date): Response | undefined {
    const at = perMinute.findIndex(([pattern]) => pattern.test(path));
    const most = perMinute[at]?.[1];
    if (most === undefined) return undefined;
    const minute = Math.floor(now.getTime() / 60_000);
    const key = `${client} ${at}`;
    const before = this.#counted.get(key);
    const requests = (before?.minute === minute ? before.requests : 0) + 1;
    this.#counted.set(key, { minute, requests });
    return requests > most ? quotaExceeded() : undefined;
  }
}
