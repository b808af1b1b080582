// What it costs to connect an account, to sign a call, to refresh a token that many want, and to fill in a template.
import { type ConnectionId, newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { type Database, openDatabase } from "#db/database.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrateUp } from "#db/migrate.ts";
import { ensureRoles, roleUrls } from "#db/roles.ts";
import { openAccess } from "#domain/connections/access.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { aMasterKey, connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import { storeCredential } from "#domain/connections/tokens/credential.ts";
import { codeRequest } from "#domain/connections/tokens/obtain.ts";
import { storeTokens } from "#domain/connections/tokens/store.ts";
import { newOutputBudget, resolveTemplate } from "#expressions/resolve.ts";
import { parseTemplate } from "#expressions/template.ts";
import { requestToken } from "#outbound/token-endpoint.ts";
import { type Auth, authOfType } from "#provider-kit/auth.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { Secret } from "#vault/secret.ts";
import { type OpenSandbox, openSandbox } from "../../src/sandbox/sandbox.ts";
import type { HttpPerson } from "../support/http-person.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import type { FigureBook } from "./figures.ts";

// As many as may be begun in a minute.
const CONNECTS = 30;
const SIGNINGS = 5_000;
const STORMS = 20;
const PROCESSES = 8;
const CALLERS = 125;
const RESOLVES = 100_000;

const use = { actor: "system" as const, purpose: "bench" };

/** From *Continue* to the connection in order: begin, the provider's page, callback, exchange, check. */
export async function connectRoundTrips(person: HttpPerson, book: FigureBook): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < CONNECTS; n++) {
    const wanted = { provider: "google-drive", name: `Drive ${n}`, sandbox: true };
    const { id } = await person.ask("POST", "/connections", wanted);
    const begun = performance.now();
    const { url } = await person.ask("POST", `/connections/${id}/authorize`, {});
    const back = await person.visit(`${url}&decision=allow`);
    const page = await person.visit(back);
    times.push(performance.now() - begun);
    if (!page.includes("outcome=connected")) throw new Error(`connecting ended at ${page}`);
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  book.add("connect round trip with a simulator, median", at(0.5), "ms", `95 %: ${at(0.95).toFixed(0)} ms`);
}

/** Opens and signs as every call does, and lets many want one token that is over. */
export async function signingAndStorm(book: FigureBook): Promise<void> {
  const folder = temporaryFolder();
  const { ownerUrl, stop } = await startEmbedded({ dataDir: folder });
  const sandbox = await openSandbox({ port: 0 });
  try {
    const urls = await roleUrls(ownerUrl);
    await ensureRoles(ownerUrl, urls);
    await migrateUp(ownerUrl);
    const database = openDatabase({ appUrl: urls.appUrl, maxConnections: 16 });
    await signings(database, sandbox, book);
    await storms(database, sandbox, book);
    await database.close();
  } finally {
    await sandbox.close();
    await stop();
    removeFolder(folder);
  }
}

async function signings(database: Database, sandbox: OpenSandbox, book: FigureBook): Promise<void> {
  const medium = sandbox.providers.get("medium");
  const auth = medium && authOfType(medium.auth({}), "bearer");
  if (!medium || !auth) throw new Error("medium is not in the sandbox");
  const deps = connectionDeps(database, { providers: [medium], exceptions: [sandbox.hostAndPort] });
  const { workspace, connection } = await aConnection(database, medium, auth);
  const origins = [sandbox.origin];
  await database.asWorkspace({ workspace }, (tx) =>
    storeCredential(tx, deps, connection, auth, { token: "t".repeat(64) }, { origins, by: null }),
  );
  const access = openAccess(deps, { workspace, connection, provider: medium, auth, use });
  await timeSigning("credential", access, sandbox, book);

  const { token, drive, code } = await aTokenOf("google-drive", sandbox, deps);
  const withDrive = { ...deps, providers: new Map([[drive.key, drive]]) };
  const other = await aConnection(database, drive, code);
  await database.asWorkspace({ workspace: other.workspace }, (tx) =>
    storeTokens(tx, withDrive, other.connection, code, token, {
      grantedAt: new Date(),
      sentAt: new Date(),
      clientId: sandbox.clients.get("google-drive")?.id ?? "",
      tokenUrl: code.tokenUrl,
      origins,
    }),
  );
  const signed = openAccess(withDrive, { ...other, provider: drive, auth: code, use });
  await timeSigning("token", signed, sandbox, book);
  await deps.uses.close();
}

async function timeSigning(
  what: string,
  access: ReturnType<typeof openAccess>,
  sandbox: OpenSandbox,
  book: FigureBook,
): Promise<void> {
  const url = new URL(`${sandbox.origin}/me`);
  const cpu = process.cpuUsage();
  const begun = performance.now();
  for (let n = 0; n < SIGNINGS; n++) await access.sign(url);
  const oneMs = (performance.now() - begun) / SIGNINGS;
  const { user, system } = process.cpuUsage(cpu);
  const note = `aim: below 1 ms; ${((user + system) / 1000 / SIGNINGS).toFixed(2)} ms of our processor`;
  book.add(`${what} opened and signed, one after another`, oneMs, "ms", note);
  const together = performance.now();
  await Promise.all(Array.from({ length: SIGNINGS }, () => access.sign(url)));
  book.add(`${what} opened and signed, all at once`, SIGNINGS / ((performance.now() - together) / 1000), "a second");
}

