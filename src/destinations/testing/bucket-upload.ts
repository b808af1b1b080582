/** What a test tells the process of bucket-uploading-process.ts, as JSON. */
export interface BucketUpload {
  service: "s3" | "supabase-storage";
  config: object;
  credential: Record<string, string>;
  /** In the place of the service's own, where they would be too large to be sent often. */
  partBytes?: number;
  size: number;
  /** As often it writes down how far it has come, to a file of this name. */
  every: number;
  memory: string;
  /** After so many of its source it waits to be killed. */
  pieces: number;
}
