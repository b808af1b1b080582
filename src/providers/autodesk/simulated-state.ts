/** What administrators and Autodesk have decided at a pretend Autodesk. Can be changed at any time. */
export interface AutodeskState {
  /** Whether an account has let the app in; where none has, hubs are an empty list with warnings. */
  provisioned: boolean;
  /** Who is no project administrator: user id → the highest folders that are seen. Everybody else sees all. */
  readonly grants: Map<string, ReadonlySet<string>>;
  /** Folders and items that nobody who asks may see any more; no roll-up tells of it. */
  readonly closed: Set<string>;
  /** Projects that were just made: how many requests about them still fail. */
  readonly settling: Map<string, number>;
  /** Links to next pages are plain texts and no objects. */
  plainLinks: boolean;
  /** Each endpoint takes as many requests a minute as the real one. */
  limits: boolean;
  readonly search: {
    /** How late the index is. */
    delayMs: number;
    /** An app that asks for no user is refused. */
    needsUser: boolean;
  };
  readonly storage: {
    /** Where addresses of downloads lead, without a slash at the end, when that is another host. */
    origin: string | undefined;
    /** Whether the hash is told with them. */
    sha1: boolean;
    /** Parts of this many bytes of what is still being put together. */
    partBytes: number;
    /** Parts that were asked for are ignored, and everything is sent. */
    withoutRanges: boolean;
  };
  readonly webhooks: {
    /** How often a notice that was not taken is sent again at once. */
    retries: number;
    /** After so many notices in a row that were not taken a hook is inactive. */
    deactivateAfter: number;
    /** Every notice comes twice. */
    duplicates: boolean;
    timeoutMs: number;
  };
}

export const newAutodeskState = (): AutodeskState => ({
  provisioned: true,
  grants: new Map(),
  closed: new Set(),
  settling: new Map(),
  plainLinks: false,
  limits: false,
  search: { delayMs: 0, needsUser: false },
  storage: { origin: undefined, sha1: false, partBytes: 5 * 1024 * 1024, withoutRanges: false },
  webhooks: { retries: 1, deactivateAfter: 5, duplicates: false, timeoutMs: 7_000 },
});
