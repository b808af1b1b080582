import type { AuthDatabase } from "#db/auth-database.ts";
import type { Keyring } from "#vault/keyring.ts";
import type { Library } from "./library.ts";

/** What the use cases of this folder need. */
export interface Identity {
  auth: AuthDatabase;
  /** `invited`: only with an invitation, apart from the very first person. */
  signUp: "open" | "invited";
  library(): Promise<Library>;
}

export interface IdentityOptions {
  auth: AuthDatabase;
  signUp: "open" | "invited";
  keyring: Keyring;
  publicUrl: string;
}

export function openIdentity({ auth, signUp, keyring, publicUrl }: IdentityOptions): Identity {
  let loading: Promise<Library> | undefined;
  return {
    auth,
    signUp,
    // Loaded at the first sign-in: the library takes a quarter of a second and 60 MB, and a worker never needs it.
    library: () => {
      loading ??= import("./library.ts").then(({ openLibrary }) => openLibrary({ auth, keyring, publicUrl }));
      return loading;
    },
  };
}
