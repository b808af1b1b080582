/** Words of the settings of a workspace. */
export const strings = {
  members: {
    title: "Members",
    lastOwner: "The last owner stays: make somebody else an owner first.",
    ownerOnly: "Only an owner changes owners.",
    linkOnce: "Copied. This link is not shown again.",
    inviteText:
      "The link is shown once, works for one person and ends after 7 days. Hawser sends no e-mail: pass it on yourself.",
  },
  apiKeys: {
    title: "API keys",
    empty: "A key lets a program use the API of this workspace, with a role of its own.",
    once: "This key is shown once. Keep it where secrets are kept; we store only its fingerprint.",
    copied: "Copied. This key is not shown again.",
  },
  secrets: {
    title: "Secrets",
    facts: "Named values that actions send and nobody reads again.",
    empty:
      "A secret is a value that headers and bodies of a custom provider refer to by its name, such as {{workspace.stripe_key}}.",
  },
  transfer: {
    title: "Export and import",
    facts: "Custom providers and connections as one file, without anything secret.",
    exportText:
      "The file holds custom providers and connections with their settings: no credentials, no tokens, no ids. It can be kept in a repository, or applied to another workspace.",
    importText:
      "First you see what a file would change. Applied, all of it happens or nothing. Connections arrive without credentials.",
  },
  workspace: {
    title: "Workspace",
  },
} as const;
