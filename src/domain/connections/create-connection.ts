import { type ConnectionId, newId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { holdProvider } from "#domain/catalog/find-provider.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { EnteredCredential } from "#provider-kit/credential.ts";
import { judgeCheck } from "./check-connection.ts";
import type { Caller, Config } from "./connection.ts";
import type { ConnectionCard } from "./connection-card.ts";
import { connectionNameTaken, findConnectable, unknownProvider } from "./connection-error.ts";
import { recordCheck } from "./health/checks.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { insertConnection, isConnectionNameFree } from "./queries.ts";
import { readCard } from "./read-cards.ts";
import { checkEntered, chooseSignIn, hasCredential } from "./sign-in.ts";
import { originsOf, storeCredential } from "./tokens/credential.ts";
import { validateConfig } from "./validate-config.ts";

export interface NewConnection {
  provider: string;
  name: string;
  config: Config;
  tags: string[];
  /** The provider's best way unless told. */
  auth?: AuthType | undefined;
  credential?: EnteredCredential | undefined;
  sandbox?: boolean | undefined;
}

/**
 * Connects a provider and tests it at once. One that fails its test is kept, too, in error and with the cause. Where
 * nothing is there to be tested yet, because a person signs in at the provider or the credential is entered later, it
 * begins inactive.
 * @throws AppError invalid_request with pointers to the fields, name_taken, sandbox_off
 */
export async function createConnection(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  wanted: NewConnection,
  complete: (tx: WorkspaceTx, made: ConnectionCard) => Promise<void> = async () => {},
): Promise<ConnectionCard> {
  const { name, config, tags, sandbox = false } = wanted;
  const found = await deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await isConnectionNameFree(tx, name, undefined))) throw connectionNameTaken();
    return findConnectable(tx, deps, wanted.provider, sandbox);
  });
  const { provider } = found;
  const read = validateConfig(provider, config);
  const signIn = chooseSignIn(provider, read, wanted);
  const { auth, fields } = signIn;

  const isTestable = auth.type === "none" || (hasCredential(auth) && fields !== undefined);
  const result = isTestable
    ? await checkEntered(deps, { workspace, actor, signal }, { provider, config, kept: {}, ...signIn })
    : undefined;
  const judgement = result ? judgeCheck(result, undefined) : untested;
  const id = newId<ConnectionId>();
  const by = personOf(actor);

  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      if (!(await holdProvider(tx, found))) throw unknownProvider(wanted.provider);
      const made = { id, provider: provider.key, name, config, tags, authType: auth.type, sandbox, by };
      await insertConnection(tx, { ...made, ...judgement, checkedAt: result?.at });
      if (fields) {
        const origins = originsOf(provider, read, judgement.account?.kept ?? {});
        await storeCredential(tx, deps, id, auth, fields, { origins, by });
      }
      if (result) await recordCheck(tx, id, { ...judgement, trigger: "connect", tookMs: result.tookMs });
      await audit(tx, {
        actor,
        action: "connection.created",
        target: { kind: "connection", id, label: name },
        after: {
          name,
          provider: provider.key,
          config,
          tags,
          auth: auth.type,
          status: judgement.status,
          ...(sandbox && { sandbox }),
        },
      });
      await notifyLive(tx, { workspace, type: "changed", what: "connections" });
      const card = await readCard(tx, deps, id);
      await complete(tx, card);
      return card;
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "connections_name") ? connectionNameTaken() : error;
    });
}

const untested = { status: "inactive", account: undefined, failure: undefined } as const;
