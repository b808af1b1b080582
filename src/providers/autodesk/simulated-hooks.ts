/** `/webhooks/v1`: hooks, the secrets that notices are signed with, and the notices. */
import { z } from "zod";
import { hmacOf } from "#provider-kit/hmac.ts";
import { sizeOf } from "#provider-kit/sim/content.ts";
import { randomText } from "#provider-kit/sim/random.ts";
import type { ApiCall } from "#provider-kit/sim/service.ts";
import type { SimEvent, SimNode } from "#provider-kit/sim/tree.ts";
import { versionUrn } from "./simulated-ids.ts";
import { hookRefusal } from "./simulated-refusals.ts";
import type { AutodeskState } from "./simulated-state.ts";
import { type AutodeskTree, extensionOf } from "./simulated-tree.ts";

const hookShape = z.object({
  hookId: z.string(),
  region: z.string(),
  event: z.string(),
  owner: z.string(),
  callbackUrl: z.string(),
  folder: z.string(),
  status: z.enum(["active", "inactive", "reactivated"]),
  autoReactivateHook: z.boolean(),
  hookExpiry: z.string().nullable(),
  hookAttribute: z.unknown().optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  token: z.string().optional(),
  failures: z.number(),
});
export type SimHook = z.infer<typeof hookShape>;

const memory = z.object({ hooks: z.array(hookShape), tokens: z.array(z.tuple([z.string(), z.string()])) });

const wanted = z.object({
  callbackUrl: z.url(),
  scope: z.object({ folder: z.string() }),
  autoReactivateHook: z.boolean().optional(),
  hookExpiry: z.iso.datetime().nullish(),
  hookAttribute: z.unknown().optional(),
});
const changed = z.object({
  status: z.enum(["active", "inactive"]).optional(),
  token: z.string().min(1).optional(),
  hookExpiry: z.iso.datetime().nullish(),
  autoReactivateHook: z.boolean().optional(),
});

const PAGE = 200;

export class SimulatedHooks {
  hooks: SimHook[] = [];
  /** Secrets for all hooks of somebody, in a region. */
  readonly tokens = new Map<string, string>();
  readonly #tree: AutodeskTree;
  readonly #state: AutodeskState;
  readonly #notify: ((request: Request) => Promise<Response>) | undefined;
  readonly #now: () => Date;
  readonly #random = randomText();
  readonly #sending = new Set<Promise<void>>();

  constructor(about: {
    tree: AutodeskTree;
    state: AutodeskState;
    now: () => Date;
    notify: ((request: Request) => Promise<Response>) | undefined;
  }) {
    this.#tree = about.tree;
    this.#state = about.state;
    this.#now = about.now;
    this.#notify = about.notify;
    this.#tree.onEvent = (event, movedFrom) => this.#happened(event, movedFrom);
  }

  /** When every notice that is on its way was taken or given up. */
  async delivered(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  save(): z.infer<typeof memory> {
    return { hooks: this.hooks, tokens: [...this.tokens] };
  }

  restore(saved: unknown): void {
    const read = memory.safeParse(saved);
    if (!read.success) return;
    this.hooks = read.data.hooks;
    for (const [owner, token] of read.data.tokens) this.tokens.set(owner, token);
  }

  // ── what callers manage ──────────────────────────────────────────────────────────────────────────────────────

  async answer(call: ApiCall, segments: readonly string[]): Promise<Response> {
    const { request, url, access } = call;
    this.#endExpired();
    const region = request.headers.get("x-ads-region") ?? url.searchParams.get("region") ?? "US";
    const owner = `${access?.client} ${access?.account}`;
    const [, , first, , second, event, third, id] = segments;
    if (first === "tokens") return this.#token(call, `${owner} ${region}`);
    const mine = this.hooks.filter((hook) => hook.owner === owner && hook.region === region);
    if (first === "hooks") return this.#list(call, mine);
    if (first === "app" && segments[3] === "hooks") {
      return access?.account === "app"
        ? this.#list(call, mine)
        : hookRefusal(403, "FORBIDDEN", "A token of an app is needed.");
    }
    if (first !== "systems" || segments[3] !== "data") return hookRefusal(404, "NOT_FOUND", "No such system.");
    if (second === "hooks" && request.method === "GET") return this.#list(call, mine);
    if (second === "hooks") return this.#create(call, { owner, region, event: "*", whole: true });
    if (second !== "events" || event === undefined || third !== "hooks" || !isEvent(event)) {
      return hookRefusal(404, "NOT_FOUND", "No such event.");
    }
    if (id === undefined) {
      if (request.method === "POST") return this.#create(call, { owner, region, event, whole: false });
      return this.#list(
        call,
        mine.filter((hook) => hook.event === event),
      );
    }
    const hook = mine.find((one) => one.hookId === id && one.event === event);
    if (!hook) return hookRefusal(404, "NOT_FOUND", "The hook does not exist.");
    return this.#one(call, hook);
  }

