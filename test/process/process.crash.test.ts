// The product as one process among others: what it says, what it keeps, how it stops, and that there is one of it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findEmbedded } from "#db/embedded.ts";
import {
  anInstallation,
  descendantsOf,
  type HawserProcess,
  type Installation,
  startHawser,
} from "../support/hawser-process.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const FILES = 3_000;
let home: string;
let installation: Installation;
let hawser: HawserProcess;
let superuserUrl: string;

beforeAll(async () => {
  home = temporaryFolder();
  installation = await anInstallation(home, { HAWSER_LOG_LEVEL: "debug", HAWSER_SIGN_UP: "invited" });
  for (let n = 0; n < FILES; n++) {
    const folder = join(installation.source, `folder ${n % 50}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${n}.txt`), `${n} `.repeat(2_000));
  }
  await start();
});
afterAll(async () => {
  await hawser?.killTree().catch(() => {});
  removeFolder(home);
});

async function start(): Promise<void> {
  hawser = await startHawser(installation);
  const found = await findEmbedded(installation.dataDir);
  if (!found) throw new Error("the database does not run");
  superuserUrl = Object.assign(new URL(found.superuserUrl), { pathname: "/hawser" }).href;
}

/** Every body and header that has come back. */
const answers: string[] = [];
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${installation.url}/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json", origin: installation.url, "x-requested-with": "portal", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // The two answers that hand a secret out, and the cookie, are what they are for.
  if (!(response.ok && /\/(api-keys|invitations)$/.test(path))) answers.push(text);
  return {
    status: response.status,
    cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "",
    // biome-ignore lint/suspicious/noExplicitAny: each test knows which answer it asked for
    body: (text && JSON.parse(text)) as any,
  };
}

const password = "canary-Passw0rd-correct-horse";
const wrongPassword = "canary-wrong-Passw0rd-battery";
const secrets: Record<string, string> = { password, wrongPassword };
let me: Record<string, string>;
let workspace: string;

it("SR-9 SR-12 SR-74 SR-77 no secret is in logs, answers, arguments or rows, whatever goes wrong", async () => {
  const ada = { name: "Ada", email: "ada@example.com", password };
  const signedUp = await ask("POST", "/sign-up", ada);
  expect(signedUp.status).toBe(201);
  me = { cookie: signedUp.cookie };
  secrets.session = signedUp.cookie.split("=")[1] ?? "";
  workspace = (await ask("POST", "/workspaces", { name: "Harbour" }, me)).body.id;
  const below = `/workspaces/${workspace}`;
  const key = await ask("POST", `${below}/api-keys`, { name: "Robot", role: "admin" }, me);
  secrets.key = key.body.key;
  const invitation = await ask("POST", `${below}/invitations`, { role: "member" }, me);
  secrets.invitation = invitation.body.url.split("/").at(-1);
  for (const [name, url] of Object.entries({ superuserUrl, ...(await findEmbedded(installation.dataDir)) })) {
    if (typeof url === "string" && URL.canParse(url)) secrets[name] = decodeURIComponent(new URL(url).password);
  }
  for (const line of readFileSync(join(home, "hawser.key"), "utf8").match(/[\w+/=-]{40,}/g) ?? [])
    secrets.masterKey = line;
  expect(Object.keys(secrets).length).toBeGreaterThanOrEqual(7);
  for (const [name, value] of Object.entries(secrets)) expect(value.length, name).toBeGreaterThanOrEqual(20);

  // Put where they do not belong, in every way that people do it.
  const all = Object.values(secrets);
  for (const secret of all) {
    const inPath = encodeURIComponent(secret);
    await ask("GET", `/${inPath}`);
    await ask("GET", `${below}/syncs/${inPath}?cursor=${inPath}&search=${inPath}&token=${inPath}`, undefined, me);
    await ask("GET", "/me", undefined, { authorization: `Bearer ${inPath}`, cookie: `x=${inPath}` });
    await ask("POST", "/sign-in", { email: "ada@example.com", password: wrongPassword, other: secret });
    await ask("POST", "/sign-in", `{"password": "${secret}", broken`);
    await ask("POST", `${below}/api-keys`, { name: "x", role: secret }, me);
    await ask("POST", "/me/password", { current_password: secret, new_password: "short" }, me);
    await ask("POST", "/invitations/look-up", { token: secret }, me);
  }

  // The database goes away under running requests.
  const superuser = new pg.Client({ connectionString: superuserUrl });
  superuser.on("error", () => {});
  await superuser.connect();
  for (let round = 0; round < 5; round++) {
    const asked = Array.from({ length: 8 }, () => [
      ask("GET", `${below}/audit`, undefined, me),
      ask("POST", "/sign-in", { email: "ada@example.com", password }),
      ask("GET", "/me", undefined, { authorization: `Bearer ${secrets.key}` }),
    ]).flat();
    await superuser.query("select pg_terminate_backend(pid) from pg_stat_activity where usename like 'hawser_%'");
    await Promise.all(asked);
  }
  expect((await ask("GET", "/me", undefined, me)).status).toBe(200);
  // And what it holds makes no sense any more.
  await superuser.query("alter table hawser.audit_entries rename column actor_label to other");
  const broken = await ask("GET", `${below}/audit`, undefined, me);
  expect(broken).toMatchObject({ status: 500, body: { code: "internal" } });
  await superuser.query("alter table hawser.audit_entries rename column other to actor_label");

  for (const answer of answers) {
    expect(answer).not.toMatch(
      / at .*\.[jt]s:\d|node_modules|\/src\/|select |insert into|audit_entries|127\.0\.0\.1:|\.sock|pg_|ECONN/,
    );
    expect(answer).not.toContain(home);
  }
  const rows: string[] = [];
  const { rows: tables } = await superuser.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('hawser', 'identity', 'pgboss')",
  );
  for (const { name } of tables) {
    const { rows: kept } = await superuser.query(`select t::text from ${name} t`);
    rows.push(...kept.map(({ t }) => t));
  }
  expect(rows.length).toBeGreaterThan(20);
  await superuser.end();
  const processes = [hawser.pid, ...descendantsOf(hawser.pid)];
  const surroundings = processes.map((pid) => {
    try {
      const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, "latin1");
      return pid === hawser.pid ? of("cmdline") : `${of("cmdline")} ${of("environ")}`;
    } catch {
      return ""; // A worker of the database that has ended since.
    }
  });
  expect(processes.length).toBeGreaterThan(2);

  for (const [name, secret] of Object.entries(secrets)) {
    const places = {
      answers: answers.join("\n"),
      log: hawser.said(),
      rows: rows.join("\n"),
      processes: surroundings.join("\n"),
    };
    for (const [place, text] of Object.entries(places)) {
      const at = text.indexOf(secret);
      expect(at >= 0 && `${name} is in ${place}: ${text.slice(Math.max(0, at - 200), at + 20)}`).toBe(false);
    }
  }
  for (const line of hawser.said().trim().split("\n")) {
    if (!/^(Hawser|Made the key file) /.test(line)) expect(() => JSON.parse(line), line).not.toThrow();
  }
}, 120_000);

