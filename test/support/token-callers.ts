// Several processes on one database that use the same connections, and one of which can be killed at any moment.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CallerSettings, Order, Report } from "./token-caller.ts";

export interface Callers {
  /**
   * Lets all processes call at once; answers with the reports of those that live to their end. `mayGoOn` is asked for
   * each that has stopped.
   */
  call(order: Order, mayGoOn: (holder: string) => boolean): Promise<Extract<Report, { kind: "done" }>[]>;
  /** kill -9; another process is on its way in its place. */
  kill(holder: string): Promise<void>;
  end(): Promise<void>;
}

interface Caller {
  holder: string;
  child: ChildProcess;
  hear: Set<(report: Report) => void>;
  ended: Promise<unknown>;
}

/** One that has just been killed hears nothing more. */
const tell = (child: ChildProcess, message: Order | { goOn: number }) => {
  if (child.connected) child.send(message, () => {});
};

export async function startCallers(count: number, settings: Omit<CallerSettings, "holder">): Promise<Callers> {
  const callers = new Map<string, Caller>();
  const starting: Promise<void>[] = [];
  let started = 0;

  async function start(): Promise<void> {
    const holder = `caller-${started++}`;
    const whole: CallerSettings = { ...settings, holder };
    const child = fork(join(import.meta.dirname, "token-caller.ts"), [JSON.stringify(whole)]);
    const hear: Caller["hear"] = new Set();
    child.on("message", (report: Report) => {
      for (const heard of hear) heard(report);
    });
    const caller = { holder, child, hear, ended: once(child, "exit") };
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    hear.add(({ kind }) => kind === "ready" && resolve());
    if ((await Promise.race([ready, caller.ended])) !== undefined) throw new Error(`${holder} did not start`);
    callers.set(holder, caller);
  }

  await Promise.all(Array.from({ length: count }, start));
  return {
    async call(order, mayGoOn) {
      await Promise.all(starting);
      const reports = await Promise.all(
        [...callers.values()].map(async ({ holder, child, hear, ended }) => {
          const { promise: done, resolve } = Promise.withResolvers<Extract<Report, { kind: "done" }>>();
          const listen = (report: Report) => {
            if (report.kind === "ready" || report.round !== order.round) return;
            if (report.kind === "done") resolve(report);
            else if (mayGoOn(holder)) tell(child, { goOn: order.round });
          };
          hear.add(listen);
          tell(child, order);
          const report = await Promise.race([done, ended.then(() => undefined)]);
          hear.delete(listen);
          return report;
        }),
      );
      return reports.filter((report) => report !== undefined);
    },
    async kill(holder) {
      const caller = callers.get(holder);
      if (!caller) return;
      callers.delete(holder);
      caller.child.kill("SIGKILL");
      await caller.ended;
      starting.push(start());
    },
    async end() {
      await Promise.all(starting);
      for (const { child } of callers.values()) child.kill("SIGKILL");
      await Promise.all([...callers.values()].map(({ ended }) => ended));
    },
  };
}