  async #create(
    { request, access }: ApiCall,
    about: { owner: string; region: string; event: string; whole: boolean },
  ): Promise<Response> {
    if (!access?.scopes.includes("data:write")) return hookRefusal(403, "FORBIDDEN", "The scope data:write is needed.");
    const read = wanted.safeParse(await request.json().catch(() => undefined));
    if (!read.success) return hookRefusal(400, "BAD_REQUEST", "callbackUrl and scope are needed.");
    const { callbackUrl, scope, autoReactivateHook = false, hookExpiry = null, hookAttribute } = read.data;
    const folder = this.#tree.get(scope.folder);
    if (!folder || this.#tree.projectOf(folder).hub.region !== about.region) {
      return hookRefusal(404, "NOT_FOUND", "The folder is not known in this region.");
    }
    const { owner, region, event } = about;
    const same = this.hooks.some(
      (hook) =>
        hook.owner === owner &&
        hook.region === region &&
        hook.event === event &&
        hook.callbackUrl === callbackUrl &&
        hook.folder === scope.folder,
    );
    if (same) return hookRefusal(409, "CONFLICT", "Failed to save duplicate webhook entity.");
    const now = this.#now().getTime();
    const hook: SimHook = {
      hookId: `${this.#random(8)}-996c-11e7-abf3-${this.#random(12)}`.toLowerCase(),
      region,
      event,
      owner,
      callbackUrl,
      folder: scope.folder,
      status: "active",
      autoReactivateHook,
      hookExpiry,
      hookAttribute,
      createdAt: now,
      updatedAt: now,
      failures: 0,
    };
    this.hooks.push(hook);
    if (about.whole) return Response.json({ hooks: [describe(hook)] }, { status: 201 });
    return new Response(null, { status: 201, headers: { location: `/webhooks/v1${selfOf(hook)}` } });
  }

  #list({ url }: ApiCall, hooks: readonly SimHook[]): Response {
    if (hooks.length === 0) return new Response(null, { status: 204 });
    const from = Number(url.searchParams.get("pageState") ?? 0);
    const sorted = hooks.toSorted((a, b) => b.updatedAt - a.updatedAt);
    const page = sorted.slice(from, from + PAGE);
    const next = from + PAGE < sorted.length ? `/hooks?pageState=${from + PAGE}` : null;
    return Response.json({ links: { next }, data: page.map(describe) });
  }

  async #one({ request }: ApiCall, hook: SimHook): Promise<Response> {
    if (request.method === "GET") return Response.json(describe(hook));
    if (request.method === "DELETE") {
      this.hooks = this.hooks.filter((one) => one !== hook);
      return new Response(null, { status: 204 });
    }
    const read = changed.safeParse(await request.json().catch(() => undefined));
    if (request.method !== "PATCH" || !read.success) return hookRefusal(400, "BAD_REQUEST", "The change is not valid.");
    const { status, token, hookExpiry, autoReactivateHook } = read.data;
    if (status !== undefined) Object.assign(hook, { status, failures: 0 });
    if (token !== undefined) hook.token = token;
    if (hookExpiry !== undefined) hook.hookExpiry = hookExpiry;
    if (autoReactivateHook !== undefined) hook.autoReactivateHook = autoReactivateHook;
    hook.updatedAt = this.#now().getTime();
    return new Response(null, { status: 200 });
  }

  async #token({ request, path, access }: ApiCall, owner: string): Promise<Response> {
    const read = z.object({ token: z.string().min(1) }).safeParse(await request.json().catch(() => undefined));
    if (path.endsWith("/tokens/@me")) {
      if (request.method === "DELETE") this.tokens.delete(owner);
      else if (read.success) this.tokens.set(owner, read.data.token);
      return new Response(null, { status: 204 });
    }
    if (!read.success) return hookRefusal(400, "BAD_REQUEST", "A token is needed.");
    if (this.tokens.has(owner)) return hookRefusal(400, "BAD_REQUEST", "Secret token already exists.");
    this.tokens.set(owner, read.data.token);
    return Response.json({ status: 200, detail: [`Token created successfully for client: ${access?.client}`] });
  }

  #endExpired(): void {
    const now = this.#now();
    this.hooks = this.hooks.filter(({ hookExpiry }) => hookExpiry === null || new Date(hookExpiry) > now);
  }

  // ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────

  #happened({ node, what }: SimEvent, movedFrom: SimNode | undefined): void {
    if (!this.#notify || this.hooks.length === 0) return;
    this.#endExpired();
    for (const hook of this.hooks) {
      // What happens while it is inactive is never told later.
      if (hook.status === "inactive") continue;
      const folder = this.#tree.get(hook.folder);
      if (!folder) continue;
      const isInside = node === folder || this.#tree.isBelow(node, folder);
      const wasInside = movedFrom !== undefined && (movedFrom === folder || this.#tree.isBelow(movedFrom, folder));
      if (!isInside && !wasInside) continue;
      const event = `${node.isFolder ? "dm.folder" : "dm.version"}.${isInside ? verbs[what] : "moved.out"}`;
      if (!matches(hook.event, event)) continue;
      const notice = JSON.stringify({
        version: "1.0",
        resourceUrn: node.isFolder ? node.id : versionUrn(node.id, this.#tree.tipNumber(node)),
        hook: { ...describe(hook), event },
        payload: this.#payload(node),
      });
      const sending: Promise<void> = this.#send(hook, notice).finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    }
  }

  async #send(hook: SimHook, notice: string): Promise<void> {
    const { retries, deactivateAfter, duplicates } = this.#state.webhooks;
    const delivery = crypto.randomUUID();
    let wasTaken = false;
    for (let tries = 0; tries <= retries && !wasTaken; tries++) wasTaken = await this.#post(hook, notice, delivery);
    if (wasTaken && duplicates) await this.#post(hook, notice, delivery);
    hook.failures = wasTaken ? 0 : hook.failures + 1;
    if (hook.failures >= deactivateAfter) hook.status = "inactive";
  }

  async #post(hook: SimHook, notice: string, delivery: string): Promise<boolean> {
    const token = hook.token ?? this.tokens.get(`${hook.owner} ${hook.region}`);
    const request = new Request(hook.callbackUrl, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-adsk-delivery-id": delivery,
        ...(token !== undefined && {
          "x-adsk-signature": `sha1hash=${hmacOf("sha1", token, notice)}`,
        }),
      },
      body: notice,
      signal: AbortSignal.timeout(this.#state.webhooks.timeoutMs),
    });
    try {
      const answer = await this.#notify?.(request);
      await answer?.body?.cancel();
      return answer?.ok ?? false;
    } catch {
      return false;
    }
  }

  #payload(node: SimNode): object {
    const project = this.#tree.projectOf(node);
    const ancestors: object[] = [];
    for (let at = node.parent; at; at = at.parent) {
      ancestors.unshift({ name: at.parent ? at.name : `${project.id.slice(2)}-root-folder`, urn: at.id });
    }
    const common = {
      name: node.name,
      user_info: { id: "A1B2C3D4E5F6" },
      // Bare, unlike everywhere else.
      project: project.id.slice(2),
      tenant: project.hub.id.slice(2),
      parentFolderUrn: node.parent?.id,
      ancestors,
    };
    if (node.isFolder) return { ...common, source: node.id };
    const tip = this.#tree.tipOf(node);
    return {
      ...common,
      ext: extensionOf(node.name),
      createdTime: timeOf(node.createdAt),
      modifiedTime: timeOf(node.modifiedAt),
      creator: "A1B2C3D4E5F6",
      modifiedBy: "A1B2C3D4E5F6",
      lineageUrn: node.id,
      source: versionUrn(node.id, tip.number),
      sizeInBytes: tip.content ? sizeOf(tip.content) : 0,
      version: String(tip.number),
      hidden: node.trashed,
      indexable: true,
      state: "CONTENT_AVAILABLE",
    };
  }
}

