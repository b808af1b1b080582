import { createHmac } from "node:crypto";
import type { ApiKeyId, UserId, WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { currentDataKey, type DataKeyRow, findDataKey, unwrap } from "./data-keys.ts";
import { deriveKey } from "./derive.ts";
import { decrypt, type Envelope, encrypt, parseEnvelope } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";
import { revealBytes, Secret } from "./reveal.ts";

/** Where a ciphertext is kept. It opens nowhere else (SR-3), so a row's id is decided before its secret is sealed. */
export interface SecretPlace {
  table: string;
  row: string;
  field: string;
}

/** Who opens a secret and what for (SR-5). */
export interface SecretUse {
  actor: { user: UserId } | { apiKey: ApiKeyId } | { run: string } | "system";
  /** A short fixed phrase such as "connection check", never data. */
  purpose: string;
  /** Where the value will be sent, when it leaves the house. */
  origin?: string;
}

/** `malformed`: not our form. `unknown-key`: its key is not here. `not-authentic`: changed, or copied from elsewhere. */
export type RefusalReason = "malformed" | "unknown-key" | "not-authentic";

export interface Refusal {
  workspace: WorkspaceId;
  place: SecretPlace;
  use: SecretUse;
  reason: RefusalReason;
}

/** A stored secret did not open. There is no way around it: the value has to be entered again. */
export class SecretNotOpened extends Error {
  override readonly name = "SecretNotOpened";
  readonly reason: RefusalReason;

  constructor(place: SecretPlace, reason: RefusalReason) {
    super(`the secret ${place.table}.${place.field} of row ${place.row} did not open (${reason})`);
    this.reason = reason;
  }
}

/** A secret and the key that it is under, which is wrapped. */
export interface SealedSecret {
  workspace: WorkspaceId;
  place: SecretPlace;
  envelope: Envelope | undefined;
  dataKey: DataKeyRow | undefined;
}

export interface Vault {
  /** The ciphertext for one place, under the workspace's data key. */
  sealSecret(tx: WorkspaceTx, place: SecretPlace, plain: Secret | string | Uint8Array): Promise<string>;
  /** The value, for one use: it is not kept. Throws SecretNotOpened, after `onRefusal` was told. */
  openSecret(tx: WorkspaceTx, place: SecretPlace, text: string, use: SecretUse): Promise<Secret>;
  /** What it takes to open a secret, still sealed: for somebody with several uses for it within a moment. */
  findSealed(tx: WorkspaceTx, place: SecretPlace, text: string): Promise<SealedSecret>;
  /** As `openSecret` does. */
  openSealed(sealed: SealedSecret, use: SecretUse): Secret;
  /**
   * 12 characters by which people can tell two values of a workspace apart (SR-7). Keyed, so that a guess cannot be
   * tried against it; it may change when the oldest master key is taken off the list.
   */
  fingerprint(workspace: WorkspaceId, secret: Secret): string;
}

/**
 * `onRefusal` gets every failure to open, for the audit log. It may be called inside a transaction that the failure is
 * about to roll back: it hands the entry on (to a queue, to a transaction of its own) and does not wait for it.
 */
export function createVault({
  keyring,
  onRefusal,
}: {
  keyring: Keyring;
  onRefusal: (refusal: Refusal) => void;
}): Vault {
  const openSealed = ({ workspace, place, envelope, dataKey: row }: SealedSecret, use: SecretUse): Secret => {
    const refuse = (reason: RefusalReason): never => {
      onRefusal({ workspace, place, use, reason });
      throw new SecretNotOpened(place, reason);
    };
    if (!envelope) return refuse("malformed");
    if (!row) return refuse("unknown-key");
    const opened = unwrap(keyring, workspace, row);
    if ("refused" in opened) return refuse(opened.refused);
    const plain = decrypt(opened.dataKey, contextOf(workspace, place), envelope);
    opened.dataKey.fill(0);
    if (!plain) return refuse("not-authentic");
    const secret = new Secret(plain);
    plain.fill(0);
    return secret;
  };

  return {
    async sealSecret(tx, place, plain) {
      const row = await currentDataKey(tx, keyring);
      const opened = unwrap(keyring, tx.workspace, row);
      if ("refused" in opened) {
        throw new SecretNotOpened({ table: "data_keys", row: row.id, field: "wrapped" }, opened.refused);
      }
      const bytes = revealBytes(plain instanceof Secret ? plain : new Secret(plain));
      const text = encrypt(opened.dataKey, row.id, contextOf(tx.workspace, place), bytes);
      bytes.fill(0);
      opened.dataKey.fill(0);
      return text;
    },

    openSecret: async (tx, place, text, use) => openSealed(await findSealed(tx, place, text), use),
    findSealed,
    openSealed,

    fingerprint(workspace, secret) {
      const mac = createHmac("sha256", deriveKey(keyring, "fingerprint"));
      return mac.update(workspace).update(revealBytes(secret)).digest("base64url").slice(0, 12);
    },
  };
}

async function findSealed(tx: WorkspaceTx, place: SecretPlace, text: string): Promise<SealedSecret> {
  const envelope = parseEnvelope(text);
  const dataKey = envelope && (await findDataKey(tx, envelope.keyId));
  return { workspace: tx.workspace, place, envelope, dataKey };
}

const contextOf = (workspace: WorkspaceId, { table, row, field }: SecretPlace) => [
  "secret",
  workspace,
  table,
  row,
  field,
];
