/**
 * Secrets that we make for somebody who is going to tell us things: he is told one, and proves with it that a message
 * is his. The only ones that leave the vault as text, because a provider's code puts them into a subscription and
 * compares what comes back; they open nothing, anywhere.
 */
import { randomBytes } from "node:crypto";
import type { WorkspaceTx } from "#db/database.ts";
import { reveal } from "./reveal.ts";
import type { SecretPlace, SecretUse, Vault } from "./seal.ts";

/** 256 random bits in 43 characters of `A-Z a-z 0-9 - _`. */
export const newHookSecret = (): string => randomBytes(32).toString("base64url");

// A field of its own: no other secret can be opened through here (SR-3).
const placeOf = (at: { table: string; row: string }): SecretPlace => ({ ...at, field: "hook_secret" });

export const sealHookSecret = (
  vault: Vault,
  tx: WorkspaceTx,
  at: { table: string; row: string },
  plain: string,
): Promise<string> => vault.sealSecret(tx, placeOf(at), plain);

/** @throws SecretNotOpened */
export const openHookSecret = async (
  vault: Vault,
  tx: WorkspaceTx,
  at: { table: string; row: string },
  text: string,
  use: SecretUse,
): Promise<string> => reveal(await vault.openSecret(tx, placeOf(at), text, use));
