import type { UserId } from "#core/ids.ts";

/** A person, as their session says. What they may do is not in here: roles are read at every request. */
export interface SignedIn {
  id: UserId;
  name: string;
  email: string;
  instanceAdmin: boolean;
  /** When they signed in. */
  since: Date;
  sessionId: string;
}
