import { AppError, ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Store, StoreFailure } from "#destinations/store.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import type { Call, ObjectStore } from "#provider-kit/provider.ts";

/** The store of one connection, as destinations know it. */
export function bindStore(store: ObjectStore, call: Call): Store {
  const { received, unfinished, copyPart } = store;
  return {
    names: store.names,
    parts: store.parts,
    put: (name, object) => store.put(call, name, object),
    begin: (name, object) => store.begin(call, name, object),
    part: (name, upload, part) => store.part(call, name, upload, part),
    ...(received && { received: (name, upload) => received(call, name, upload) }),
    complete: (name, upload, whole) => store.complete(call, name, upload, whole),
    abandon: (name, upload) => store.abandon(call, name, upload),
    ...(unfinished && { unfinished: (at) => unfinished(call, inPages(at)) }),
    head: (name) => store.head(call, name),
    read: (name) => store.read(call, name),
    copy: (from, to) => store.copy(call, from, to),
    ...(copyPart && { copyPart: (name, upload, part) => copyPart(call, name, upload, part) }),
    remove: (name) => store.remove(call, name),
    list: (at) => store.list(call, inPages(at)),
    readFailure,
  };
}

const inPages = ({ prefix, cursor }: { prefix: string; cursor?: string }): { prefix: string; cursor?: Cursor } => ({
  prefix,
  // The provider has made it.
  ...(cursor !== undefined && { cursor: cursor as Cursor }),
});

const kinds: Readonly<Record<ProviderError["kind"], StoreFailure["kind"]>> = {
  reauthorize: "forbidden",
  forbidden: "forbidden",
  "not-found": "gone",
  rejected: "forbidden",
  "rate-limited": "unavailable",
  unavailable: "unavailable",
  uncertain: "unavailable",
  "cursor-lost": "unavailable",
  "unexpected-reply": "unavailable",
};

function readFailure(error: unknown): StoreFailure | undefined {
  if (error instanceof ProviderError) {
    const { storage, kind, message } = error;
    // One object that is too large is nothing to the others.
    return { kind: storage === undefined || storage === "too-large" ? kinds[kind] : storage, message };
  }
  if (error instanceof OutboundError) return { kind: "unavailable", message: error.message };
  if (error instanceof AppError && (error.code === "secret_origin_denied" || error.code === "address_refused")) {
    return { kind: "forbidden", message: error.message };
  }
  return undefined;
}
