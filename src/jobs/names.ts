/** Every kind of job there is, and with it every queue. A new one is a line here; `migrate` makes its queue. */
export const jobNames = [
  "run-sync",
  "verify-sync",
  "renew-token",
  "check-connection",
  "revoke-token",
  "keep-channel",
  "deliver-handoffs",
] as const;

export type JobName = (typeof jobNames)[number];

/** Where jobs end that failed at every try, for an operator to look at. */
export const deadQueue = "dead";
