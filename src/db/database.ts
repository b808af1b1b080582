import { type Driver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import pg from "pg";
import type { UserId, WorkspaceId } from "#core/ids.ts";
import { createListener } from "./listener.ts";
import type { DB } from "./types.ts";

/** Who a transaction works for. Nothing outside db/ can set it in any other way (SR-59). */
export interface WorkspaceContext {
  workspace: WorkspaceId;
  user?: UserId | undefined;
}

interface Tx {
  /** One statement; values become parameters, never text (SR-61). */
  sql<Row extends object>(text: TemplateStringsArray, ...values: readonly unknown[]): Promise<Row[]>;
  /** A typed builder on the same transaction, for queries whose parts come and go. */
  readonly kysely: Kysely<DB>;
  /** Runs what the builder, or a library that speaks SQL, has made. */
  run<Row extends object>(query: { text: string; values: readonly unknown[] }): Promise<Row[]>;
}

/** A transaction that sees one workspace. Holding it is the proof that row security is on. */
export interface WorkspaceTx extends Tx {
  readonly workspace: WorkspaceId;
}

/** A transaction without a workspace: global tables and the few listed functions that return ids (SR-63). */
export interface GlobalTx extends Tx {
  readonly workspace?: never;
}

export interface Database {
  asWorkspace<T>(context: WorkspaceContext, work: (tx: WorkspaceTx) => Promise<T>): Promise<T>;
  acrossWorkspaces<T>(work: (tx: GlobalTx) => Promise<T>): Promise<T>;
  /**
   * Hears NOTIFY on a channel, through lost connections too; `heard("")` after a gap, and every few seconds while
   * notices do not get through. Returns how to stop.
   */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Of the application's role, which owns nothing (SR-58); may lead through a pooler that works by transaction. */
  appUrl: string;
  /** Of the same role, without such a pooler, where `appUrl` leads through one: notices do not pass it. */
  listenUrl?: string | undefined;
  maxConnections?: number;
  /** Told when notices do not get through, and when they do again. */
  hears?: ((hears: boolean) => void) | undefined;
}

// Set for each transaction, together with its workspace: behind a pooler a connection is ours for one transaction only,
// and poolers refuse to be told at the start of a connection.
const ofTransaction = `select set_config('search_path', 'hawser', true), set_config('statement_timeout', '30s', true),
  set_config('idle_in_transaction_session_timeout', '20s', true), set_config('hawser.workspace', $1, true),
  set_config('hawser.user', $2, true)`;

/** Opens the application's connections. */
export function openDatabase({ appUrl, listenUrl = appUrl, maxConnections = 10, hears }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: appUrl,
    application_name: "hawser",
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    pipeline: true,
  });
  // A connection that dies while idle is replaced at the next use; without a listener it would end the process.
  pool.on("error", () => {});
  // One that dies in use fails its queries, and besides says so here; the pool listens only to idle ones.
  pool.on("connect", (client) => client.on("error", () => {}));
  const listener = createListener({
    settings: { connectionString: listenUrl, application_name: "hawser listens" },
    notify: async (channel) => void (await pool.query("select pg_notify($1, '')", [channel])),
    hears,
  });

  async function transact<T>(context: WorkspaceContext | undefined, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      // Both travel together with the first statement of the work: pipelined, not awaited one by one.
      const opening = Promise.all([
        client.query("begin"),
        client.query(ofTransaction, [context?.workspace ?? "", context?.user ?? ""]),
      ]);
      opening.catch(() => {});
      const tx = createTx(client);
      let result: T;
      try {
        result = await work(tx);
        await opening;
      } catch (failure) {
        await client.query("rollback").catch((lost: Error) => {
          broken = lost;
        });
        throw failure;
      }
      const { command } = await client.query("commit");
      // PostgreSQL answers COMMIT with ROLLBACK when a statement had failed and its error was swallowed.
      if (command !== "COMMIT") throw new Error("the transaction was rolled back: one of its statements had failed");
      return result;
    } catch (failure) {
      if (
        failure instanceof Error &&
        "code" in failure &&
        typeof failure.code === "string" &&
        /^(57P|08)/.test(failure.code)
      )
        broken = failure;
      throw failure;
    } finally {
      client.release(broken);
    }
  }

  return {
    asWorkspace: (context, work) =>
      transact(context, (tx) => work(Object.assign(tx, { workspace: context.workspace }))),
    acrossWorkspaces: (work) => transact(undefined, (tx) => work(tx)),
    listen: listener.listen,
    async close() {
      await listener.close();
      await pool.end();
    },
  };
}

function createTx(client: pg.PoolClient): Tx {
  const run = async <Row extends object>({
    text,
    values,
  }: {
    text: string;
    values: readonly unknown[];
  }): Promise<Row[]> => (await client.query<Row>(text, [...values])).rows;
  let builder: Kysely<DB> | undefined;
  return {
    run,
    sql: (text, ...values) => run({ text: text.reduce((query, part, index) => `${query}$${index}${part}`), values }),
    get kysely() {
      builder ??= kyselyOn(client);
      return builder;
    },
  };
}

/** Kysely on a connection whose transaction is already open; it never begins or ends one itself. */
function kyselyOn(client: pg.PoolClient): Kysely<DB> {
  const refuse = async () => {
    throw new Error("asWorkspace has opened the transaction; nothing inside begins another");
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => ({
      async executeQuery<Row>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) {
        const { rows, rowCount } = await client.query(sql, [...parameters]);
        return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) };
      },
      async *streamQuery() {
        yield await refuse();
      },
    }),
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
