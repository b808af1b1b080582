import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import { cn } from "../../lib/cn.ts";
import type { ConnectionView } from "../../lib/contract.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { connectionsQuery, destinationsQuery, draftQuery, drivesOf, drivesQuery, useSyncActions } from "./api.ts";
import { usePreview } from "./parts/use-preview.ts";
import { SyncsCrumb } from "./sync-page.tsx";
import {
  type Draft,
  emptyDraft,
  missingIn,
  type StepKey,
  stepKeys,
  stepOfPointer,
  suggestDestination,
  suggestName,
  toNewSync,
} from "./wizard/draft.ts";
import type { Keeping } from "./wizard/keep-draft.ts";
import { StepNav } from "./wizard/step-nav.tsx";
import { Step } from "./wizard/steps.tsx";
import { Summary } from "./wizard/summary.tsx";
import { useDraft } from "./wizard/use-draft.ts";

/** A new sync, with what the person has entered of it before. */
export function SyncWizardPage() {
  const workspace = useWorkspace();
  // Who may not make syncs has no draft, but may look.
  const mayKeep = useForbidden("member") === undefined;
  const { data: kept, error, refetch } = useQuery({ ...draftQuery(workspace.id), enabled: mayKeep });
  if (!mayKeep || kept !== undefined) return <Wizard key={workspace.id} kept={kept ?? null} mayKeep={mayKeep} />;
  return (
    <>
      <PageHead title="New sync" crumbs={[<SyncsCrumb key="syncs" />]} />
      {error ? (
        <FailedState what="Your draft could not be loaded" error={error} onRetry={refetch} />
      ) : (
        <div role="status" aria-label="Loading your draft" className="grid grid-cols-1 gap-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-64" />
        </div>
      )}
    </>
  );
}

const keepingWords: Record<Keeping, string> = {
  nothing: "",
  due: "",
  saved: "Draft saved",
  failed: "Draft not saved yet",
};

