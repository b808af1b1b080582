import type { FailureKind, StorageRefusal } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Schema } from "#core/schema.ts";
import type { Auth, AuthType } from "./auth.ts";
import type { HttpFailure, ProviderHttp } from "./http.ts";

/**
 * A provider is a description and the parts it has. A part that is absent is something the provider cannot do;
 * nothing else declares it.
 */
export interface Provider<Config = unknown> {
  readonly key: string;
  readonly name: string;
  /** One sentence for its card: what a person gets from connecting it. */
  readonly description: string;
  readonly category: Category;
  readonly glyph: Glyph;
  /** What a person fills in besides the credential. */
  readonly config?: Schema<Config>;
  /**
   * Where it may be called. The first address is the one plain paths belong to; `*` stands for a subdomain. Absent
   * for a provider that calls nobody: its `call.http` refuses every request.
   */
  addresses?(config: Config, kept: KeptValues): readonly [string, ...string[]];
  /** The ways to sign in, best first. */
  auth(config: Config): readonly [Auth, ...Auth[]];
  /** What a person has to do at the provider before the first sign-in, in steps; `{redirect_uri}` stands for ours. */
  readonly setup?: Partial<Readonly<Record<AuthType, readonly string[]>>>;
  /** Still works, but the provider gives it to nobody new: why, and what to do instead. */
  readonly legacy?: string;
  readonly pace?: { readonly requestsPerSecond: number; readonly atOnce: number };
  /**
   * What one account may ask in a while, where that is published but no answer tells what is left of it: what is asked is
   * counted, and shown as our own count. Absent where answers tell it in `RateLimit-*`, or where it is not known.
   */
  readonly allowance?: Allowance;

  /** The cheapest signed-in call there is: whose account is this, and does the credential still work? */
  check(call: FirstCall<Config>): Promise<Account>;
  /** Reads the provider's own way of failing. Silence means the HTTP status tells enough. */
  explain?(failure: HttpFailure): Explained | undefined;

  readonly files?: FileSource<Config>;
  readonly store?: ObjectStore<Config>;
  readonly actions?: Readonly<Record<string, Action<Config>>>;
  readonly publisher?: Publisher<Config>;
  readonly webhooks?: Webhooks<Config>;
  readonly handoff?: HandoffReceiver<Config>;
}

export interface Explained {
  kind: FailureKind;
  message?: string;
  retryAt?: Date;
  /** For a store: what it is about, where that is room or rights. */
  storage?: StorageRefusal;
  /** The provider's own word for it, where its parts ask for that. */
  code?: string;
}

export interface Allowance {
  readonly requests: number;
  readonly perSeconds: number;
  /** For which accounts it is so, where it is not so for all: a sentence that stands beside the figure. */
  readonly note?: string;
}

export type Category = "files" | "publishing" | "processing" | "custom";

/** Two letters on a coloured tile; we use nobody's trademark. */
export interface Glyph {
  readonly letters: string;
  readonly hue: "teal" | "blue" | "violet" | "magenta" | "red" | "orange" | "green" | "slate";
}

/** Values that the provider told when it was connected: ids, hosts. */
export type KeptValues = Readonly<Record<string, string>>;

/** What a provider is handed with every call. There is no token in it. */
export interface Call<Config = unknown> extends FirstCall<Config> {
  readonly account: Account;
}

/** The same, before we know whose account it is. */
export interface FirstCall<Config = unknown> {
  readonly http: ProviderHttp;
  readonly config: Config;
  readonly kept: KeptValues;
  /** The way to sign in that the connection uses. */
  readonly auth: AuthType;
  readonly signal: AbortSignal;
}

/** `id` never changes for the same account: a connection stays pinned to it (SR-42). `label` is for people. */
export interface Account {
  id: string;
  label: string;
  /** What the check has found out that later calls need. */
  kept?: KeptValues;
}

// ── files ────────────────────────────────────────────────────────────────────

