/** Words of the pages before the portal: sign-in, sign-up, invitation, first workspace. */
export const strings = {
  signIn: {
    title: "Sign in",
    submit: "Sign in",
    noAccount: "No account yet?",
    signUp: "Sign up",
    invitedOnly: "Accounts are made by invitation. Ask an admin of your workspace for a link.",
  },
  signUp: {
    title: "Create your account",
    firstTitle: "Set up Hawser",
    first:
      "You are the first person here, so you become the instance admin: besides your own workspaces you look after this installation, its limits and its status.",
    submit: "Create account",
    haveAccount: "Already have an account?",
    signIn: "Sign in",
    passwordHint: "At least 10 characters.",
    closedTitle: "Sign-up is by invitation",
    closed: "This installation does not take new accounts by itself. Ask an admin of your workspace for a link.",
  },
  invite: {
    title: "You are invited",
    accept: "Join",
    goneTitle: "This invitation does not work any more",
    gone: "It was used, taken back, or is older than 7 days. Ask whoever sent it for a new one.",
    otherPerson: "Not you?",
  },
  firstWorkspace: {
    title: "Name your first workspace",
    text: "A workspace holds connections, syncs and members of its own; nothing is shared between two.",
  },
  connectFailed: {
    title: "This sign-in cannot be finished",
    lead: "You came back from a provider, but Hawser waits for no such sign-in. Nothing was changed.",
    next: "It may have been finished already, have taken longer than ten minutes, or have been begun in another browser or by somebody else. Open the connection and begin again there.",
    brokenLead: "You came back from a provider, but Hawser could not work on its answer. Nothing was changed.",
    brokenNext:
      "The cause is ours, not yours. Open the connection and begin again there; if it stays, tell your admin.",
    home: "Go to Hawser",
  },
} as const;
