import { AppError, type FieldError, invalidField } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { violatesUnique } from "#db/violation.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { addProvider, explainViolation } from "#domain/catalog/create-provider.ts";
import { customKey, customNameOf } from "#domain/catalog/custom-provider.ts";
import { type CatalogDeps, findProvider } from "#domain/catalog/find-provider.ts";
import { readAside } from "#domain/catalog/read-aside.ts";
import { changeProvider } from "#domain/catalog/update-provider.ts";
import { validateDefinition } from "#domain/catalog/validate-definition.ts";
import { addImported, changeImported } from "#domain/connections/import-connection.ts";
import { validateConfig } from "#domain/connections/validate-config.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Json } from "#expressions/json.ts";
import type { OutboundPolicy } from "#outbound/policy.ts";
import { type Auth, type AuthType, authOfType } from "#provider-kit/auth.ts";
import type { Definition } from "#provider-kit/definition/definition.ts";
import { providerFrom } from "#provider-kit/from-definition.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { type ImportChange, planConnection, planProvider, planSecret, refuseRepeated } from "./plan-import.ts";
import { foldName, type Present, readPresent } from "./present.ts";
import { type ConnectionEntry, type ProviderEntry, type Read, type ReadFile, readFile } from "./workspace-file.ts";

const worker = new URL("./read-yaml-worker.ts", import.meta.url);

export interface TransferDeps extends CatalogDeps {
  database: Database;
  policy: OutboundPolicy;
  /** Called with the key of a custom provider whose addresses are others now, in the transaction of the change. */
  providerMoved(tx: WorkspaceTx, key: string): Promise<void>;
}

export interface Imported {
  applied: boolean;
  changes: readonly ImportChange[];
}

/**
 * What a file of an export changes in a workspace, and with `apply` all of it in one transaction. What it brings is new
 * here and has no credentials; connections arrive inactive and say what they need (SR-101).
 * @throws AppError invalid_request where it is no such file, or where something is to be applied that is refused
 */
export async function importWorkspace(
  deps: TransferDeps,
  { workspace, actor, signal }: { workspace: WorkspaceId; actor: Actor; signal: AbortSignal },
  { yaml, apply }: { yaml: string; apply: boolean },
): Promise<Imported> {
  const tooMuch = invalidField("/yaml", "The file is too much to be read. Take parts of it out.");
  const written = await readAside<Json>(worker, yaml, { signal, tooMuch });
  const file = await readWhole(deps, readFile(written));
  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      const present = await readPresent(tx);
      const steps = await plan(tx, deps, file, present);
      const changes = steps.map(({ change }) => change);
      if (!apply) return { applied: false, changes };
      refuseRefused(changes);
      for (const { act } of steps) await act?.(tx, actor);
      await audit(tx, {
        actor,
        action: "workspace.imported",
        after: { created: namesOf(changes, "create"), updated: namesOf(changes, "update") },
      });
      await notifyLive(tx, { workspace, type: "changed", what: "connections" });
      return { applied: true, changes };
    })
    .catch((error: unknown) => {
      if (violatesUnique(error, "connections_name")) {
        throw new AppError("conflict", "Somebody else has added a connection of this name meanwhile. Look again.");
      }
      throw explainViolation(error);
    });
}

interface WholeFile extends Pick<ReadFile, "connections" | "secrets"> {
  providers: readonly { read: Read<ProviderEntry>; definition: Definition | undefined }[];
}

/** The same file, with definitions that are valid ones. */
async function readWhole(deps: Pick<TransferDeps, "policy">, file: ReadFile): Promise<WholeFile> {
  const providers: WholeFile["providers"][number][] = [];
  for (const read of refuseRepeated(file.providers, (name) => name)) {
    if (!read.ok) providers.push({ read, definition: undefined });
    else {
      const valid = await validateDefinition(deps, read.entry.definition).catch((error: unknown) => {
        if (error instanceof AppError && error.code === "invalid_request") return error;
        throw error;
      });
      providers.push(
        valid instanceof AppError
          ? { read: { ...read, ok: false, errors: below(read.pointer, valid.errors) }, definition: undefined }
          : { read, definition: valid },
      );
    }
  }
  return { ...file, connections: refuseRepeated(file.connections, foldName), providers };
}

interface Step {
  change: ImportChange;
  /** What makes the change. */
  act?: (tx: WorkspaceTx, actor: Actor) => Promise<unknown>;
}

