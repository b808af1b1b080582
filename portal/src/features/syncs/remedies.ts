/** What a failure asks for: one table for files, folders, runs and whole syncs. */

export type Act =
  /** Sign in again, or whatever the connection needs. */
  | "mend_connection"
  /** Try the same once more. */
  | "again"
  /** A run that looks at the source finds out. */
  | "run"
  /** Something of the sync's settings has to be put right. */
  | "open_settings"
  /** Nothing: it goes on by itself. */
  | "wait";

export interface Remedy {
  act: Act;
  /** Whose turn it is and what to do, in a sentence. */
  turn: string;
}

const remedies: Readonly<Record<string, Remedy>> = {
  reauthorize: { act: "mend_connection", turn: "It is your turn: sign in again, and what waited goes on by itself." },
  connection_needs_authorization: {
    act: "mend_connection",
    turn: "It is your turn: sign in again, and what waited goes on by itself.",
  },
  connection_not_active: { act: "mend_connection", turn: "It is your turn: put the connection in order." },
  "wrong-account": { act: "mend_connection", turn: "It is your turn: sign in with the account that it was made with." },
  oauth_client_missing: { act: "mend_connection", turn: "It is your turn: enter the app to sign in through." },
  forbidden: { act: "again", turn: "It is your turn: give access at the source, then try again." },
  "not-found": { act: "run", turn: "Gone or moved since it was listed; the next run finds out." },
  rejected: { act: "again", turn: "The source does not give it out as it is. Put it right there, then try again." },
  "rate-limited": { act: "wait", turn: "The source asked us to slow down. The next run goes on by itself." },
  unavailable: { act: "wait", turn: "Nobody has to do anything: the next run tries again by itself." },
  uncertain: { act: "again", turn: "The answer was lost on its way. Try again." },
  "cursor-lost": { act: "run", turn: "The source has forgotten where we were; the next run lists it anew." },
  "unexpected-reply": { act: "again", turn: "Try again; if it stays, tell whoever runs Hawser." },
  destination_full: { act: "again", turn: "Free space at the destination; we look again every minute." },
  "destination_read-only": {
    act: "again",
    turn: "It is your turn: let Hawser write at the destination, then try again.",
  },
  destination_forbidden: {
    act: "again",
    turn: "It is your turn: let Hawser write at the destination, then try again.",
  },
  destination_unavailable: { act: "again", turn: "Bring the destination back; we look again every minute." },
  destination_obstructed: {
    act: "again",
    turn: "It is your turn: take away what lies in its place at the destination, then try again.",
  },
  destination_mismatch: { act: "again", turn: "It changed while it was read. Try again." },
  destination_missing: { act: "run", turn: "Its copy is gone from the destination; the next run brings it anew." },
  settings_not_usable: { act: "open_settings", turn: "It is your turn: put the settings right, then run it." },
  invalid_request: { act: "open_settings", turn: "It is your turn: put the settings right, then run it." },
  destination_in_use: {
    act: "open_settings",
    turn: "It is your turn: delete one of the two, or make this one anew with a folder of its own.",
  },
  not_possible: { act: "open_settings", turn: "It is your turn: put the settings right." },
  internal: { act: "again", turn: "Try again; if it stays, tell whoever runs Hawser." },
};

const unknownKind: Remedy = { act: "again", turn: "It is your turn: put it right, then try again." };

export const remedyOf = (kind: string | undefined): Remedy => (kind && remedies[kind]) || unknownKind;

/** Why a file has no bytes to be had, by what the source says. */
const unreadableWords: Readonly<Record<string, { one: string; many: string }>> = {
  shortcut: { one: "shortcut", many: "shortcuts" },
  not_exportable: { one: "document that cannot be exported", many: "documents that cannot be exported" },
  not_downloadable: { one: "file that may not be downloaded", many: "files that may not be downloaded" },
  package: { one: "notebook or other package", many: "notebooks or other packages" },
  malware: { one: "file that the source takes for malware", many: "files that the source takes for malware" },
  not_ready: { one: "file that is not ready yet", many: "files that are not ready yet" },
};

export function unreadableWord(reason: string, files: number): string {
  const words = unreadableWords[reason] ?? { one: "file without contents", many: "files without contents" };
  return files === 1 ? words.one : words.many;
}

/** Why a file is in the list without a copy, as a sentence. */
const reasons: Readonly<Record<string, string>> = {
  excluded: "The filters leave its path out.",
  not_included: "The filters take other paths only.",
  type: "The filters take other types only.",
  too_small: "It is smaller than the filters take.",
  too_large: "It is larger than the filters take.",
  shortcut: "It is a shortcut: it only points to a file elsewhere.",
  not_exportable: "It exists only at the source, and cannot be turned into any format that this sync takes.",
  not_downloadable: "Its owner or an administrator does not let it be downloaded.",
  package: "It is a notebook or another package: several things that look like one file.",
  malware: "The source takes it for malware and does not give it out.",
  vanished: "It was gone when it was to be copied. The next run looks again.",
  gone_at_source: "It is gone at the source, and this sync keeps it.",
  not_selected: "It lies outside of the folders that were chosen.",
  not_ready: "It is still being made or scanned at the source. The next run looks again.",
};

export const reasonWords = (reason: string): string => reasons[reason] ?? reason;
