import type { WorkspaceTx } from "#db/database.ts";

/** Keeps the reply of a request that has an idempotency key, in the transaction of its effect (SR-79). */
export type Complete<Reply> = (tx: WorkspaceTx, reply: Reply) => Promise<void>;
