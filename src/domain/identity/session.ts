import type { UserId } from "#core/ids.ts";

/** A person, as their session says. What they may do is not in here: that is read at every request. */
export interface SignedIn {
  id: UserId;
  name: string;
  email: string;
  sessionId: string;
  /** When they signed in. */
  since: Date;
}

/** A session that has just begun. The token goes into the cookie and is nowhere else in plain text (SR-44). */
export interface NewSession {
  token: string;
  user: SignedIn;
}

/** Where somebody signs in from. */
export interface SignInPlace {
  address: string;
  userAgent?: string;
}

/** A session ends when it was not used for so long … */
export const idleHours = 12;
/** … and in any case so long after its sign-in (SR-44). */
export const absoluteHours = 7 * 24;

export const sessionTokenPrefix = "hwss";
