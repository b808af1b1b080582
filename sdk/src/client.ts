import { newId } from "../../src/core/ids.ts";
import { errorOf, HawserError } from "./error.ts";
import { type LiveEvent, type LiveOptions, readLive } from "./live.ts";
import { type RouteFacts, routes } from "./routes.ts";
import type { CallOptions, Calls } from "./types.ts";

export interface HawserOptions {
  /** Where Hawser runs: "https://hawser.example.org"; "" for the page's own origin. */
  baseUrl: string;
  /** An API key of a workspace. */
  token?: string | undefined;
  /** The portal's way: the browser's own session cookie instead of a key. */
  session?: true | undefined;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

interface Page<Item> {
  items: Item[];
  next?: string | undefined;
}

export interface Hawser extends Calls {
  /**
   * Every item of a listing, page after page:
   * `for await (const sync of hawser.pages(hawser.syncs.list, { workspace }))`.
   */
  pages<Params, Query extends { cursor?: string | undefined }, Item>(
    list: (params: Params, query?: Query, options?: CallOptions) => Promise<Page<Item>>,
    params: Params,
    query?: Query,
    options?: CallOptions,
  ): AsyncGenerator<Item>;
  /** What happens in a workspace, as it happens; comes back by itself after a lost connection. */
  live(params: { workspace: string }, options?: LiveOptions): AsyncGenerator<LiveEvent>;
}

/** A client of one installation. Every method throws a HawserError when the request does not succeed. */
export function createHawser(options: HawserOptions): Hawser {
  const calls: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes)) {
    if (route.stream) continue;
    const [group = "", verb = ""] = name.split(".");
    const members = calls[group] ?? {};
    calls[group] = members;
    members[verb] = (...args: unknown[]) => call(options, route, args);
  }
  return Object.assign(calls as unknown as Calls, {
    pages: eachPage,
    live: (params: { workspace: string }, live: LiveOptions = {}) =>
      readLive((signal) => openStream(options, params, signal), live),
  });
}

async function* eachPage<Params, Query extends { cursor?: string | undefined }, Item>(
  list: (params: Params, query?: Query, options?: CallOptions) => Promise<Page<Item>>,
  params: Params,
  query?: Query,
  options?: CallOptions,
): AsyncGenerator<Item> {
  let page = await list(params, query, options);
  yield* page.items;
  while (page.next !== undefined) {
    page = await list(params, { ...query, cursor: page.next } as Query, options);
    yield* page.items;
  }
}

type Values = Readonly<Record<string, unknown>>;

/** Arguments stand in the order of types.ts: params, then the body or the query, then the options. */
async function call(options: HawserOptions, route: RouteFacts, args: unknown[]): Promise<unknown> {
  const rest = [...args] as (Values | undefined)[];
  const params = route.path.includes("{") ? rest.shift() : undefined;
  const body = route.body ? (rest.shift() ?? {}) : undefined;
  const query = route.query && !route.body ? rest.shift() : undefined;
  const last = rest.shift() as (CallOptions & { query?: Values }) | undefined;

  const headers = headersFor(options, route);
  if (route.idempotent) headers["idempotency-key"] = last?.idempotencyKey ?? newId();
  const answer = await send(options, addressOf(options, route, params, query ?? last?.query), {
    method: route.method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(last?.signal ? { signal: last.signal } : {}),
  });
  if (answer.status === 204) return undefined;
  return await answer.json();
}

function openStream(options: HawserOptions, params: Values, signal: AbortSignal | undefined): Promise<Response> {
  const route = routes["workspaces.live"];
  const headers = { ...headersFor(options, route), accept: "text/event-stream" };
  return send(options, addressOf(options, route, params, undefined), { headers, ...(signal ? { signal } : {}) });
}

async function send(options: HawserOptions, address: string, request: RequestInit): Promise<Response> {
  const fetchIt = options.fetch ?? fetch;
  let answer: Response;
  try {
    answer = await fetchIt(address, {
      ...request,
      // A key must not travel with somebody's cookies, and an answer must not come from the browser's store.
      credentials: options.session ? "same-origin" : "omit",
      cache: "no-store",
      redirect: "error",
    });
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new HawserError({ status: 0, code: "offline", detail: "Hawser does not answer." }, { cause });
  }
  if (!answer.ok) throw await errorOf(answer);
  return answer;
}

function headersFor(options: HawserOptions, route: RouteFacts): Record<string, string> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  if (route.method === "GET") return headers;
  headers["content-type"] = "application/json";
  // Another site's form cannot set it: with the Origin it proves that the request comes from the portal (SR-45).
  if (options.session) headers["x-requested-with"] = "portal";
  return headers;
}

function addressOf(options: HawserOptions, route: RouteFacts, params: Values = {}, query: Values = {}): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = params[key];
    if (typeof value !== "string" || value === "") throw new TypeError(`${route.path} needs "${key}"`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) search.set(key, String(value));
  }
  const asked = search.size > 0 ? `?${search}` : "";
  return `${options.baseUrl.replace(/\/+$/, "")}/api/v1${path}${asked}`;
}
