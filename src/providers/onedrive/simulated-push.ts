/** Subscriptions of a pretend Graph, and the notices it sends. */
import { z } from "zod";
import type { Clock } from "#core/clock.ts";
import type { SimDrive } from "#provider-kit/sim/tree.ts";
import { failure, notFound } from "./simulated-error.ts";

const LONGEST_MS = 42_300 * 60_000;
const SHORTEST_MS = 45 * 60_000;
const HANDSHAKE_MS = 10_000;
const SLOW_MS = 3_000;
/** The waits between tries; the real ones go on for about four hours. */
const RETRIES_MS = [1_000, 5_000, 15_000, 60_000, 300_000];

const wanted = z.object({
  changeType: z.string(),
  notificationUrl: z.url(),
  lifecycleNotificationUrl: z.url().nullish(),
  resource: z.string(),
  expirationDateTime: z.iso.datetime(),
  clientState: z.string().max(128).nullish(),
});
const renewed = z.object({ expirationDateTime: z.iso.datetime() });

const subscription = z.object({
  id: z.string(),
  drive: z.string(),
  resource: z.string(),
  url: z.string(),
  lifecycleUrl: z.string().nullable(),
  clientState: z.string().nullable(),
  expiresAt: z.number(),
});
type Held = z.infer<typeof subscription>;

export type LifecycleEvent = "reauthorizationRequired" | "subscriptionRemoved" | "missed";

/** What a person who plays Microsoft does with notices. */
export interface SimulatedPush {
  /** Every notice is sent twice. */
  duplicates: boolean;
  readonly subscriptions: readonly { id: string; drive: string; expiresAt: number }[];
  sendLifecycle(subscription: string, event: LifecycleEvent): Promise<void>;
  /** Resolves when all that happened so far was told, or given up for now. */
  settled(): Promise<void>;
}

export interface PushServer extends SimulatedPush {
  /** @param path below `/subscriptions` */
  answer(
    request: Request,
    path: string,
    about: { driveOf(resource: string): SimDrive | "wrong" | undefined },
  ): Promise<Response>;
  /** Something has happened in a drive. */
  changed(drive: SimDrive): void;
  save(): unknown;
  restore(saved: unknown): void;
}

