export interface Filters {
  /** Globs over the path below the drive; none: everything. */
  include: string[];
  exclude: string[];
  /** Extensions such as `pdf`, or `*`. */
  types: string[];
  min_bytes: number | null;
  max_bytes: number | null;
}

export interface MetadataRule {
  pattern: string;
  parts: Record<string, { normalize: Normalization[]; dictionary: Record<string, string> }>;
  set: Record<string, string>;
}

export type Normalization = "trim" | "collapse_spaces" | "lower" | "upper" | "title" | "strip_numbering";

/** A file as filters see it. `path` is the full path of the file below the drive, without a leading `/`. */
export interface FileToJudge {
  name: string;
  path: string;
  size: number | undefined;
  mediaType: string | undefined;
}

export type SkipReason = "excluded" | "not_included" | "type" | "too_small" | "too_large";

export type Verdict = { keep: true } | { keep: false; reason: SkipReason };
