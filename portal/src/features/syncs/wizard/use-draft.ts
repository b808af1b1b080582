import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../../../lib/api.ts";
import { discardDraft, draftQuery, saveDraft } from "../api.ts";
import { type Draft, emptyDraft, fromKept, isBegun } from "./draft.ts";
import { type DraftKeeper, type Keeping, keepDraft } from "./keep-draft.ts";

export interface DraftInUse {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** Begins anew, also on the server. */
  startOver: () => void;
  /** The draft has become a sync: the server may forget it. What is on the page stays. */
  finish: () => void;
  keeping: Keeping;
}

/** The draft in this page, and kept on the server. `kept` is what was found there, null for nothing. */
export function useDraft(workspace: string, kept: Record<string, unknown> | null, mayKeep: boolean): DraftInUse {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => fromKept(kept));
  const [keeping, setKeeping] = useState<Keeping>("nothing");
  const keeper = useRef<DraftKeeper<Draft>>(undefined);
  const latest = useRef(draft);
  // As it was when the page opened; from then on the keeper knows.
  const [hasOne] = useState(kept !== null);

  useEffect(() => {
    if (!mayKeep) return;
    const made = keepDraft<Draft>({
      hasOne,
      save: (body) => saveDraft(workspace, { ...body }),
      forget: () => discardDraft(workspace),
      mayPass: (failure) =>
        failure instanceof ApiError &&
        (failure.code === "offline" || failure.code === "too_many_requests" || failure.status >= 500),
      tell: setKeeping,
    });
    keeper.current = made;
    return () => {
      keeper.current = undefined;
      made.leave();
    };
  }, [workspace, hasOne, mayKeep]);

  const show = useCallback((after: Draft) => {
    latest.current = after;
    setDraft(after);
  }, []);
  const change = useCallback(
    (part: Partial<Draft>) => {
      const after = { ...latest.current, ...part };
      show(after);
      const begun = isBegun(after);
      client.setQueryData(draftQuery(workspace).queryKey, begun ? { ...after } : null);
      if (begun) keeper.current?.keep(after);
      else keeper.current?.discard();
    },
    [client, workspace, show],
  );
  const finish = useCallback(() => {
    client.setQueryData(draftQuery(workspace).queryKey, null);
    keeper.current?.discard();
  }, [client, workspace]);
  const startOver = useCallback(() => {
    finish();
    show(emptyDraft);
  }, [finish, show]);

  return { draft, change, startOver, finish, keeping };
}