/** Every method is one request's worth of work; failures are a `ProviderError`. */
export interface FileSource<Config = unknown> {
  /**
   * Its hashes are of what was stored, and what it gives may be something else and right all the same: labelled
   * documents, photos that move. Bytes that come the same again and again are believed.
   */
  readonly hashesMayDiffer?: true;
  /** The trees this account can see: drives, sites, projects. */
  drives(call: Call<Config>, cursor?: Cursor): Promise<Page<Drive>>;
  /**
   * One page of what lies directly in a folder, or at the top of the drive. Whatever lies there during the whole
   * listing is in exactly one page; the order is the provider's own.
   */
  list(call: Call<Config>, at: ListPlace): Promise<Page<RemoteFile>>;
  /**
   * One page of everything in a drive, folders and files in any order, for a provider to which that is cheaper than
   * folder by folder. What is there during the whole listing is in at least one page; what lies in no folder that was
   * listed is nobody's. Folders should come first: what comes before its folder has to be asked for again. Nothing for a
   * drive that can be listed folder by folder only, which is said without a request.
   */
  listAll?(call: Call<Config>, at: { drive: RemoteId; cursor?: Cursor }): Promise<Page<RemoteFile> | undefined>;
  /** One page of the folders of a drive whose names have this text in them, in any case. */
  findFolders?(call: Call<Config>, at: { drive: RemoteId; text: string; cursor?: Cursor }): Promise<Page<RemoteFile>>;
  get(call: Call<Config>, ref: RemoteRef): Promise<RemoteFile>;
  /** The bytes from `from` on, as a stream that stops when the call's signal does. `as` is one of the file's `exports`. */
  read(call: Call<Config>, ref: RemoteRef, options?: { from?: number; as?: string }): Promise<FileContent>;
  /**
   * What changed in a drive after the cursor, as it is now: somebody who comes late sees the last state only, in any
   * order and perhaps twice. Without a cursor: no changes, only the cursor to start from. A folder stands for all that
   * lies in it: that it moved, went or came back is one change.
   */
  changes?(call: Call<Config>, at: { drive: RemoteId; since?: Cursor }): Promise<ChangePage>;
}

export interface Drive {
  id: RemoteId;
  name: string;
  /** What people group drives by where there are several sorts: “Shared drives”, a site, a hub. */
  group?: string;
}

export interface ListPlace {
  drive: RemoteId;
  /** Absent for the top of the drive. */
  folder?: RemoteId;
  /** The folder's own `locator`, when it was listed with one. */
  locator?: string;
  cursor?: Cursor;
}

export interface RemoteRef {
  drive: RemoteId;
  id: RemoteId;
  /** The file's `locator`, when it was listed with one. */
  locator?: string;
}

export interface RemoteFile {
  /** Stays the same while the file is renamed, moved and edited. */
  id: RemoteId;
  /**
   * Where the file was seen, for a provider that cannot open one by its id alone. Opaque; kept beside the file and
   * handed back with its id. A stale one is answered with `not-found`, never with another file.
   */
  locator?: string;
  name: string;
  /** Missing for what lies at the top. A file moves by this alone. */
  folder?: RemoteId;
  isFolder: boolean;
  mediaType?: string;
  link?: string;
  createdAt?: Date;
  modifiedAt: Date;
  /** Missing for folders, and when the provider cannot tell before the bytes are made, as for an exported document. */
  size?: number;
  hash?: RemoteHash;
  /** Differs whenever the bytes differ, and only then. Says nothing for folders. */
  version: string;
  /** Media types the provider can turn this file into; empty when it has bytes of its own. */
  exports: readonly string[];
  /** Why there are no bytes to be had, where there are none: the file is kept as a row only. */
  unreadable?: Unreadable;
  /**
   * Folders only, of a provider that rolls changes up: another text whenever anything at any depth below it has
   * changed. A folder that was listed whole and still says the same is not asked again.
   */
  rollup?: string;
  /** What else the provider tells and people may want to see: who changed it, its version number. Small; no secrets. */
  metadata?: Readonly<Record<string, string | number | boolean>>;
}

export interface RemoteHash {
  algorithm: "md5" | "sha1" | "sha256" | "quickxor";
  /** In hexadecimal digits; of `quickxor` in Base64. */
  value: string;
}

export type Unreadable =
  /** It only points to a file or folder elsewhere. */
  | "shortcut"
  /** The provider can turn it into nothing: forms, maps, sites. */
  | "not_exportable"
  /** Its owner or an administrator does not let it be downloaded. */
  | "not_downloadable"
  /** Several things that look like one: a notebook. */
  | "package"
  /** The provider takes it for malware. */
  | "malware"
  /** It is still being made at the provider, or being scanned. */
  | "not_ready";

export interface FileContent {
  bytes: ReadableStream<Uint8Array>;
  mediaType: string;
  /** How many bytes the stream holds: what is left after `from`. */
  size?: number;
  /** The version these bytes were opened at, when the provider tells with the bytes. */
  version?: string;
  /** Of that version's bytes from the first to the last, wherever these begin, when the provider tells with the bytes. */
  hash?: RemoteHash;
}

export type Change = { kind: "changed"; file: RemoteFile } | { kind: "gone"; id: RemoteId };

export interface ChangePage {
  changes: Change[];
  /** Always present: the place to ask from next, even when nothing changed. */
  next: Cursor;
  more: boolean;
}

// ── storing ──────────────────────────────────────────────────────────────────

