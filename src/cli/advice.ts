// What to do about something that a check has found: plain values in, one sentence out.
import type { Mend } from "#domain/connections/connection-card.ts";

export interface Wrong {
  kind: string;
  message: string;
}

/** `page` is the address of the page in the portal that the sentence leads to. */
export const adviceForConnection = (
  { kind }: Wrong,
  about: { mend: Mend; sandboxIsOff: boolean; page: string },
): string => {
  if (about.sandboxIsOff)
    return 'It was made with the sandbox: start that, with "hawser start" or "hawser sandbox start".';
  if (kind === "address_refused") {
    return "Name the host and port in HAWSER_PRIVATE_HOSTS if it lies in your own network; http needs HAWSER_ALLOW_HTTP.";
  }
  switch (about.mend) {
    case "authorize":
      return `Let somebody sign in there again: ${about.page}`;
    case "enter_credential":
      return `Enter its credential again: ${about.page}`;
    case "set_oauth_client":
      return `Set the OAuth client that people sign in with, id, secret and redirect address: ${about.page}`;
    case "wait":
      return `It is tried again by itself. If it lasts, what it says is out of reach has to be put right: ${about.page}`;
    case "test":
    case "none":
      return `Look at its config: ${about.page}`;
  }
};

/** `account` is whom the connection is signed in as. */
export const adviceForDrive = ({ kind }: Wrong, about: { account: string | undefined; page: string }): string =>
  ({
    "not-found": `It is not there any more, or is not shown to ${about.account ?? "this connection"}. Choose another one: ${about.page}`,
    forbidden: `Give ${about.account ?? "the connection's account"} access to it at the provider, or choose another one: ${about.page}`,
    "rate-limited": "The provider asks for patience. Try again in some minutes.",
    unavailable: "Try again in some minutes; for a local folder: is its disk mounted?",
  })[kind] ?? `Look at what is chosen: ${about.page}`;

/** `page` is that of the sync, or of the connection that leads to the bucket. */
export const adviceForDestination = ({ kind }: Wrong, { page }: { page: string }): string =>
  ({
    full: "Make room there. What waits goes on by itself.",
    "read-only": "Mount it so that it can be written to.",
    forbidden: "Let the user that Hawser runs as write there, or mend the key that it is called with.",
    unavailable: "Is its disk mounted, does its server answer?",
    obstructed: "Something that is not Hawser's lies in the way. Move it, or choose another folder.",
    invalid_request: `Open it with HAWSER_DESTINATION_ROOTS, or choose another one: ${page}`,
  })[kind] ?? `Put it right, or choose another one: ${page}`;
