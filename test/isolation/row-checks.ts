import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import { workspaceTables } from "./schema-checks.ts";

/** Makes a workspace with at least one row in every table that belongs to a workspace. */
export async function fillWorkspace(superuser: pg.Client): Promise<string> {
  const id = () => randomUUID();
  const [workspace, user, connection, sync, run, file] = [id(), id(), id(), id(), id(), id()];
  const insert = async (table: string, row: Record<string, unknown>) => {
    const full = table.includes(".") ? table : `hawser.${table}`;
    const columns = Object.keys(row).map((column) => `"${column}"`);
    const places = columns.map((_, index) => `$${index + 1}`);
    await superuser.query(`insert into ${full} (${columns}) values (${places})`, Object.values(row));
  };
  const workspace_id = workspace;
  await superuser.query("begin");
  await superuser.query("select set_config('hawser.workspace', $1, true)", [workspace]);
  await insert('identity."user"', { id: user, name: "Ada", email: `${user}@example.com` });
  await insert("workspaces", { id: workspace, name: "Harbour", slug: `harbour-${workspace}`, created_by: user });
  await insert("members", { workspace_id, user_id: user, role: "owner" });
  await insert("sql_members", { workspace_id, user_id: user, subject: id() });
  const token = { token_hash: randomBytes(32), role: "viewer", created_by: user };
  await insert("invitations", { workspace_id, id: id(), ...token, expires_at: new Date(Date.now() + 1e9) });
  await insert("api_keys", {
    workspace_id,
    id: id(),
    ...token,
    token_hash: randomBytes(32),
    name: "key",
    hint: "hwsr_",
  });
  await insert("data_keys", { workspace_id, id: "k", wrapped: "v1.x.y.z", master_key_id: "m" });
  await insert("idempotency_keys", { workspace_id, route: "r", key: "k", request_hash: randomBytes(32) });
  const chain = { sequence: 0, previous_hash: Buffer.of(), hash: Buffer.of() };
  const act = { actor_kind: "system", actor_label: "test", action: "test", result: "done" };
  await insert("audit_entries", { workspace_id, ...act, ...chain });
  await insert("connections", { workspace_id, id: connection, provider: "p", name: "c" });
  const daily = JSON.stringify({ kind: "interval", minutes: 60 });
  const ofConnection = { workspace_id, connection_id: connection };
  const sealed = { auth_type: "bearer", sealed: "{}", fingerprint: "f", origins: [] };
  await insert("credentials", { ...ofConnection, ...sealed });
  await insert("oauth_clients", { workspace_id, provider: "p", client_id: "c", origins: [] });
  await insert("token_sets", { ...ofConnection, access_token: "v1.x.y.z", token_url: "https://t.test", origins: [] });
  await insert("token_leases", ofConnection);
  await insert("connect_flows", {
    ...ofConnection,
    id: id(),
    state_hash: randomBytes(32),
    user_id: user,
    session_hash: randomBytes(32),
    provider: "p",
    provider_fingerprint: "f",
    endpoints: "{}",
    redirect_uri: "https://h.test",
    return_to: "/",
    expires_at: new Date(Date.now() + 1e9),
  });
  await insert("revocations", { ...ofConnection, id: id(), provider: "p", endpoint: "{}", token: "v1.x.y.z" });
  await insert("credential_uses", { ...ofConnection, hour: new Date(), purpose: "check", last_at: new Date() });
  await insert("connection_checks", { ...ofConnection, trigger: "person", took_ms: 1 });
  await insert("custom_providers", { workspace_id, id: id(), name: "own", definition: "{}" });
  await insert("workspace_secrets", {
    workspace_id,
    id: id(),
    name: "s",
    sealed: "v1.x.y.z",
    fingerprint: "f",
    origins: [],
  });
  await insert("action_calls", {
    ...ofConnection,
    id: id(),
    actor_kind: "user",
    actor_label: "Ada",
    request: "{}",
    took_ms: 1,
  });
  const kept = { credential_version: "1", request_hash: randomBytes(32), action: "a", response: "{}" };
  await insert("action_cache", { ...ofConnection, ...kept, expires_at: new Date(Date.now() + 1e9) });
  await insert("syncs", {
    workspace_id,
    id: sync,
    connection_id: connection,
    name: "s",
    drive_id: "d",
    schedule: daily,
  });
  await insert("sync_leases", { workspace_id, sync_id: sync });
  await insert("sync_verifications", { workspace_id, sync_id: sync, id: id() });
  await insert("sync_runs", { workspace_id, id: run, sync_id: sync, trigger: "manual" });
  await insert("push_channels", {
    ...ofConnection,
    id: id(),
    drive_id: "d",
    account_id: "a",
    address: "https://h.test",
    place_hash: randomBytes(32),
  });
  await insert("push_hints", { workspace_id, sync_id: sync });
  await insert("sync_run_log", { workspace_id, run_id: run, level: "info", code: "c", message: "m" });
  const state = { state: "waiting", version: "1", seen_generation: 1, is_folder: false };
  await insert("files", { workspace_id, sync_id: sync, remote_id: "f", id: file, name: "f", ...state });
  await insert("result_places", { ...ofConnection, place_hash: randomBytes(32), secret: "v1.x.y.z" });
  await insert("handoffs", { workspace_id, sync_id: sync, file_id: file, version: "1", connection_id: connection });
  await insert("object_claims", { workspace_id, sync_id: sync, folded_key: "k", file_id: file });
  await insert("object_removals", { workspace_id, sync_id: sync, object_key: "k" });
  await insert("drafts", { workspace_id, user_id: user, kind: "sync", body: "{}" });
  await insert("ticks", { workspace_id, owner_kind: "sync", owner_id: sync, scheduled_for: new Date() });
  await superuser.query("commit");
  return workspace;
}