export function createPush(about: {
  clock: Clock;
  notify: ((request: Request) => Promise<Response>) | undefined;
}): PushServer {
  const { clock, notify } = about;
  const held = new Map<string, Held>();
  const changedDrives = new Set<string>();
  let sending: Promise<void> = Promise.resolve();
  let isPlanned = false;

  const nowMs = (): number => clock.now().getTime();
  const live = (id: string): Held | undefined => {
    const found = held.get(id);
    return found && found.expiresAt > nowMs() ? found : undefined;
  };

  const send = async (url: string, value: readonly object[], tries = 0): Promise<void> => {
    if (!notify) return;
    const ok = await within(SLOW_MS, notify(jsonTo(url, { value }))).then(
      ({ status }) => status >= 200 && status < 300,
      () => false,
    );
    const wait = RETRIES_MS[tries];
    if (!ok && wait !== undefined) setTimeout(() => void send(url, value, tries + 1), wait).unref();
  };

  /** Notices for the same address come together, whoever they are for. */
  const flush = async (): Promise<void> => {
    isPlanned = false;
    const drives = [...changedDrives];
    changedDrives.clear();
    const byUrl = new Map<string, object[]>();
    for (const one of held.values()) {
      if (one.expiresAt <= nowMs() || !drives.includes(one.drive)) continue;
      const notices = byUrl.get(one.url) ?? [];
      byUrl.set(one.url, [...notices, { ...noticeOf(one), changeType: "updated", resourceData }]);
    }
    for (const [url, value] of byUrl) for (let n = push.duplicates ? 2 : 1; n > 0; n--) await send(url, value);
  };

  const push: PushServer = {
    duplicates: false,
    get subscriptions() {
      return [...held.values()];
    },
    async sendLifecycle(id, event) {
      const one = held.get(id);
      if (!one) throw new Error("there is no such subscription");
      if (event === "subscriptionRemoved") held.delete(id);
      if (one.lifecycleUrl !== null) await send(one.lifecycleUrl, [{ ...noticeOf(one), lifecycleEvent: event }]);
    },
    async settled() {
      for (let before: unknown; before !== sending; ) {
        before = sending;
        await before;
      }
    },
    changed(drive) {
      if (held.size === 0) return;
      changedDrives.add(drive.id);
      if (isPlanned) return;
      isPlanned = true;
      sending = sending.then(() => new Promise((resolve) => setImmediate(resolve))).then(flush);
    },
    async answer(request, path, { driveOf }) {
      const [, id, act] = /^(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? [];
      if (id === undefined) {
        if (request.method === "GET") return Response.json({ value: [...held.values()].map(shown) });
        return request.method === "POST" ? subscribe(await readJson(request), driveOf) : notAllowed();
      }
      const one = live(id);
      if (!one) return notFound();
      if (act === "reauthorize" && request.method === "POST") return new Response(null, { status: 204 });
      if (request.method === "GET") return Response.json(shown(one));
      if (request.method === "DELETE") {
        held.delete(id);
        return new Response(null, { status: 204 });
      }
      if (request.method !== "PATCH") return notAllowed();
      const read = renewed.safeParse(await readJson(request));
      const expiresAt = read.success ? Date.parse(read.data.expirationDateTime) : Number.NaN;
      if (!(expiresAt <= nowMs() + LONGEST_MS)) return tooLong();
      one.expiresAt = Math.max(expiresAt, nowMs() + SHORTEST_MS);
      return Response.json(shown(one));
    },
    save: () => ({ subscriptions: [...held.values()] }),
    restore(saved) {
      const read = z.object({ subscriptions: z.array(subscription) }).safeParse(saved);
      for (const one of read.data?.subscriptions ?? []) held.set(one.id, one);
    },
  };
  return push;

  async function subscribe(
    given: unknown,
    driveOf: (resource: string) => SimDrive | "wrong" | undefined,
  ): Promise<Response> {
    const read = wanted.safeParse(given);
    if (!read.success) return invalid("The subscription has a property that is not valid.");
    const { changeType, notificationUrl, lifecycleNotificationUrl, resource, clientState } = read.data;
    if (changeType !== "updated") return invalid("Only the change type 'updated' is supported for this resource.");
    const drive = driveOf(resource);
    if (drive === "wrong") return invalid("Only the root of a drive can be subscribed to.");
    if (!drive) return notFound();
    const expiresAt = Date.parse(read.data.expirationDateTime);
    if (expiresAt > nowMs() + LONGEST_MS) return tooLong();
    for (const url of [notificationUrl, lifecycleNotificationUrl ?? undefined]) {
      if (url !== undefined && !(await isThere(url))) {
        return failure(
          400,
          "ValidationError",
          "Subscription validation request failed. Response must exactly match validationToken query parameter.",
        );
      }
    }
    const one: Held = {
      id: crypto.randomUUID(),
      drive: drive.id,
      resource,
      url: notificationUrl,
      lifecycleUrl: lifecycleNotificationUrl ?? null,
      clientState: clientState ?? null,
      expiresAt: Math.max(expiresAt, nowMs() + SHORTEST_MS),
    };
    held.set(one.id, one);
    return Response.json({ ...shown(one), clientState: one.clientState }, { status: 201 });
  }

  /** Whoever is there sends back the text, as text, and nothing else. */
  async function isThere(url: string): Promise<boolean> {
    if (!notify) return false;
    const token = `Validation: Testing client application reachability, 100% + <b>&amp;</b> é ${crypto.randomUUID()}`;
    const to = new URL(url);
    to.searchParams.set("validationToken", token);
    const headers = { "content-type": "text/plain; charset=utf-8" };
    try {
      const answer = await within(HANDSHAKE_MS, notify(new Request(to, { method: "POST", headers })));
      const type = answer.headers.get("content-type") ?? "";
      return answer.status === 200 && /^text\/plain\b/.test(type) && (await answer.text()) === token;
    } catch {
      return false;
    }
  }
}

const resourceData = { "@odata.type": "#Microsoft.Graph.DriveItem" };
const TENANT = "f6f00000-0000-4000-8000-000000000001";

const noticeOf = (one: Held): object => ({
  subscriptionId: one.id,
  subscriptionExpirationDateTime: timeOf(one.expiresAt),
  clientState: one.clientState,
  resource: one.resource.replace(/^\//, ""),
  tenantId: TENANT,
});

/** The client state is told to nobody again. */
const shown = (one: Held): object => ({
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity",
  id: one.id,
  resource: one.resource,
  applicationId: "6f1c2b1e-0000-4000-8000-0000000000aa",
  changeType: "updated",
  clientState: null,
  notificationUrl: one.url,
  lifecycleNotificationUrl: one.lifecycleUrl,
  expirationDateTime: timeOf(one.expiresAt),
  creatorId: "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
});

/** With seven digits behind the second, as Graph has them here. */
const timeOf = (at: number): string => new Date(at).toISOString().replace("Z", "0000Z");

const jsonTo = (url: string, body: unknown): Request =>
  new Request(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("too slow")), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const invalid = (message: string): Response => failure(400, "ValidationError", message);
const tooLong = (): Response => invalid("Subscription expiration can only be 42300 minutes in the future.");
const notAllowed = (): Response => failure(405, "notAllowed", "The method is not allowed.");
