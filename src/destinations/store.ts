/** What an object store does for a destination: the `store` of a provider, with the connection's call put in. */
export interface Store {
  readonly names: { readonly allowed?: RegExp; readonly longest: number };
  readonly parts: { bytes(size: number | undefined): number; readonly atOnce: number; readonly sizeFirst: boolean };
  put(name: string, object: StoreObject): Promise<"stored" | "exists">;
  begin(name: string, object: Omit<StoreObject, "bytes"> & { size?: number }): Promise<string>;
  part(name: string, upload: string, part: { number: number; start: number; bytes: Uint8Array }): Promise<string>;
  received?: (name: string, upload: string) => Promise<number>;
  complete(
    name: string,
    upload: string,
    whole: { tags: readonly string[]; replace: boolean },
  ): Promise<"stored" | "exists">;
  abandon(name: string, upload: string): Promise<void>;
  unfinished?: (at: { prefix: string; cursor?: string }) => Promise<{ items: StoreUpload[]; next?: string }>;
  head(name: string): Promise<{ size: number; mark?: string } | undefined>;
  read(name: string): Promise<{ bytes: ReadableStream<Uint8Array>; size?: number }>;
  copy(from: string, to: string): Promise<"copied" | "missing" | "too-large">;
  copyPart?: (
    name: string,
    upload: string,
    part: { number: number; from: string; start: number; end: number },
  ) => Promise<string>;
  remove(name: string): Promise<void>;
  list(at: { prefix: string; cursor?: string }): Promise<{ items: { name: string; size: number }[]; next?: string }>;
  /** What a failure of the provider's is to a destination; nothing where it is something else. */
  readFailure(error: unknown): StoreFailure | undefined;
}

export interface StoreObject {
  bytes: Uint8Array | ReadableStream<Uint8Array>;
  mediaType: string;
  mark: string;
  replace: boolean;
}

export interface StoreUpload {
  name: string;
  upload: string;
  begunAt: Date;
}

export interface StoreFailure {
  kind: "full" | "read-only" | "forbidden" | "unavailable" | "gone";
  message: string;
}