/**
 * Tries every verb on every table as the application, in workspace `own` or in none, against rows of the others. Runs in
 * the client's open transaction, which may have changed the schema before, and leaves it as it was.
 *
 * @param client a superuser's
 * @returns what should not have been possible
 */
export async function rowProblems(client: pg.Client, own: string | undefined, foreign: readonly string[]) {
  const problems: string[] = [];
  /** What came of one statement as the application: rows, or an error's code; taken back in any case. */
  const attempt = async (text: string, values: unknown[]): Promise<number | string> => {
    await client.query("savepoint attempt");
    try {
      await client.query("set local role hawser_app");
      await client.query("select set_config('hawser.workspace', $1, true)", [own ?? ""]);
      return (await client.query(text, values)).rowCount ?? 0;
    } catch (failure) {
      return failure instanceof Error && "code" in failure ? String(failure.code) : "unknown";
    } finally {
      await client.query("rollback to savepoint attempt");
    }
  };
  const denied = "42501";

  for (const { name, column } of await workspaceTables(client)) {
    const table = `hawser.${name}`;
    const { rows } = await client.query(`select to_jsonb(t) as row from ${table} t where ${column} = any ($1)`, [
      foreign,
    ]);
    if (rows.length < foreign.length) problems.push(`${name} has no foreign rows to try: fillWorkspace must make some`);
    // Columns that the database works out by itself are nobody's to give.
    const { rows: columns } = await client.query<{ name: string }>(
      `select quote_ident(attname) as name from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [table],
    );
    const given = columns.map(({ name }) => name).join(", ");
    const say = (what: string, came: number | string) => problems.push(`${what} ${name}: ${came}`);

    const seen = await attempt(`select from ${table} where ${column} = any ($1)`, [foreign]);
    if (seen !== 0) say("foreign rows are seen in", seen);
    const all = await attempt(`select from ${table}${own ? ` where ${column} <> '${own}'` : ""}`, []);
    if (all !== 0) say("rows of others are seen in", all);
    const changed = await attempt(`update ${table} set ${column} = ${column} where ${column} = any ($1)`, [foreign]);
    if (changed !== 0 && changed !== denied) say("foreign rows can be changed in", changed);
    const deleted = await attempt(`delete from ${table} where ${column} = any ($1)`, [foreign]);
    if (deleted !== 0 && deleted !== denied) say("foreign rows can be deleted from", deleted);
    for (const { row } of rows) {
      const put = `insert into ${table} (${given}) overriding system value select ${given} from jsonb_populate_record(null::${table}, $1)`;
      const inserted = await attempt(put, [JSON.stringify(row)]);
      if (inserted !== denied) say("a foreign row can be put into", inserted);
    }
    if (!own) continue;
    const mine = await attempt(`select from ${table} where ${column} = $1`, [own]);
    if (typeof mine === "string" || mine === 0) say("own rows are not seen in", mine);
    const moved = await attempt(`update ${table} set ${column} = $2 where ${column} = $1`, [own, foreign[0]]);
    if (moved !== denied) say("own rows can be given away from", moved);
  }
  return problems;
}