const verbs: Readonly<Record<SimEvent["what"], string>> = {
  created: "added",
  edited: "added",
  renamed: "added",
  moved: "moved",
  trashed: "deleted",
  restored: "modified",
  deleted: "deleted",
  touched: "modified",
};

const isEvent = (event: string): boolean => event === "*" || /^dm\.[a-z.*]+$/.test(event);

const matches = (pattern: string, event: string): boolean =>
  new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(event);

const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+0000`;

const selfOf = ({ event, hookId }: SimHook): string => `/systems/data/events/${event}/hooks/${hookId}`;

const describe = (hook: SimHook): object => ({
  hookId: hook.hookId,
  tenant: hook.folder,
  callbackUrl: hook.callbackUrl,
  createdBy: "A1B2C3D4E5F6",
  event: hook.event,
  createdDate: timeOf(hook.createdAt),
  lastUpdatedDate: timeOf(hook.updatedAt),
  system: "data",
  creatorType: hook.owner.endsWith(" app") ? "Application" : "O2User",
  status: hook.status,
  autoReactivateHook: hook.autoReactivateHook,
  hookExpiry: hook.hookExpiry,
  ...(hook.hookAttribute !== undefined && { hookAttribute: hook.hookAttribute }),
  scope: { folder: hook.folder },
  urn: `urn:adsk.webhooks:events.hook:${hook.hookId}`,
  __self__: selfOf(hook),
});