it("SR-98 a second start on the same folder says so and stops; the first one goes on", async () => {
  const failure = await startHawser({
    ...installation,
    environment: { ...installation.environment, HAWSER_PORT: "0" },
  }).then(
    () => new Error("it started"),
    (error: Error) => error,
  );
  expect(failure.message).toMatch(/did not start/);
  expect(failure.message).toContain(String(hawser.pid));
  expect(failure.message).not.toMatch(/ at .*\.ts:\d/);
  expect((await ask("GET", "/me", undefined, me)).status).toBe(200);
}, 60_000);

it("SR-97 a stop signal in the middle of a run ends the process within 10 seconds; the run goes on at the next start", async () => {
  const below = `/workspaces/${workspace}`;
  const config = { root: "source" };
  const made = await ask("POST", `${below}/connections`, { provider: "local-folder", name: "Papers", config }, me);
  const drives = await ask("GET", `${below}/connections/${made.body.id}/drives`, undefined, me);
  const [{ id, name }] = drives.body.items;
  const destination = { kind: "local-folder", root: "target", folder: "copy", layout: "mirror" };
  const sync = await ask(
    "POST",
    `${below}/syncs?run=true`,
    { connection_id: made.body.id, drive: { id, name }, name: "All", destination },
    me,
  );
  expect(sync.status).toBe(201);
  const lastRun = async () => (await ask("GET", `${below}/syncs/${sync.body.id}/runs`, undefined, me)).body.items[0];
  let run = await lastRun();
  while (run.counts.created < 100) run = await lastRun();
  expect(run).toMatchObject({ status: "running" });

  const saidBefore = hawser.said().length;
  const asked = performance.now();
  await hawser.stop();
  expect(performance.now() - asked).toBeLessThan(10_000);
  expect(hawser.child.exitCode).toBe(0);
  expect(hawser.said().slice(saidBefore)).not.toContain('"level":50');
  expect(spawnSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).stdout).not.toContain(installation.dataDir);

  await start();
  run = await lastRun();
  expect(run.counts.created).toBeGreaterThanOrEqual(100);
  while (["queued", "running"].includes(run.status)) run = await lastRun();
  expect(run).toMatchObject({ status: "done", counts: { found: FILES, created: FILES, failed: 0, remaining: 0 } });
  const [below_] = readdirSync(installation.target);
  const copy = join(installation.target, below_ ?? "", "copy");
  expect(readdirSync(copy, { recursive: true }).filter((name) => String(name).endsWith(".txt"))).toHaveLength(FILES);
}, 120_000);