/**
 * Keeps objects under names, in the one bucket that the connection's config tells. Every method is one request's worth
 * of work; failures are a `ProviderError`, whose `storage` tells those that are about room and rights.
 */
export interface ObjectStore<Config = unknown> {
  readonly names: StoreNames;
  readonly parts: StoreParts;
  /** Stores a small object whole. `exists`: there is one already, and nothing was asked to be replaced. */
  put(call: Call<Config>, name: string, object: NewObject): Promise<"stored" | "exists">;
  /** Begins to send an object in parts. Answers what the parts belong to. */
  begin(call: Call<Config>, name: string, object: Omit<NewObject, "bytes"> & { size?: number }): Promise<string>;
  /** Sends a part; the same one twice does no harm. Answers what `complete` wants to know of it. */
  part(call: Call<Config>, name: string, upload: string, part: StorePart): Promise<string>;
  /** How many bytes have come, where parts are sent one behind the other and none twice. `not-found`: begin anew. */
  received?(call: Call<Config>, name: string, upload: string): Promise<number>;
  /** Makes the parts one object. `not-found`: begin anew. */
  complete(
    call: Call<Config>,
    name: string,
    upload: string,
    whole: { tags: readonly string[]; replace: boolean },
  ): Promise<"stored" | "exists">;
  /** What is gone already is as good as given up. */
  abandon(call: Call<Config>, name: string, upload: string): Promise<void>;
  /** One page of what has begun and not been completed, where it does not end by itself. */
  unfinished?(call: Call<Config>, at: { prefix: string; cursor?: Cursor }): Promise<Page<Unfinished>>;
  /** What there is under a name; nothing when nothing is. */
  head(call: Call<Config>, name: string): Promise<{ size: number; mark?: string } | undefined>;
  read(call: Call<Config>, name: string): Promise<FileContent>;
  /** Copies within the bucket, mark and all. `missing`: there is nothing to copy. */
  copy(call: Call<Config>, from: string, to: string): Promise<"copied" | "missing" | "too-large">;
  /** For what is too large to be copied at once: a part that is filled from another object. */
  copyPart?(
    call: Call<Config>,
    name: string,
    upload: string,
    part: { number: number; from: string; start: number; end: number },
  ): Promise<string>;
  /** What is not there is removed already. */
  remove(call: Call<Config>, name: string): Promise<void>;
  /** One page of the names that begin so, in the order of their bytes. */
  list(call: Call<Config>, at: { prefix: string; cursor?: Cursor }): Promise<Page<{ name: string; size: number }>>;
}

/** Whoever names objects writes what is not allowed in another way, and cuts what is too long. */
export interface StoreNames {
  /** One character that is allowed; all are where it is absent. */
  readonly allowed?: RegExp;
  /** In bytes. */
  readonly longest: number;
}

export interface StoreParts {
  /** Of each part but the last, for an object of this size. What is not larger is sent whole. */
  bytes(size: number | undefined): number;
  /** How many may be under way; with more than one they come in any order. */
  readonly atOnce: number;
  /** The size has to be known before the first part is sent. */
  readonly sizeFirst: boolean;
}

export interface NewObject {
  bytes: Uint8Array | ReadableStream<Uint8Array>;
  mediaType: string;
  /** Kept beside the bytes: by it an object is known again, and told from those that are not ours. */
  mark: string;
  /** Whether what may be there is to go. */
  replace: boolean;
}

export interface StorePart {
  /** From 1 on. */
  number: number;
  /** Where its first byte stands in the object. */
  start: number;
  bytes: Uint8Array;
}

export interface Unfinished {
  name: string;
  upload: string;
  begunAt: Date;
}

// ── actions ──────────────────────────────────────────────────────────────────

export interface Action<Config = unknown, Input = unknown, Output = unknown> {
  readonly name: string;
  readonly input: Schema<Input>;
  readonly output: Schema<Output>;
  /** `reads` may be repeated freely; `writes` is guarded by the key. */
  readonly effect: "reads" | "writes";
  /** Seconds that an answer may be kept and given again; only of one that reads. */
  readonly cacheTtlS?: number;
  run(call: Call<Config>, input: Input, key: string): Promise<Output>;
}

// ── publishing ───────────────────────────────────────────────────────────────

export interface Publisher<Config = unknown> {
  /** What this network accepts, so that a post can be refused before it is sent. */
  readonly accepts: { title: boolean; markdown: boolean; characters?: number; images?: number };
  /** Makes the post live; goes on from what `find` found, when something was. */
  publish(call: Call<Config>, post: Post, key: string, found?: Found): Promise<Found>;
  /** Did an earlier try with this key leave anything behind? Asked before a try is repeated. */
  find?(call: Call<Config>, post: Post, key: string, since: Date): Promise<Found | undefined>;
}

