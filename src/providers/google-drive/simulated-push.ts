/** Watch channels of the pretend Google: who wants to hear of changes, and telling him. */
import { z } from "zod";
import type { Clock } from "#core/clock.ts";
import { randomNumbers } from "#provider-kit/sim/random.ts";
import type { SimEvent } from "#provider-kit/sim/tree.ts";
import { DriveRefusal } from "./simulated-failure.ts";

const channelShape = z.object({
  id: z.string(),
  resourceId: z.string(),
  resourceUri: z.string(),
  address: z.string(),
  token: z.string().optional(),
  expiration: z.number(),
  account: z.string(),
  /** The log it is about, or the file. */
  about: z.object({ log: z.string() }).or(z.object({ file: z.string() })),
  told: z.number(),
});
const channels = z.array(channelShape);

type Channel = z.infer<typeof channelShape>;

export interface PushHabits {
  /** Every message comes twice. */
  twice: boolean;
  /** How long it waits before it tries again, and longer each time. */
  retryMs: number;
}

const asked = z.object({
  id: z.string().min(1).max(64),
  type: z.enum(["web_hook", "webhook"]),
  address: z.string().max(2048),
  token: z.string().max(256).optional(),
  expiration: z.coerce.number().int().optional(),
});
const ended = z.object({ id: z.string(), resourceId: z.string() });

/** What is said of an event, and of an update also what was updated. */
const states: Readonly<Record<SimEvent["what"], readonly [state: string, changed?: string]>> = {
  created: ["add"],
  edited: ["update", "content"],
  renamed: ["update", "properties"],
  moved: ["update", "parents"],
  trashed: ["trash"],
  restored: ["untrash"],
  deleted: ["remove"],
  touched: ["update", "permissions"],
};

const HOUR = 3_600_000;
const MOST_TRIES = 5;
/** The only codes after which Google tries again. */
const busy = new Set([500, 502, 503, 504]);

export class Push {
  #channels = new Map<string, Channel>();
  readonly #clock: Clock;
  readonly #habits: PushHabits;
  readonly #send: ((request: Request) => Promise<Response>) | undefined;
  readonly #gap = randomNumbers(7);
  /** Messages that are on their way. */
  readonly #sending = new Set<Promise<void>>();

  constructor(clock: Clock, habits: PushHabits, send: ((request: Request) => Promise<Response>) | undefined) {
    this.#clock = clock;
    this.#habits = habits;
    this.#send = send;
  }

  get open(): number {
    return this.#channels.size;
  }

  /** Waits until everything that was to be told is told, or given up. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  save = (): unknown => [...this.#channels.values()];

  restore(saved: unknown): void {
    const read = channels.safeParse(saved);
    if (read.success) this.#channels = new Map(read.data.map((channel) => [channel.id, channel]));
  }

  /** @param longestMs what its end is clipped to */
  watch(body: unknown, about: Pick<Channel, "account" | "about" | "resourceUri">, longestMs: number): Response {
    const read = asked.safeParse(body);
    if (!read.success) throw new DriveRefusal(400, "required", "Required");
    const { id, address, token, expiration } = read.data;
    if (!isHttps(address)) {
      throw new DriveRefusal(400, "webhookUrlNotHttps", `WebHook callback must be HTTPS: ${address}`);
    }
    if (this.#channels.has(id)) {
      throw new DriveRefusal(400, "channelIdNotUnique", `Channel id ${id} not unique`);
    }
    const now = this.#clock.now().getTime();
    const channel: Channel = {
      ...about,
      id,
      resourceId: resourceIdOf(about.resourceUri),
      address,
      ...(token !== undefined && { token }),
      expiration: Math.min(expiration ?? now + HOUR, now + longestMs),
      told: 0,
    };
    this.#channels.set(id, channel);
    this.#tell(channel, "sync");
    const { resourceId, resourceUri } = channel;
    return Response.json({
      kind: "api#channel",
      id,
      resourceId,
      resourceUri,
      ...(token !== undefined && { token }),
      expiration: String(channel.expiration),
    });
  }

  stop(body: unknown, account: string): Response {
    const read = ended.safeParse(body);
    if (!read.success) throw new DriveRefusal(400, "required", "Required");
    const channel = this.#channels.get(read.data.id);
    if (channel?.resourceId !== read.data.resourceId || channel.account !== account) {
      throw new DriveRefusal(404, "notFound", `Channel '${read.data.id}' not found for project`);
    }
    this.#channels.delete(channel.id);
    return new Response(null, { status: 204 });
  }

  /** Something has happened in a log. */
  logGrew(log: string): void {
    for (const channel of this.#channels.values()) {
      if ("log" in channel.about && channel.about.log === log) this.#tell(channel, "change");
    }
  }

  /** Something has happened to a file. */
  fileChanged({ node, what }: SimEvent): void {
    const [state, changed] = states[what];
    for (const channel of this.#channels.values()) {
      if ("file" in channel.about && channel.about.file === node.id) this.#tell(channel, state, changed);
    }
  }

  #tell(channel: Channel, state: string, changed?: string): void {
    const now = this.#clock.now().getTime();
    if (channel.expiration <= now) {
      this.#channels.delete(channel.id);
      return;
    }
    // Numbers grow, and not by one.
    channel.told += channel.told === 0 ? 1 : 1 + Math.floor(this.#gap() * 3);
    const headers = {
      "x-goog-channel-id": channel.id,
      ...(channel.token !== undefined && { "x-goog-channel-token": channel.token }),
      "x-goog-channel-expiration": new Date(channel.expiration).toUTCString(),
      "x-goog-resource-id": channel.resourceId,
      "x-goog-resource-uri": channel.resourceUri,
      "x-goog-resource-state": state,
      "x-goog-message-number": String(channel.told),
      ...(changed !== undefined && { "x-goog-changed": changed }),
    };
    for (let times = this.#habits.twice ? 2 : 1; times > 0; times--) {
      const sending = this.#deliver(channel.address, headers).finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    }
  }

  async #deliver(address: string, headers: Record<string, string>): Promise<void> {
    if (!this.#send) return;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      try {
        const answer = await this.#send(new Request(address, { method: "POST", headers }));
        await answer.body?.cancel();
        if (!busy.has(answer.status)) return;
      } catch {
        // Nobody is there: as good as a failure of theirs.
      }
      await new Promise((resolve) => setTimeout(resolve, this.#habits.retryMs * 2 ** (tries - 1)).unref());
    }
  }
}

/** On this machine alone, where the sandbox is, it may be otherwise. */
function isHttps(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost"].includes(hostname));
}

/** The same for the same resource, whoever watches it. */
function resourceIdOf(uri: string): string {
  let sum = 7;
  for (const sign of uri) sum = (Math.imul(sum, 31) + sign.charCodeAt(0)) >>> 0;
  return `o3hgv${sum.toString(36)}`;
}