/** Five steps, each with what it would do to real files, and the whole of it beside. */
function Wizard({ kept, mayKeep }: { kept: Record<string, unknown> | null; mayKeep: boolean }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const { draft, change, startOver, finish, keeping } = useDraft(workspace.id, kept, mayKeep);
  const [at, setAt] = useSearchState("step", "what");
  const step: StepKey = stepKeys.find((key) => key === at) ?? "what";
  const connections = useQuery(connectionsQuery(workspace.id));
  const connection = connections.data?.items.find((one) => one.id === draft.connection);
  const name = draft.name || suggestName(draft, connection?.name);
  const destinations = useQuery(destinationsQuery(workspace.id));
  const destination = draft.destination ?? suggestDestination(destinations.data?.roots ?? [], name);
  const check = useNameCheck(workspace.id, "sync", name);
  const preview = usePreview({ ...draft, drive: draft.drive?.id ?? "" });
  const [busy, setBusy] = useState<"run" | "keep">();
  const [failure, setFailure] = useState<unknown>();
  const [missing, setMissing] = useState<string>();
  const panel = useRef<HTMLDivElement>(null);
  useWantedConnection(draft.connection, change);
  useOnlyConnection(draft, connections.data?.items, change);
  useOnlyDrive(draft, change);

  const go = (key: StepKey) => {
    setAt(key);
    // The next step begins at its first control, not where the button was.
    requestAnimationFrame(() => panel.current?.focus());
  };
  const place = stepKeys.indexOf(step);
  const next = stepKeys[place + 1];
  const before = stepKeys[place - 1];
  const errorAt = (pointer: string) => (failure instanceof ApiError ? failure.at(pointer) : undefined);

  const create = async (run: boolean) => {
    const lacks = missingIn(draft, name) ?? (check.error ? { step: "what" as const, what: check.error } : undefined);
    setMissing(lacks?.what);
    if (lacks) return go(lacks.step);
    setBusy(run ? "run" : "keep");
    setFailure(undefined);
    try {
      const made = await actions.create(toNewSync(draft, name, destination), run);
      finish();
      toast(run ? `${made.name} is made, its first run has begun.` : `${made.name} is made.`);
      await navigate({ to: "/w/$workspace/syncs/$sync", params: { workspace: workspace.slug, sync: made.id } });
    } catch (error) {
      setFailure(error);
      const first = error instanceof ApiError ? error.errors[0] : undefined;
      if (first) go(stepOfPointer(first.pointer));
    } finally {
      setBusy(undefined);
    }
  };

  return (
    <>
      <PageHead
        title="New sync"
        crumbs={[<SyncsCrumb key="syncs" />]}
        facts="Nothing is copied before you say so. What you enter is kept as your draft until then."
        actions={
          <>
            <span role="status" className="text-xs text-muted">
              {keepingWords[keeping]}
            </span>
            {draft !== emptyDraft && (
              <Button kind="quiet" onClick={startOver}>
                Start over
              </Button>
            )}
          </>
        }
      />
      <div
        className={cn(
          "grid grid-cols-1 items-start gap-4",
          // Rules and the paths they read need the whole width; the summary then stands below.
          step !== "metadata" && "xl:grid-cols-[minmax(0,1fr)_320px]",
        )}
      >
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <StepNav current={step} draft={draft} name={name} onGo={go} />
          <Card>
            <div ref={panel} tabIndex={-1} className="p-4 outline-none">
              <Step
                step={step}
                draft={draft}
                change={(part) => {
                  setMissing(undefined);
                  change(part);
                }}
                name={name}
                destination={destination}
                nameError={check.error ?? errorAt("/name")}
                nameHint={check.hint}
                preview={preview}
                connections={connections}
                errorAt={errorAt}
              />
            </div>
            {missing && (
              <p role="alert" className="px-4 pb-3 text-bad">
                {missing}
              </p>
            )}
            {failure !== undefined && (
              <FailedState className="mx-4 mb-3" what="The sync could not be made" error={failure} />
            )}
            <div className="flex flex-wrap items-center gap-2 border-t border-border px-4 py-3">
              {before && <Button onClick={() => go(before)}>Back</Button>}
              <span className="ml-auto flex flex-wrap gap-2">
                {next ? (
                  <Button kind={connections.data?.items.length === 0 ? "plain" : "primary"} onClick={() => go(next)}>
                    Continue
                  </Button>
                ) : (
                  <>
                    <Button
                      busy={busy === "keep"}
                      disabled={forbidden ?? busy === "run"}
                      onClick={() => void create(false)}
                    >
                      Create only
                    </Button>
                    <Button
                      kind="primary"
                      icon={Play}
                      busy={busy === "run"}
                      disabled={forbidden ?? busy === "keep"}
                      onClick={() => void create(true)}
                    >
                      Create and run
                    </Button>
                  </>
                )}
              </span>
            </div>
          </Card>
        </div>
        <Summary draft={draft} name={name} destination={destination} connection={connection} preview={preview} />
      </div>
    </>
  );
}

/** `?connection=…`: the connection that somebody came from. It takes the place of a drafted one. */
function useWantedConnection(
  drafted: string,
  change: (part: { connection: string; drive: null; folders: [] }) => void,
) {
  const { connection: wanted } = useSearch({ strict: false });
  const taken = useRef("");
  useEffect(() => {
    if (!wanted || wanted === taken.current) return;
    taken.current = wanted;
    if (wanted !== drafted) change({ connection: wanted, drive: null, folders: [] });
  }, [wanted, drafted, change]);
}

/** One connection is no choice either. */
function useOnlyConnection(
  { connection }: Draft,
  offered: readonly ConnectionView[] | undefined,
  change: (part: Partial<Draft>) => void,
) {
  const { connection: wanted } = useSearch({ strict: false });
  const [only, ...more] = offered ?? [];
  const taken = connection === "" && !wanted && more.length === 0 ? only?.id : undefined;
  useEffect(() => {
    if (taken) change({ connection: taken });
  }, [taken, change]);
}

/** One drive is no choice: it is taken as soon as it is known, whichever step is open. */
function useOnlyDrive({ connection, drive }: Draft, change: (part: Partial<Draft>) => void) {
  const workspace = useWorkspace();
  const { data, hasNextPage } = useInfiniteQuery({
    ...drivesQuery(workspace.id, connection),
    enabled: connection !== "",
  });
  const [only, ...more] = drivesOf(data);
  const single = only && more.length === 0 && !hasNextPage;
  const wanted = single && drive?.id !== only.id ? only : undefined;
  useEffect(() => {
    if (wanted) change({ drive: { id: wanted.id, name: wanted.name } });
  }, [wanted, change]);
}