/** Each storm: one token that is over, wanted by 125 callers in each of 8 processes, whose refresh token works once. */
async function storms(database: Database, sandbox: OpenSandbox, book: FigureBook): Promise<void> {
  const service = sandbox.services.get("autodesk");
  const client = sandbox.clients.get("autodesk");
  const masterKey = aMasterKey();
  const [first, ...others] = Array.from(
    { length: PROCESSES },
    (): ConnectionDeps => ({
      ...connectionDeps(database, { exceptions: [sandbox.hostAndPort], masterKey }),
      providers: sandbox.providers,
      operatorClients: new Map(client ? [["autodesk", { id: client.id, secret: new Secret(client.secret) }]] : []),
    }),
  );
  if (!service || !client || !first) throw new Error("autodesk is not in the sandbox");
  const times: number[] = [];
  const before = service.log.count({ grant: "refresh_token" });
  for (let n = 0; n < STORMS; n++) {
    const { token, drive, code } = await aTokenOf("autodesk", sandbox, first);
    const { workspace, connection } = await aConnection(database, drive, code);
    await database.asWorkspace({ workspace }, async (tx) => {
      const past = new Date(Date.now() - 2 * 3_600_000);
      await storeTokens(tx, first, connection, code, token, {
        grantedAt: past,
        sentAt: past,
        clientId: client.id,
        tokenUrl: code.tokenUrl,
        origins: [sandbox.origin],
      });
    });
    const begun = performance.now();
    await Promise.all(
      [first, ...others].flatMap((deps) => {
        const access = openAccess(deps, { workspace, connection, provider: drive, auth: code, use });
        return Array.from({ length: CALLERS }, () => access.sign(new URL(`${sandbox.origin}/autodesk/api/userinfo`)));
      }),
    );
    times.push(performance.now() - begun);
  }
  const exchanges = service.log.count({ grant: "refresh_token" }) - before;
  times.sort((one, other) => one - other);
  const note = `${exchanges} exchanges in ${STORMS} storms, slowest ${times.at(-1)?.toFixed(0)} ms`;
  book.add(`refresh storm, ${PROCESSES} × ${CALLERS} callers of one token, median`, times[STORMS / 2] ?? 0, "ms", note);
  for (const deps of [first, ...others]) await deps.uses.close();
}

async function aConnection(database: Database, provider: Provider, auth: Auth) {
  const workspace = newId<WorkspaceId>();
  const connection = newId<ConnectionId>();
  await database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`
      insert into workspaces (id, name, slug, created_by)
      values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`;
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, status, account_id, account_label, auth_type)
      values (${workspace}, ${connection}, ${provider.key}, 'Account', 'active', 'a', 'Ana', ${auth.type})`;
  });
  return { workspace, connection };
}

/** A token as somebody's consent has brought it. */
async function aTokenOf(key: string, sandbox: OpenSandbox, { outbound }: ConnectionDeps) {
  const drive = sandbox.providers.get(key);
  const client = sandbox.clients.get(key);
  const code = drive && authOfType(drive.auth({}), "oauth2_authorization_code");
  if (!drive || !client || code?.type !== "oauth2_authorization_code") throw new Error(`${key} is not in the sandbox`);
  const redirectUri = "http://localhost:8080/oauth/callback/bench";
  const page = new URL(code.authorizeUrl);
  const params = { ...code.authorizeParams, response_type: "code", client_id: client.id, redirect_uri: redirectUri };
  for (const [name, value] of Object.entries({ ...params, scope: code.scopes.join(" "), decision: "allow" })) {
    page.searchParams.set(name, value);
  }
  const back = (await fetch(page, { redirect: "manual" })).headers.get("location") ?? "";
  const token = await requestToken(
    outbound,
    codeRequest(code, {
      client: { id: client.id, secret: new Secret(client.secret) },
      code: new Secret(new URL(back).searchParams.get("code") ?? ""),
      redirectUri,
    }),
  );
  return { token, drive, code };
}

/** A text with four values out of a step's output of usual size. */
export function templates(book: FigureBook): void {
  const text =
    "{{steps.fetch.items[7].name}} by {{ steps.fetch.items[7].owner.email }}: {{trigger.body.title | upper}}, {{step_1.total}}";
  const items = Array.from({ length: 50 }, (_, n) => ({ name: `Item ${n}`, owner: { email: `u${n}@example.com` } }));
  const scope = {
    steps: [{ name: "fetch", output: { items, total: 50 } }],
    trigger: { body: { title: "weekly" } },
    secrets: [],
  };
  const template = parseTemplate(text);
  const resolve = () => resolveTemplate(template, scope, "text", newOutputBudget()).toString();
  for (let n = 0; n < 10_000; n++) resolve();
  const begun = performance.now();
  for (let n = 0; n < RESOLVES; n++) resolve();
  book.add(
    "template with four placeholders filled in",
    ((performance.now() - begun) / RESOLVES) * 1000,
    "µs",
    "aim: 20 µs",
  );
}
