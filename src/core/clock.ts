/** Where "now" comes from, so that a test can set it. What must agree between processes asks the database instead. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
