import type { FileId } from "#core/ids.ts";
import type { Failure } from "../sync.ts";

/** In what replica and source are not the same. */
export interface Difference {
  kind: /** At the source and in scope, but not here. */
    | "missing_here"
    /** Here as if it were there, but not at the source, or not in scope. */
    | "missing_at_source"
    /** At both, but not the same: name, place, version, or not copied. */
    | "different"
    /** The object at the destination is not there, or is not what was stored. */
    | "bytes_missing"
    /** A folder that the source does not list: nothing is known of what is in it. */
    | "not_listed";
  name: string;
  path: string;
  fileId?: FileId | undefined;
  detail: string;
}

export interface Verification {
  state: "queued" | "running" | "done" | "failed";
  /** Files and folders looked at so far. */
  checked: number;
  /** How many differences there are; `differences` has the first thousand. */
  different: number;
  differences: Difference[];
  failure?: Failure | undefined;
  createdAt: Date;
  startedAt?: Date | undefined;
  finishedAt?: Date | undefined;
}

export const MOST_KEPT = 1_000;