export interface Post {
  title?: string;
  text: string;
  link?: string;
  images: readonly { open(): Promise<ReadableStream<Uint8Array>>; mediaType: string; size: number; alt: string }[];
}

export interface Found {
  id: string;
  state: "draft" | "live";
  url?: string;
}

// ── webhooks ─────────────────────────────────────────────────────────────────

/** Tells us that something in a drive has changed: a hint only, which the change feed then proves (SR-68). */
export interface Webhooks<Config = unknown> {
  /** `since`: the cursor from which on changes are wanted, where the provider asks for one. */
  subscribe(
    call: Call<Config>,
    to: { drive: RemoteId; url: string; secret: string; since?: Cursor; expiresAt: Date },
  ): Promise<Subscription>;
  /** Absent where a new one has to be made in time. @throws ProviderError not-found: make a new one */
  renew?(call: Call<Config>, subscription: Subscription, expiresAt: Date): Promise<Subscription>;
  /** One that is gone already is as good as ended. */
  unsubscribe(call: Call<Config>, subscription: Subscription): Promise<void>;
  /** Proves a delivery genuine and reads it. No network, no clock: the same delivery always gives the same answer. */
  receive(delivery: Delivery, secret: string): Receipt;
}

export interface Subscription {
  id: string;
  /** What it takes besides the id to end it. Opaque. */
  locator?: string;
  expiresAt?: Date;
}

export interface Delivery {
  headers: Headers;
  query: URLSearchParams;
  body: Uint8Array;
}

export type Receipt =
  /**
   * `id` is the same when the same notice comes again; absent where the provider gives its notices none, so that two of
   * them may look the same. `asks` where the provider says that no more will come: until the subscription has been
   * renewed, or ever.
   */
  | { kind: "genuine"; id?: string; asks?: "renew" | "subscribe" }
  /** The provider is testing that we are here; answer exactly so. */
  | { kind: "handshake"; reply: { status: number; body: string } }
  | { kind: "refused"; reason: string };

// ── hand-off ─────────────────────────────────────────────────────────────────

/** Is told about each file that has been stored, at least once, and answers what it makes of it. */
export interface HandoffReceiver<Config = unknown> {
  /**
   * What it is told of a document: a text that is kept, so that every attempt sends the same. No network, no clock.
   * `bytes`: whether the bytes go with it. A document that it can never take is refused here.
   */
  write(config: Config, document: HandedDocument): { payload: string; bytes: boolean } | { refused: string };
  /** One attempt. Never throws because of an answer, whatever it is; a ProviderError where none came. */
  deliver(call: Call<Config>, attempt: HandoffAttempt): Promise<HandoffAnswer>;
  /**
   * Proves what it reports later genuine and reads it; nothing where it is not. No network. `secret` is the one that was
   * made for it.
   */
  receive?(config: Config, delivery: Delivery, secret: string, now: Date): HandoffReport | undefined;
}

/** What became of a document, as its receiver says. */
export interface HandoffReport {
  /** The id that it was told of. */
  document: string;
  at: Date;
  ok: boolean;
  job?: string;
  /** Why not, in its words. */
  reason?: string;
  /** What came of it, as JSON. */
  body?: string;
}

/** A stored file, as a receiver hears of it. */
export interface HandedDocument {
  id: string;
  name: string;
  /** Names of the folders above it at the source, from the top. */
  path: readonly string[];
  mediaType: string | null;
  size: number;
  sha256: string;
  /** Key of the provider it came from. */
  source: string;
  sourceId: string;
  sourceVersion: string;
  modifiedAt?: Date | undefined;
  metadata: Readonly<Record<string, string>>;
  storage: { kind: string; bucket: string; path: string };
}

export interface HandoffAttempt {
  /** The same at every attempt for this version of this file. */
  id: string;
  /** 1 for the first. */
  number: number;
  payload: string;
  /** The stored bytes, opened when they are asked for. Absent where they do not go with it. */
  bytes?: { size: number; open(): Promise<ReadableStream<Uint8Array>> } | undefined;
  /** Where the receiver can read it, should it not take the bytes. */
  storage: HandedDocument["storage"];
}

export type HandoffAnswer = { status: number; text: string } & (
  | { kind: "accepted"; duplicate: boolean; job?: string | undefined }
  /** It does not take this document. */
  | { kind: "refused"; reason: string }
  /** Try again, not before this moment where it said so. */
  | { kind: "later"; reason: string; retryAt?: Date | undefined }
  /** Not this document but the connection is at fault: nothing more is sent until that is mended. */
  | { kind: "closed"; because: FailureKind; reason: string }
);
