/** A pretend service that is signed in to with something a person copies from its pages, and not by OAuth. */
export interface GivesCredentials {
  /** What works now; `fields` are those that a person enters (`credentialSchema`). */
  credentials(): { account: string; fields: Readonly<Record<string, string>> }[];
  /** Ends all of them, and gives new ones. */
  revokeCredentials(): void;
}
