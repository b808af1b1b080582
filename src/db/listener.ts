// Hears NOTIFY on one connection of its own. A pooler that works by transaction takes LISTEN without a word and never
// passes a notice on, and a connection can die without a sign: whether notices get through is tried, not assumed.
import pg from "pg";

export interface Listener {
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const retryAfterMs = 1_000;
const tryEveryMs = 15_000;
/** While nothing gets through, everybody is told this often that something may have happened. */
const tellEveryMs = 5_000;
const tooLongMs = 5_000;

export function createListener(options: {
  settings: pg.ClientConfig;
  /** Sends an empty notice over another connection. */
  notify: (channel: string) => Promise<void>;
  hears?: ((hears: boolean) => void) | undefined;
}): Listener {
  const { settings, notify } = options;
  /** For trying: nobody else hears it. */
  const own = `hawser_hears_${crypto.randomUUID()}`;
  const heardOn = new Map<string, Set<(payload: string) => void>>();
  let client: pg.Client | undefined;
  let connecting: Promise<void> | undefined;
  let closed = false;
  let hearing = true;
  let trying: NodeJS.Timeout | undefined;
  let gotThrough = () => {};

  const tell = (channel: string, payload: string) => {
    for (const heard of heardOn.get(channel) ?? []) heard(payload);
  };
  const tellAll = () => {
    for (const channel of heardOn.keys()) tell(channel, "");
  };
  const connect = async () => {
    const fresh = new pg.Client(settings);
    fresh.on("notification", ({ channel, payload }) => {
      if (channel === own) gotThrough();
      else tell(channel, payload ?? "");
    });
    fresh.on("error", () => {});
    fresh.on("end", () => {
      if (client === fresh) client = undefined;
      if (!closed && heardOn.size > 0) reconnectSoon();
    });
    await fresh.connect();
    for (const channel of [own, ...heardOn.keys()]) await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    client = fresh;
    if (trying === undefined) tryAfter(0);
  };
  const reconnectSoon = () => {
    setTimeout(() => {
      if (closed || client) return;
      connect().then(tellAll, () => reconnectSoon());
    }, retryAfterMs).unref();
  };
  const tryAfter = (ms: number) => {
    trying = setTimeout(async () => {
      const through = await getsThrough();
      if (closed) return;
      // While the database is away nothing is learned; a connection that is made again tells everybody by itself.
      if (client && through !== "unknown" && through !== hearing) {
        hearing = through;
        options.hears?.(through);
      }
      if (!hearing) tellAll();
      tryAfter(hearing ? tryEveryMs : tellEveryMs);
    }, ms).unref();
  };
  const getsThrough = async (): Promise<boolean | "unknown"> => {
    const { promise, resolve } = Promise.withResolvers<boolean | "unknown">();
    gotThrough = () => resolve(true);
    const tooLong = setTimeout(() => resolve(false), tooLongMs);
    notify(own).catch(() => resolve("unknown"));
    const through = await promise;
    clearTimeout(tooLong);
    return through;
  };

  return {
    async listen(channel, heard) {
      const first = !heardOn.has(channel);
      const listeners = heardOn.get(channel) ?? new Set();
      heardOn.set(channel, listeners.add(heard));
      if (client) {
        if (first) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      } else {
        connecting ??= connect().finally(() => {
          connecting = undefined;
        });
        await connecting;
        if (first && client) await (client as pg.Client).query(`listen ${pg.escapeIdentifier(channel)}`);
      }
      return async () => {
        listeners.delete(heard);
        if (listeners.size === 0) {
          heardOn.delete(channel);
          await client?.query(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => {});
        }
      };
    },
    async close() {
      closed = true;
      clearTimeout(trying);
      gotThrough();
      await client?.end().catch(() => {});
    },
  };
}
