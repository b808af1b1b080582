// A process with many callers of one connection, for tests that kill it in the middle of a refresh.
import { createHash } from "node:crypto";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { type Database, openDatabase } from "#db/database.ts";
import { openAccess } from "#domain/connections/access.ts";
import { processOf, type ShopAddress, shopAt } from "#domain/connections/tokens/testing/a-grant.ts";
import { reveal } from "#vault/reveal.ts";

/** Steps of a refresh at which the process can stop and wait for its end, or for `goOn`. */
export type Step = "before-intent" | "after-intent" | "before-storing" | "after-storing";

export interface Order {
  round: number;
  workspace: WorkspaceId;
  connection: ConnectionId;
  callers: number;
  longestTokenRequestMs: number;
  stopAt: Step | undefined;
}

export type Report =
  | { kind: "ready" }
  | { kind: "stopped"; round: number }
  /** Distinct tokens (SHA-256) and failures, and how many callers got each. */
  | { kind: "done"; round: number; tokens: Record<string, number>; failures: Record<string, number> };

export interface CallerSettings {
  appUrl: string;
  shop: ShopAddress;
  masterKey: string;
  holder: string;
  leaseSeconds: number;
}

/** How those go on that stopped and are not killed, by round. */
const stopped = new Map<number, () => void>();
const tell = (report: Report) => process.send?.(report);

/** A database in which a step can be reached and not left. */
function stoppingAt(database: Database, step: Step, round: number): Database {
  const stop = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stopped.set(round, resolve);
    tell({ kind: "stopped", round });
    return promise;
  };
  return {
    ...database,
    async asWorkspace(context, work) {
      let reached: "intent" | "storing" | undefined;
      const result = await database.asWorkspace(context, async (tx) => {
        const sql = tx.sql.bind(tx);
        const watched: typeof tx.sql = (text, ...values) => {
          const statement = text.join("?");
          if (statement.includes("set intent_version = ?")) reached = "intent";
          if (statement.includes("insert into token_sets as t")) reached = "storing";
          return sql(text, ...values);
        };
        const done = await work(Object.assign(tx, { sql: watched }));
        if (reached && step === `before-${reached}`) await stop();
        return done;
      });
      if (reached && step === `after-${reached}`) await stop();
      return result;
    },
  };
}

const { appUrl, shop, masterKey, holder, leaseSeconds }: CallerSettings = JSON.parse(process.argv[2] ?? "{}");
const database = openDatabase({ appUrl, maxConnections: 8 });
const provider = shopAt(shop, { refreshParams: { caller: holder } });
const deps = processOf(database, shop, { provider, masterKey, holder, leaseSeconds });
const [auth] = provider.auth({});

process.on("message", (message: Order | { goOn: number }) => {
  if ("goOn" in message) stopped.get(message.goOn)?.();
  else void carryOut(message);
});
process.on("disconnect", () => process.exit());
tell({ kind: "ready" });

async function carryOut({ round, workspace, connection, callers, longestTokenRequestMs, stopAt }: Order) {
  const mine = {
    ...deps,
    longestTokenRequestMs,
    database: stopAt ? stoppingAt(database, stopAt, round) : database,
  };
  const use = { actor: "system" as const, purpose: "test" };
  const access = openAccess(mine, { workspace, connection, provider, auth, use });
  const tokens: Record<string, number> = {};
  const failures: Record<string, number> = {};
  const count = (of: Record<string, number>, what: string) => {
    of[what] = (of[what] ?? 0) + 1;
  };
  await Promise.all(
    Array.from({ length: callers }, async () => {
      try {
        const { credential } = await access.sign(new URL(shop.origin));
        if (!credential) throw new Error("a call was not signed");
        count(tokens, createHash("sha256").update(reveal(credential.secret)).digest("hex"));
      } catch (error) {
        count(failures, error instanceof Error && "kind" in error ? `${error.kind}: ${error.message}` : String(error));
      }
    }),
  );
  tell({ kind: "done", round, tokens, failures });
}
