/**
 * The sign-in library, set up for us: it makes people and checks passwords; its own HTTP routes and cookies are not
 * used. docs/decisions/0003 says what it does and what we do ourselves.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { betterAuth } from "better-auth";
import { isAPIError } from "better-auth/api";
import { newId } from "#core/ids.ts";
import type { AuthDatabase } from "#db/auth-database.ts";
import { deriveKey } from "#vault/derive.ts";
import type { Keyring } from "#vault/keyring.ts";
import { hashPassword, verifyPassword } from "#vault/password.ts";
import type { NewToken } from "#vault/token.ts";
import { idleHours, type SignInPlace } from "./session.ts";

export type Library = ReturnType<typeof openLibrary>;

interface BeginningSession {
  token: NewToken;
  place: SignInPlace;
}

export function openLibrary({ auth, keyring, publicUrl }: { auth: AuthDatabase; keyring: Keyring; publicUrl: string }) {
  const beginning = new AsyncLocalStorage<BeginningSession>();
  const { api } = betterAuth({
    baseURL: publicUrl,
    secret: Buffer.from(deriveKey(keyring, "better-auth")).toString("base64url"),
    database: { db: auth.kysely, type: "postgres", transaction: true },
    advanced: { database: { generateId: () => newId() } },
    session: { expiresIn: idleHours * 3600, disableSessionRefresh: true },
    emailAndPassword: {
      enabled: true,
      // With this, an address that is taken gets the same answer after the same work as a free one (SR-50).
      autoSignIn: false,
      // How long passwords are is the contract's business, and the hash's (bytes, not characters).
      minPasswordLength: 1,
      maxPasswordLength: 1024,
      password: { hash: hashPassword, verify: ({ password, hash }) => verifyPassword(password, hash) },
    },
    databaseHooks: {
      session: {
        create: {
          // The library keeps session tokens as they are; ours are kept as hashes. A session that begins in any other
          // way than through `beginSession` does not begin.
          before: async (session) => {
            const store = beginning.getStore();
            if (!store) throw new Error("a session can only begin with a token of ours");
            const { token, place } = store;
            const userAgent = place.userAgent?.slice(0, 255) ?? null;
            return { data: { ...session, token: token.hash, ipAddress: place.address, userAgent } };
          },
        },
      },
    },
    // It would tell e-mail addresses; what is worth knowing is in our own log.
    logger: { disabled: true },
    telemetry: { enabled: false },
  });

  return {
    /**
     * Makes a person with a password and gives their id. Does the same work when the address is taken, and gives an
     * id that is nobody's.
     */
    async makeUser(body: { name: string; email: string; password: string }): Promise<string | undefined> {
      const made = await refusalAsNothing(api.signUpEmail({ body }));
      return made?.user.id;
    },
    /** Checks the password and keeps a session under the token's hash. False when the person or the password is wrong. */
    async beginSession(body: { email: string; password: string }, begin: BeginningSession): Promise<boolean> {
      const begun = await beginning.run(begin, () => refusalAsNothing(api.signInEmail({ body })));
      return begun !== undefined;
    },
  };
}

// What the library refuses by itself is about address or password: an ordinary answer, not a failure.
async function refusalAsNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (failure) {
    if (isAPIError(failure) && failure.statusCode < 500) return undefined;
    throw failure;
  }
}