async function plan(tx: WorkspaceTx, deps: TransferDeps, file: WholeFile, present: Present): Promise<Step[]> {
  const steps = file.providers.map(({ read, definition }) => planProviderStep(deps, read, definition, present));
  const arriving = new Map(
    file.providers.flatMap(({ read, definition }) =>
      read.ok && definition ? [[read.entry.name, providerFrom(customKey(read.entry.name), definition)] as const] : [],
    ),
  );
  for (const read of file.connections) {
    steps.push(await planConnectionStep(tx, deps, read, arriving, present));
  }
  return [...steps, ...file.secrets.map((name, at) => ({ change: planSecret(name, at, present.secrets) }))];
}

function planProviderStep(
  deps: TransferDeps,
  read: Read<ProviderEntry>,
  definition: Definition | undefined,
  { providers }: Present,
): Step {
  const before = providers.get(read.name);
  const change = planProvider(read, before);
  if (!read.ok || !definition) return { change };
  const { entry } = read;
  if (change.change === "create") {
    return { change, act: (tx, actor) => addProvider(tx, actor, definition, entry) };
  }
  if (change.change !== "update" || !before) return { change };
  const isOther = change.fields.includes("definition");
  const to = { active: entry.active, ...(isOther && { definition: entry.definition }) };
  return {
    change,
    act: (tx, actor) =>
      changeProvider(tx, actor, before.id, { ...to, valid: isOther ? definition : undefined }, deps.providerMoved),
  };
}

async function planConnectionStep(
  tx: WorkspaceTx,
  deps: TransferDeps,
  read: Read<ConnectionEntry>,
  arriving: ReadonlyMap<string, Provider>,
  { connections }: Present,
): Promise<Step> {
  const before = connections.get(foldName(read.name));
  if (!read.ok) return { change: planConnection(read, before, { wrong: [], needs: undefined }) };
  const { entry, pointer } = read;
  const provider =
    arriving.get(customNameOf(entry.provider) ?? "") ??
    (await findProvider(tx, deps, entry.provider, entry.sandbox))?.provider;
  const judged = judge(entry, provider);
  const wrong = below(pointer, judged.wrong);
  const change = planConnection(read, before, { wrong, needs: needsOf(judged.auth) });
  const { config, tags } = entry;
  if (change.change === "create" && judged.auth) {
    const authType: AuthType = judged.auth.type;
    const { auth: _, ...wanted } = entry;
    return { change, act: (inTx, actor) => addImported(inTx, actor, { ...wanted, authType }) };
  }
  if (change.change !== "update" || !before) return { change };
  const to = { config, tags, isOtherConfig: change.fields.includes("config") };
  return { change, act: (inTx, actor) => changeImported(inTx, actor, { ...before, tags: [...before.tags] }, to) };
}

/** What a connection's provider says against it. */
function judge(
  { provider: key, auth: wanted, config, sandbox }: ConnectionEntry,
  provider: Provider | undefined,
): { wrong: readonly FieldError[]; auth: Auth | undefined } {
  if (!provider) {
    const detail = sandbox
      ? "The sandbox that this belongs to is off here."
      : `There is no provider "${key}" here or in the file.`;
    return { wrong: [{ pointer: "/provider", code: "unknown_provider", detail }], auth: undefined };
  }
  try {
    const auth = authOfType(provider.auth(validateConfig(provider, config)), wanted);
    if (auth) return { wrong: [], auth };
    const detail = `${provider.name} has no such way to sign in.`;
    return { wrong: [{ pointer: "/auth", code: "unknown_auth", detail }], auth: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { wrong: error.errors, auth: undefined };
  }
}

function needsOf(auth: Auth | undefined): ImportChange["needs"] {
  if (!auth) return undefined;
  if (auth.type === "none") return "test";
  return auth.type === "oauth2_authorization_code" ? "sign_in" : "credential";
}

function refuseRefused(changes: readonly ImportChange[]): void {
  const reasons = changes.filter(({ change }) => change === "refuse").flatMap((change) => change.reasons);
  if (reasons.length === 0) return;
  const errors = reasons.slice(0, 20).map((reason) => ({ ...reason, pointer: `/yaml${reason.pointer}` }));
  throw new AppError("invalid_request", "Something in the file is refused, so nothing of it was done.", { errors });
}

const below = (pointer: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({ ...error, pointer: `${pointer}${error.pointer}` }));

const namesOf = (changes: readonly ImportChange[], what: ImportChange["change"]): string[] =>
  changes.filter(({ change }) => change === what).map(({ kind, name }) => `${kind} ${name}`);
