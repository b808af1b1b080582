import { z } from "zod";
import { page } from "#provider-kit/sim/consent-page.ts";
import type { Part, SimulatedService } from "#provider-kit/sim/service.ts";
import { hasFiles, workAt } from "./work.ts";

const acts = [
  "revoke",
  "expire",
  "remove-scope",
  "allow-scopes",
  "down-token",
  "down-api",
  "down-all",
  "up",
  "slow",
  "unhurried",
  "work",
] as const;

const order = z.object({
  service: z.string().max(64),
  act: z.enum(acts),
  scope: z.string().max(255).optional(),
  seed: z.coerce.number().int().min(0).max(1_000_000).optional(),
});

/** “Not so fast”, in the words that every service understands. */
const slowDown = { status: 429, headers: { "retry-after": "2" }, body: {} };
const SLOWED = 2;
/** So that what goes on can be watched. */
const unhurried = { delayMs: 1_000 };

/** What was done the last time that somebody worked at a service. */
const worked = new WeakMap<SimulatedService, { seed: number; done: string[] }>();

const parts: Partial<Record<(typeof acts)[number], Part>> = {
  "down-token": "token",
  "down-api": "api",
  "down-all": "all",
};

/** The page on which a person plays the providers: takes access back, removes scopes, lets a service fail. */
export async function control(services: ReadonlyMap<string, SimulatedService>, request: Request): Promise<Response> {
  if (request.method === "GET" || request.method === "HEAD") return overview(services, request.method);
  const own = new URL(request.url).origin;
  // Another page in the same browser must not play with it.
  if (request.method !== "POST" || (request.headers.get("origin") ?? own) !== own) {
    return new Response(null, { status: 403 });
  }
  const read = order.safeParse(Object.fromEntries(new URLSearchParams(await request.text())));
  const service = read.success ? services.get(read.data.service) : undefined;
  if (!read.success || !service) return new Response(null, { status: 400 });
  const { act, scope, seed } = read.data;
  if (act === "revoke") takeBack(service);
  else if (act === "expire") service.oauth?.expireAccess();
  else if (act === "remove-scope") service.oauth?.removeScope(scope ?? "");
  else if (act === "allow-scopes") service.oauth?.allowScopes();
  else if (act === "work") letWork(service, seed);
  else if (act === "slow") service.faults.failNext(slowDown, { path: "/api" }, SLOWED);
  else if (act === "unhurried") service.faults.always(unhurried, { path: "/api" });
  else {
    if (act === "up") service.faults.clear();
    service.setDown(parts[act]);
  }
  return new Response(null, { status: 303, headers: { location: "/" } });
}

function takeBack(service: SimulatedService): void {
  service.oauth?.revokeGrants();
  service.revokeCredentials?.();
}

/** Without a seed each time does something else. */
function letWork(service: SimulatedService, seed = (worked.get(service)?.seed ?? 0) + 1): void {
  if (hasFiles(service)) worked.set(service, { seed, done: workAt(service, seed) });
}

function overview(services: ReadonlyMap<string, SimulatedService>, method: string): Response {
  const rows = [...services.values()].map((service) => {
    const state = service.down === undefined ? "answers" : `does not answer (${service.down})`;
    const notes = service.notes?.map((note) => `<p>${inHtml(note)}</p>`).join("") ?? "";
    const back = service.oauth || service.revokeCredentials ? button(service, "revoke", "Take all access back") : "";
    const forOauth = service.oauth
      ? `${button(service, "expire", "Let access tokens expire")}
${button(service, "allow-scopes", "Let people tick every scope again")}
<form method="post">${hidden(service, "remove-scope")}<input name="scope" aria-label="Scope" placeholder="scope"> <button>Remove a scope</button></form>`
      : "";
    const work = hasFiles(service)
      ? `<p>${button(service, "work", "Let somebody work at the files")}</p>${whatWasDone(service)}`
      : "";
    return `<h2>${inHtml(service.key)}</h2><p>It ${state}.</p>${notes}
<p>${button(service, "up", "Answer")} ${button(service, "down-token", "No token endpoint")} ${button(service, "down-api", "No API")} ${button(service, "down-all", "Nothing at all")} ${button(service, "slow", "Ask to slow down")} ${button(service, "unhurried", "Take a second for each answer")}</p>
<p>${back} ${forOauth}</p>${work}`;
  });
  const response = page(200, "Hawser's sandbox", rows.join("\n"));
  // Under the usual policy of our pages a browser would not say that its forms are ours.
  response.headers.set("referrer-policy", "same-origin");
  return method === "HEAD" ? new Response(null, { status: 200, headers: response.headers }) : response;
}

const whatWasDone = (service: SimulatedService): string =>
  (worked.get(service)?.done ?? []).map((line) => `<p>Somebody ${inHtml(line)}.</p>`).join("");

const inHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const hidden = (service: SimulatedService, act: (typeof acts)[number]): string =>
  `<input type="hidden" name="service" value="${inHtml(service.key)}"><input type="hidden" name="act" value="${act}">`;

const button = (service: SimulatedService, act: (typeof acts)[number], words: string): string =>
  `<form method="post">${hidden(service, act)}<button>${words}</button></form>`;
