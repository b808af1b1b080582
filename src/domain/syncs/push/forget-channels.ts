import type { WorkspaceTx } from "#db/database.ts";
import { deleteChannels } from "./queries.ts";

/**
 * Erases the channels of a workspace with their secrets, in the transaction that deletes it (SR-11). The providers are
 * not told of each: they hear that the access was given up, and what they still send is nobody's.
 */
export const forgetChannels = (tx: WorkspaceTx): Promise<void> => deleteChannels(tx);
