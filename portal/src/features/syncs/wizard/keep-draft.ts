/** What the server has: nothing to keep, a save that is due, everything, or not yet what it should. */
export type Keeping = "nothing" | "due" | "saved" | "failed";

export interface DraftKeeper<Draft> {
  keep(draft: Draft): void;
  discard(): void;
  /** Nobody looks any more: what is due is sent now, and not tried again. */
  leave(): void;
}

const QUIET_MS = 800;
/** Each save is an entry of the audit log: nobody types so much that it needs more of them. */
const APART_MS = 2_000;
const AGAIN_MS = 5_000;

/** Keeps a draft on the server, 800 ms after its last change. One request at a time, so that the last word is the last. */
export function keepDraft<Draft>(server: {
  save(draft: Draft): Promise<unknown>;
  forget(): Promise<unknown>;
  /** Whether the same request may go well later. */
  mayPass(failure: unknown): boolean;
  /** Whether there is a draft now. */
  hasOne: boolean;
  tell(keeping: Keeping): void;
}): DraftKeeper<Draft> {
  let wanted: { draft: Draft } | "none" | undefined;
  let { hasOne } = server;
  let busy = false;
  let left = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const sendIn = (ms: number) => {
    clearTimeout(timer);
    // Whoever is at it looks afterwards what is due by then.
    if (!busy) timer = setTimeout(send, Math.max(ms, sentAt + APART_MS - Date.now()));
  };

  const send = async () => {
    const sending = wanted;
    if (sending === undefined || busy) return;
    wanted = undefined;
    busy = true;
    sentAt = Date.now();
    let next = QUIET_MS;
    try {
      await (sending === "none" ? server.forget() : server.save(sending.draft));
      hasOne = sending !== "none";
      if (wanted === undefined) server.tell(hasOne ? "saved" : "nothing");
    } catch (failure) {
      server.tell("failed");
      if (!left && server.mayPass(failure)) wanted ??= sending;
      next = AGAIN_MS;
    }
    busy = false;
    if (wanted !== undefined) sendIn(left ? 0 : next);
  };

  return {
    keep(draft) {
      wanted = { draft };
      server.tell("due");
      sendIn(QUIET_MS);
    },
    discard() {
      const nothingThere = !hasOne && !busy;
      wanted = nothingThere ? undefined : "none";
      server.tell("nothing");
      if (!nothingThere) sendIn(0);
    },
    leave() {
      left = true;
      clearTimeout(timer);
      void send();
    },
  };
}
